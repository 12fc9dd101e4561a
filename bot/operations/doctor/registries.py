"""Whether each registry lets the app in, look, read and delete. What may be deleted is asked; nothing is."""

from collections.abc import AsyncIterator, Iterator

from bot.errors import RegistryError
from bot.operations.doctor.finding import Check, Finding, fault, ok, warning
from bot.registry import Need, RegistryClient


async def look_at_registry(client: RegistryClient) -> AsyncIterator[Finding]:
    """Sign in, list, and ask what the identity may do in one repository."""
    name = client.name
    try:
        await client.sign_in()
    except RegistryError as error:
        yield fault(Check.SIGN_IN, error.problem, error.expected, about=name)
        return
    yield ok(Check.SIGN_IN, f"{client.host} takes the app's identity.", about=name)
    try:
        repository = await client.check()
    except RegistryError as error:
        yield fault(Check.LIST, error.problem, error.expected, about=name)
        return
    yield ok(Check.LIST, "The catalog can be listed.", about=name)
    if not repository:
        yield warning(
            Check.READ,
            "The registry has no repositories, so there is none to ask about rights in.",
            "Run this again once something has been pushed.",
            about=name,
        )
        return
    try:
        granted = await client.granted(repository)
    except RegistryError as error:
        yield fault(Check.READ, error.problem, error.expected, about=name)
        return
    for finding in _rights(granted, repository, name):
        yield finding


def _rights(granted: frozenset[str] | None, repository: str, name: str) -> Iterator[Finding]:
    if granted is None:
        yield warning(
            Check.READ,
            "The registry's token does not tell what it allows.",
            "Check the roles of the app's identity by hand.",
            about=name,
        )
        return
    missing = [action for action in ("metadata_read", "pull") if action not in granted]
    if missing:
        yield fault(
            Check.READ,
            f"The app may not look into {repository} (no {' and '.join(missing)}).",
            f"Give its identity the role {Need.READ.value}; a new role takes a few minutes to work.",
            about=name,
        )
    else:
        yield ok(Check.READ, f"Manifests and tags can be read, as of {repository}.", about=name)
    if "delete" in granted:
        locks = (
            "" if "metadata_write" in granted else "; locks may not be changed, which only /acr lock and unlock need"
        )
        yield ok(Check.DELETE, f"The app may delete, as from {repository}{locks}.", about=name)
    else:
        yield fault(
            Check.DELETE,
            f"The app may look into {repository} and not delete there: every approved run would fail.",
            f"Give its identity the role {Need.DELETE.value}; a new role takes a few minutes to work.",
            about=name,
        )
