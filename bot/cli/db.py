"""``acr-janitor db``: the database's schema, looked at and brought to this version's."""

from collections.abc import Mapping

from bot.logs import configure_logging
from bot.settings import load_settings
from bot.store import Schema, current, upgrade
from bot.store.database import name_of, parse_url

BEHIND = 3


async def run_upgrade(environ: Mapping[str, str]) -> str:
    """Upgrade, and give what to tell. Raises ConfigurationError and StoreError."""
    url = _url(environ)
    before = await upgrade(url)
    name = name_of(parse_url(url))
    if not before.behind:
        return f"Nothing to do: {name} is at revision {before.at}, which this version can work with."
    return f"{name} is at revision {before.head} now ({_was(before)})."


async def run_current(environ: Mapping[str, str]) -> tuple[str, bool]:
    """Look, and give what to tell and whether an upgrade is due. Raises ConfigurationError and StoreError."""
    url = _url(environ)
    name = name_of(parse_url(url))
    schema = await current(url)
    if schema is None:
        return f"{name} does not exist yet; acr-janitor run makes it.", False
    if not schema.behind:
        return f"{name} is at revision {schema.at}, which this version can work with.", False
    state = f"is at revision {schema.at}" if schema.at else "has no tables yet"
    return f"{name} {state}; this version needs {schema.head}. Run: acr-janitor db upgrade", True


def _was(schema: Schema) -> str:
    return f"it was at {schema.at}" if schema.at else "it was empty"


def _url(environ: Mapping[str, str]) -> str:
    settings = load_settings(environ, require_slack=False)
    configure_logging(settings.log.level, settings.log.format, secrets=settings.secrets)
    return settings.database_url
