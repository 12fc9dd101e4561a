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
    schema = seen.schema
    if schema is None or (seen.made_by_run and not schema.at):
        yield ok(Check.DATABASE, f"{where} has no tables yet; the app makes them.")
    elif not schema.behind:
        newer = "" if schema.at == schema.head else ", of a later version, which this one can work with"
        yield ok(Check.DATABASE, f"{where} is at revision {schema.at}{newer}.")
    elif seen.made_by_run:
        yield warning(
            Check.DATABASE,
            f"{where} is at revision {schema.at}; the next start brings it to {schema.head}.",
            "Make a backup: there is no way back.",
        )
    else:
        state = f"is at revision {schema.at}" if schema.at else "has no tables yet"
        yield fault(
            Check.DATABASE,
            f"{where} {state}, and this version needs {schema.head}: the app would not start.",
            "Run: acr-janitor db upgrade",
        )
