"""What a second try of a run does: what had failed, and what was only held back by that."""

from collections import defaultdict
from collections.abc import Sequence

from bot.domain.plan import Action
from bot.domain.proposal import Outcome, Record
from bot.domain.reason import short

_HELD = "was not deleted, and needs it"


def held_by(digest: str) -> str:
    """Say why something was left although it may go: what needs it, and should have gone before it, is still there."""
    return f"{short(digest)} {_HELD}"


def to_repeat(records: Sequence[Record]) -> list[Record]:
    """Give what had failed and, at any depth, what was skipped for its sake alone, in the order of ``records``.

    What was skipped since something is kept after all is left out, with all that this one needs.
    """
    again = {record.item.position for record in records if record.outcome is Outcome.FAILED}
    waiting: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        if record.outcome is Outcome.SKIPPED:
            waiting[record.item.repository, record.detail].append(record)
    holders = [record for record in records if record.item.position in again]
    while holders:
        holder = holders.pop().item
        if holder.action is Action.DELETE:
            held = waiting.pop((holder.repository, held_by(holder.digest)), [])
            again |= {record.item.position for record in held}
            holders += held
    return [record for record in records if record.item.position in again]
