"""What a new revision of a proposal takes off, whose approval it makes void: in words, for the card and its thread."""

from bot.blocks.text import actor, join, mention, number, plural
from bot.domain.choose import Cause
from bot.domain.proposal import Proposal
from bot.domain.revision import Revision

_PEOPLE_MOST = 10
_STAYS = "stays, since what stays needs it"
_STAY = "stay, since what stays needs them"


def revised_words(revision: Revision | None) -> str:
    """Say in mrkdwn ``*Revision 2:* @sam took 3 items off; earlier approvals are void.``; empty for the first one."""
    if revision is None:
        return ""
    void = "earlier approvals are void" if revision.void else "nobody had approved it yet"
    return f":pencil2: *Revision {number(revision.number)}:* {actor(revision.by)} {what(revision)}; {void}."


def revision_words(proposal: Proposal) -> str:
    """Say `` · revision 2``; empty for the first one."""
    return f" · revision {number(proposal.revision)}" if proposal.revision > 1 else ""


def void_words(revision: Revision) -> str:
    """Say in mrkdwn whose approvals count no more, and ask them to look again; empty where nobody had approved."""
    if not revision.void:
        return ""
    who = join([mention(user) for user in revision.void], _PEOPLE_MOST)
    one = len(revision.void) == 1
    which = "your approval was for the list before and is" if one else "your approvals were for the list before and are"
    return f"{who}: {which} void. Please look at this one."


def what(revision: Revision) -> str:
    """Say ``took 3 items off and narrowed the rule, which leaves out 12; 2 more stay, since what stays needs them``."""
    off = revision.off
    done = []
    if count := off.get(Cause.HAND):
        done.append(f"took {plural(count, 'item')} off")
    if count := off.get(Cause.RULE):
        done.append(f"narrowed the rule, which leaves out {number(count)}")
    words = join(done) or "changed the list"
    if count := off.get(Cause.NEEDED):
        words += f"; {number(count)} more {_STAYS if count == 1 else _STAY}"
    if count := off.get(Cause.SINCE):
        words += f"; {number(count)} more {'is' if count == 1 else 'are'} left out as changed or gone since"
    return words
