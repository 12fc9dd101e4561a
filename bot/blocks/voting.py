"""Who may approve, how many of them it takes, and who has: in words."""

from collections.abc import Sequence

from bot.blocks.text import code, join, mention, number
from bot.domain.rights import Covers, Need
from bot.domain.vote import Vote

PEOPLE_MOST = 8
NEEDS_MOST = 3
REPOSITORIES_MOST = 3


def approver_words(approvers: Sequence[str], required: int = 1, *, requester_too: bool) -> str:
    """Say in mrkdwn who may approve: ``@bo or anybody in @platform, but not the one who asked``, ``2 of: @bo, …``."""
    who = [f"anybody in {mention(one)}" if one.startswith("S") else mention(one) for one in approvers]
    if not who:
        return "nobody: no approvers are set"
    text = join(who, PEOPLE_MOST, "or")
    if required > 1:
        text = f"{number(required)} people, each {text}"
    return text if requester_too else f"{text}, but not the one who asked"


def need_words(needs: Sequence[Need], *, requester_too: bool) -> str:
    """Say in mrkdwn who may approve a proposal; where that differs by repository, a line for each part of it."""
    if not needs:
        return approver_words((), requester_too=requester_too)
    if len(needs) == 1:
        return approver_words(needs[0].approvers, needs[0].required, requester_too=requester_too)
    lines = [
        f"for {_where(need)}: {approver_words(need.approvers, need.required, requester_too=True)}" for need in needs
    ]
    shown = _some(lines)
    return shown if requester_too else f"{shown}\nbut not the one who asked"


def votes_words(needs: Sequence[Need], votes: Sequence[Vote]) -> str:
    """Say in mrkdwn who has approved so far: ``1 of 2: @sam``. Empty where nobody has and one would do."""
    covers: Covers = {vote.user: vote.covers for vote in votes}
    lapsed = [mention(vote.user) for vote in votes if not vote.covers]
    if not votes and all(need.required == 1 for need in needs):
        return ""
    lines = []
    for need in needs:
        given = [mention(user) for user in need.given(covers)]
        who = f": {join(given, PEOPLE_MOST)}" if given else ""
        where = f"{_where(need)}: " if len(needs) > 1 else ""
        lines.append(f"{where}{number(len(given))} of {number(need.required)}{who}")
    gone = [f"{join(lapsed, PEOPLE_MOST)} may no longer approve and does not count"] if lapsed else []
    return "\n".join([_some(lines), *gone])


def _where(need: Need) -> str:
    return join([code(name, 40) for name in need.repositories], REPOSITORIES_MOST)


def _some(lines: Sequence[str]) -> str:
    rest = len(lines) - NEEDS_MOST
    return "\n".join([*lines[:NEEDS_MOST], *([f"and {number(rest)} more"] if rest > 0 else [])])
