"""What the drawings of a card have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.blocks.text import actor, code, date, mention, size
from bot.blocks.wording import things
from bot.domain.proposal import Proposal, Record, Tally


@dataclass(frozen=True, slots=True)
class View:
    """A proposal and all that is known about it, at one moment. See ``card.card`` for the fields."""

    proposal: Proposal
    preview: Sequence[Record]
    tally: Tally
    records: Sequence[Record]
    approvers: Sequence[str]
    now: datetime
    faults: Mapping[str, str]
    allow_self: bool

    @property
    def things(self) -> str:
        """``37 untagged manifests``."""
        return things(self.proposal.item_count, self.proposal.rule)

    @property
    def where(self) -> str:
        """The repository or the glob, in mrkdwn."""
        return code(self.proposal.target)

    @property
    def up_to(self) -> str:
        """``, up to 12.4 GiB``; empty where nothing counts."""
        return f", up to {size(self.proposal.upper_bytes)}" if self.proposal.upper_bytes else ""

    @property
    def asked(self) -> str:
        """Who asked, and when."""
        return f"{mention(self.proposal.requester)}\n{date(self.proposal.created)}"

    @property
    def decided(self) -> str:
        """Who decided, and when."""
        by = actor(self.proposal.decided_by)
        return f"{by}\n{date(self.proposal.decided)}" if self.proposal.decided else by
