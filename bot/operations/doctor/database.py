"""Whether the database can be used, and whether its schema is this version's. Writes nothing, takes no lock."""

from collections.abc import AsyncIterator

from bot.errors import StoreError
from bot.operations.doctor.finding import Check, Finding, fault, ok, warning
from bot.store.look import look


async def look_at_database(url: str) -> AsyncIterator[Finding]:
    """Look at what DATABASE_URL names."""
    try:
        seen = await look(url)
    except StoreError as error:
        yield fault(Check.DATABASE, error.problem, error.expected or f"Expected, for example: {error.example}")
        return
    where = f"{seen.name} ({seen.version})"
    if not seen.revision:
        yield ok(Check.DATABASE, f"{where} has no schema yet; the app makes it.")
    elif not seen.known:
        yield fault(
            Check.DATABASE,
            f"{where} was written by a newer acr-janitor: its schema is {seen.revision}, and this version knows"
            f" {seen.newest}.",
            "Run that version or a newer one, or restore a backup from before the upgrade.",
        )
    elif seen.revision != seen.newest:
        yield warning(
            Check.DATABASE,
            f"{where} has the schema {seen.revision}, and this version works with {seen.newest}.",
            "Make a backup: the upgrade that comes can't be taken back.",
        )
    else:
        yield ok(Check.DATABASE, f"{where} has this version's schema, {seen.revision}.")
