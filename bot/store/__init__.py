"""The only code that talks to the database: proposals, the record of deeds, what bodies said, and reports."""

from bot.store.history import Run, Totals
from bot.store.proposals import Also
from bot.store.store import Store, upgrade
from bot.store.subscriptions import Hindrance
from bot.store.turns import TurnRecord

__all__ = ["Also", "Hindrance", "Run", "Store", "Totals", "TurnRecord", "upgrade"]
