"""The only code that talks to the database: proposals, the record of deeds, what bodies said, and reports."""

from bot.store.audit import open_audit
from bot.store.claims import LEASE, RENEWALS, Claims
from bot.store.database import end_when_silent
from bot.store.history import Run, Totals
from bot.store.migrate import Schema
from bot.store.proposals import Also
from bot.store.store import Store, current, upgrade
from bot.store.subscriptions import Hindrance
from bot.store.turns import TurnRecord
from bot.store.verify import Place, Verdict

__all__ = [
    "LEASE",
    "RENEWALS",
    "Also",
    "Claims",
    "Hindrance",
    "Place",
    "Run",
    "Schema",
    "Store",
    "Totals",
    "TurnRecord",
    "Verdict",
    "current",
    "end_when_silent",
    "open_audit",
    "upgrade",
]
