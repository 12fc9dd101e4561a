"""The only code that talks to the database: proposals, the record of deeds, and what bodies said."""

from bot.store.claims import LEASE, Claims
from bot.store.history import Run, Totals
from bot.store.migrate import Schema
from bot.store.proposals import Also
from bot.store.store import Store, current, upgrade

__all__ = ["LEASE", "Also", "Claims", "Run", "Schema", "Store", "Totals", "current", "upgrade"]
