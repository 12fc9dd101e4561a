"""A revision: what somebody has made of an open proposal by taking something off its list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.choose import Cause, Chosen, Off
from bot.domain.proposal import Deed, Event, Proposal
from bot.domain.workspace import Workspace

PART = 100
"""How many items one row of the record names."""


@dataclass(frozen=True, slots=True)
class Revision:
    """Who has made a revision, and what it takes off the one before.

    ``number`` is its own. ``off``: how many items are taken off, by cause. ``void``: whose approvals of the revision
    before count no more.
    """

    number: int
    by: str
    at: datetime
    off: Mapping[Cause, int]
    void: tuple[str, ...] = ()

    @classmethod
    def from_detail(cls, by: str, at: datetime, detail: Mapping[str, Any]) -> "Revision":
        """Read it back from the first of the rows that ``deeds`` makes."""
        off = {Cause(word): int(count) for word, count in detail["off"].items()}
        return cls(int(detail["to_revision"]), by, at, off, tuple(detail["void"]))


def deeds(
    revision: Revision, was: Proposal, proposal: Proposal, chosen: Chosen, *, workspace: Workspace, channel: str
) -> list[Event]:
    """Put a revision on record: each item that is taken off is named, in as many rows as that takes.

    With what is left on the list they tell what every earlier revision had on it, so that the checksum that each vote
    was for can be computed again. The rows bear the revision and checksum that were changed; the first has the summary.
    """
    parts: Sequence[Sequence[Off]] = [
        chosen.off[start : start + PART] for start in range(0, len(chosen.off), PART)
    ] or [()]
    summary: dict[str, object] = {
        "to_revision": proposal.revision,
        "to_checksum": proposal.checksum,
        "items": proposal.item_count,
        "upper_bytes": proposal.upper_bytes,
        "off": {cause.value: count for cause, count in revision.off.items()},
        "void": list(revision.void),
        "rule": proposal.rule.to_json(),
    }
    return [
        Event(
            revision.at,
            Deed.REVISED,
            revision.by,
            was.id,
            workspace.team_id,
            channel,
            {
                **(summary if not number else {"to_revision": proposal.revision}),
                "part": number + 1,
                "parts": len(parts),
                "taken_off": [_named(one) for one in part],
            },
            enterprise_id=workspace.enterprise_id or was.enterprise_id,
            checksum=was.checksum,
            revision=was.revision,
        )
        for number, part in enumerate(parts)
    ]


def _named(off: Off) -> dict[str, str]:
    """Name an item by all that a checksum covers, with why it is taken off."""
    item = off.item
    return {
        "repository": item.repository,
        "digest": item.digest,
        "action": item.action.value,
        "tag": item.tag,
        "cause": off.cause.value,
        "why": off.reason,
    }
