"""The only code that talks to the database: proposals, the record of deeds, and what bodies said."""

from bot.store.history import Run, Totals
from bot.store.proposals import Also
from bot.store.store import Store, upgrade

__all__ = ["Also", "Run", "Store", "Totals", "upgrade"]
