"""What the drawings of a card have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.blocks import doing
from bot.blocks.named import named_and_more, named_item, tag_count
from bot.blocks.text import actor, code, date, join, mention, plural, size
from bot.blocks.whole import of_all
from bot.blocks.wording import SHARED_LAYERS
from bot.domain.hold import Held
from bot.domain.plan import Action, Item
from bot.domain.proposal import Proposal, Record, Tally
from bot.domain.revision import Revision
from bot.domain.rights import Need
from bot.domain.vote import Vote

VOTERS_MOST = 10


@dataclass(frozen=True, slots=True)
class View:
    """A proposal and all that is known about it, at one moment. See ``card.card`` for the fields."""

    proposal: Proposal
    preview: Sequence[Record]
    tally: Tally
    records: Sequence[Record]
    needs: Sequence[Need]
    now: datetime
    faults: Mapping[str, str]
    allow_self: bool
    earlier: Proposal | None = None
    votes: Sequence[Vote] = ()
    held: Held | None = None
    revised: Revision | None = None
    older: Proposal | None = None
    newer_url: str = ""

    @property
    def named(self) -> Item | None:
        """The one manifest that was named; None for a proposal by another rule."""
        return named_item([record.item for record in self.preview], self.proposal.rule)

    @property
    def actions(self) -> Mapping[Action, int]:
        """How many items there are of each action."""
        return self.tally.actions or {Action.DELETE: self.proposal.item_count}

    @property
    def deletes(self) -> bool:
        """Whether anything of it deletes."""
        return Action.DELETE in self.actions

    @property
    def alone(self) -> Item | None:
        """The one tag or lock that it is about; None where there is more, or where it deletes."""
        return doing.alone([record.item for record in self.preview], self.proposal.item_count)

    def to(self, tense: int = doing.ASK, mark: str = "*", before: str = "") -> str:
        """Say what is to be done, in mrkdwn.

        ``*Delete 37 untagged manifests* in `app` ``, ``*Delete* `app:latest` (`3f2a0c11aa22`)``, ``*Remove the tag*
        `app:v1` ``. ``before`` stands before it, within the mark. A capital letter begins it, if nothing else.
        """
        verb, rest = self.parts(tense)
        return f"{mark}{before}{verb if before or mark == '~' else doing.capital(verb)}{mark} {rest}"

    def parts(self, tense: int = doing.ASK) -> tuple[str, str]:
        """Say what is to be done in plain words, and to what in mrkdwn."""
        if self.alone is not None:
            return doing.verb_of(self.alone, tense), code(self.alone.about)
        if self.named is not None:
            return doing.VERBS[Action.DELETE][tense], named_and_more(self.named, self.proposal.item_count)
        if self.proposal.rule.whole and not self.proposal.retry_of:
            return self._whole(doing.VERBS[Action.DELETE][tense])
        return doing.deeds(self.actions, self.proposal.rule, tense), f"in {self.where}"

    def _whole(self, verb: str) -> tuple[str, str]:
        """``delete the whole repository`` and `` `app`: 48 manifests, 31 tags``, or how much of it and where."""
        proposal = self.proposal
        known = len(self.preview) == proposal.item_count
        tags = tag_count(record.item for record in self.preview) if known else 0
        more = f", {plural(tags, 'tag')}" if tags else ""
        if proposal.staying is not None:
            return f"{verb} {of_all(proposal.item_count, proposal.staying)}", f"in {self.where}{more}"
        return f"{verb} the whole repository", f"{self.where}: {self.things}{more}"

    @property
    def things(self) -> str:
        """``37 untagged manifests``."""
        return doing.all_things(self.actions, self.proposal.rule)

    @property
    def where(self) -> str:
        """The repository or the glob, in mrkdwn."""
        return code(self.proposal.target)

    @property
    def up_to(self) -> str:
        """``, up to 12.4 GiB``, or ``, 3.1 GiB`` once it is measured; empty where nothing counts."""
        measured = self.proposal.measured
        if not self.deletes:
            return ""
        if measured is not None and not measured.unread:
            return f", {size(measured.freed)}"
        return f", up to {size(self.proposal.upper_bytes)}" if self.proposal.upper_bytes else ""

    @property
    def freed(self) -> str:
        """Say what the deletion frees, once it is measured; before that, why the figure is an upper bound."""
        measured = self.proposal.measured
        if not self.deletes:
            return ""
        if measured is None:
            return SHARED_LAYERS if self.proposal.upper_bytes else ""
        shared = f"; {size(measured.shared)} are shared with images that stay" if measured.shared else ""
        if measured.unread:
            unread = plural(measured.unread, "manifest")
            return f"Frees at most {size(measured.freed)}{shared}. {unread} could not be read, and may share more."
        return f"Frees {size(measured.freed)}{shared}."

    @property
    def asked(self) -> str:
        """Who asked, and when."""
        return f"{mention(self.proposal.requester)}\n{date(self.proposal.created)}"

    @property
    def repeats(self) -> str:
        """Say that it does again what could not be done, and who asked for that; empty for what does not."""
        if self.earlier is None:
            return ""
        when = f" {date(self.earlier.retried)}" if self.earlier.retried else ""
        return (
            f"This tries again what could not be done in an earlier run: {actor(self.earlier.retried_by)} asked for it"
            f"{when}."
        )

    @property
    def stopped(self) -> str:
        """Who stopped it, and when."""
        by = actor(self.proposal.stop_by)
        return f"{by}\n{date(self.proposal.stop_asked)}" if self.proposal.stop_asked else by

    @property
    def deciders(self) -> str:
        """Who decided: all whose approval counted, where it took more than one."""
        voters = [vote.user for vote in self.votes if vote.covers]
        if len(voters) > 1 and self.proposal.decided_by in voters:
            return join([mention(user) for user in voters], VOTERS_MOST)
        return actor(self.proposal.decided_by)

    @property
    def decided(self) -> str:
        """Who decided, and when."""
        by = self.deciders
        return f"{by}\n{date(self.proposal.decided)}" if self.proposal.decided else by
