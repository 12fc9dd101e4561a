"""Rows to domain values and back. Columns and fields bear the same names."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from bot.domain.plan import Item
from bot.domain.proposal import MOVES, Outcome, Proposal, Record, State
from bot.store.tables import ITEMS

_PROPOSAL_FIELDS = tuple(field.name for field in fields(Proposal))
_ITEM_FIELDS = tuple(field.name for field in fields(Item))

RECORD_COLUMNS = (*(ITEMS.c[name] for name in _ITEM_FIELDS), ITEMS.c.outcome, ITEMS.c.detail, ITEMS.c.settled_at)
"""What ``to_record`` reads, in its order."""


def of_proposal(proposal: Proposal) -> dict[str, Any]:
    """Give a proposal as a row."""
    return {name: getattr(proposal, name) for name in _PROPOSAL_FIELDS}


def to_proposal(row: Mapping[Any, Any]) -> Proposal:
    """Read a proposal's row."""
    return Proposal(**{name: row[name] for name in _PROPOSAL_FIELDS})


def of_item(proposal_id: str, item: Item) -> dict[str, Any]:
    """Give an item as a row that has no outcome yet."""
    row = {name: getattr(item, name) for name in _ITEM_FIELDS}
    return row | {"proposal_id": proposal_id, "outcome": Outcome.TODO, "detail": ""}


def to_record(row: Sequence[Any]) -> Record:
    """Read an item's row of RECORD_COLUMNS."""
    values = dict(zip(_ITEM_FIELDS, row, strict=False))
    outcome, detail, settled_at = row[len(_ITEM_FIELDS) :]
    return Record(Item(**values), outcome, detail, settled_at)


def states_before(to: State) -> list[State]:
    """Give the states from which a proposal may move to ``to``."""
    return [state for state, reachable in MOVES.items() if to in reachable]
