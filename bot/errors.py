"""One tree of errors. Each carries the words that a person reads: what was wrong, what was expected, one example."""

from collections.abc import Sequence

# What examples are about where whoever makes them can't know what was asked.
_USUAL = "/acr untagged "


class JanitorError(Exception):
    """An error whose text is fit for a person; the base of all that this app raises on purpose.

    ``problem`` says what was wrong, ``expected`` what would be right, ``example`` is a line that works as it stands.
    ``mentions`` lists those Slack mentions in the texts (``<@U…>``, ``<!subteam^S…>``, ``<#C…>``) that are to stay
    mentions where everything else is escaped. ``see`` leads on: a label and the address of a card, none where there is
    none. ``on_record``: it was written down as a refusal already.
    """

    def __init__(self, problem: str, *, expected: str = "", example: str = "", mentions: Sequence[str] = ()) -> None:
        super().__init__(problem)
        self.problem = problem
        self.expected = expected
        self.example = example
        self.mentions = tuple(mentions)
        self.see: tuple[str, str] | None = None
        self.on_record = False

    def about(self, command: str, *needs: str) -> None:
        """Let the example be one of this command, where it is one of the usual command.

        Each of ``needs`` is something that the command can't do without: an option with its value, or what goes behind
        a repository, with the sign before it (``:v1.2``). ``|`` stands between the forms that there are of one; an
        example that has none of them gets the first.
        """
        if not self.example.startswith(_USUAL):
            return
        word, space, rest = self.example.removeprefix(_USUAL).partition(" ")
        for need in needs:
            first, *others = need.split(" | ")
            if first.startswith((":", "@")):
                word += "" if {":", "@"} & set(word) else first
            elif not any(form.split()[0] in rest.split() for form in (first, *others)):
                space, rest = " ", f"{first} {rest}".strip()
        self.example = f"{command} {word}{space}{rest}"

    def __str__(self) -> str:
        parts = [self.problem]
        if self.expected:
            parts.append(self.expected)
        if self.example:
            parts.append(f"For example: {self.example}")
        return " ".join(parts)


class ConfigurationError(JanitorError):
    """The settings do not fit. ``faults`` lists every fault that was found, not only the first."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        lines = "\n".join(f"  - {fault}" for fault in self.faults)
        super().__init__(f"The configuration has {len(self.faults)} fault(s):\n{lines}")


class BadInputError(JanitorError):
    """What somebody typed can't be understood."""


class RefusedError(JanitorError):
    """The request is understood, and this person may not do it, or not now."""


class ConflictError(JanitorError):
    """Somebody else was quicker: the thing is settled, gone or changed."""


class RegistryError(JanitorError):
    """The registry could not do what was asked. ``status`` is its HTTP status, None when it gave no answer."""

    def __init__(self, problem: str, *, expected: str = "", example: str = "", status: int | None = None) -> None:
        super().__init__(problem, expected=expected, example=example)
        self.status = status


class RegistryUnreachableError(RegistryError):
    """No answer: refused, reset, timed out, or a name that doesn't resolve."""


class RegistryDeniedError(RegistryError):
    """401 or 403: the app's identity may not do this, or a firewall stands before the registry."""


class RegistryThrottledError(RegistryError):
    """429, and it stayed so after the retries."""


class RegistryGarbledError(RegistryError):
    """An answer that is no answer of a registry: not JSON, cut short, or not of the expected shape."""


class RepositoryNotFoundError(RegistryError):
    """404 for a repository."""

    def __init__(self, registry: str, repository: str, nearest: Sequence[str] = ()) -> None:
        self.registry = registry
        self.repository = repository
        self.nearest = tuple(nearest)
        near = f"Nearest names: {', '.join(self.nearest)}." if self.nearest else ""
        super().__init__(
            f"There is no repository {repository} in {registry}.",
            expected=near,
            example=f"/acr untagged {self.nearest[0]}" if self.nearest else "",
            status=404,
        )


class LockedError(RegistryError):
    """405: ACR refused since the manifest, one of its tags or the repository is locked."""


class StoreError(JanitorError):
    """The database can't be used: in use by another process, too new, unreachable."""


class FenceLostError(JanitorError):
    """Another worker has taken this work over; this one must stop at once."""

    def __init__(self, proposal: str) -> None:
        super().__init__(f"Another worker has taken over proposal {proposal}.")


class LeaseOverError(FenceLostError):
    """The lease has run out, and this worker is to end before it could prove its fence anew."""


class HeldBackError(JanitorError):
    """This work may not go on now: the registry is frozen, or it is quiet. Whoever is to run it tries again later."""

    def __init__(self, proposal: str) -> None:
        super().__init__(f"Proposal {proposal} is held back.")


class LeaseHeldError(JanitorError):
    """Another worker is at this work, and its lease lasts: whoever is to run it tries again later."""

    def __init__(self, proposal: str) -> None:
        super().__init__(f"Another worker is carrying out proposal {proposal}.")
