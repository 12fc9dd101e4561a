"""The private answer to `/acr whocan REPO`: who may approve there, which setting says so, and what the asker may."""

from bot.blocks.message import Block, Message, fallback
from bot.blocks.parts import context, section
from bot.blocks.text import code, join, number, plural, said
from bot.blocks.voting import approver_words
from bot.domain.whocan import Part
from bot.janitor.whocan import Told

_PARTS_MOST = 12
_NAMED_MOST = 4
_NAME_MOST = 120


def whocan(told: Told) -> Message:
    """Draw what was found for the one who asked. The mentions ping nobody, since nobody else sees the answer."""
    headline = _headline(told)
    several = len(told.parts) > 1
    lines = [
        _part(part, mine=mine, barred=told.barred, allow_self=told.allow_self, several=several)
        for part, mine in zip(told.parts, told.mine, strict=True)
    ][:_PARTS_MOST]
    rest = len(told.parts) - len(lines)
    more = f"And {number(rest)} more entries of the settings; ask about a narrower pattern." if rest > 0 else ""
    notes = [more, _together(told), _always(told)]
    blocks: list[Block] = [section(headline), *map(section, lines), context(*notes)]
    return Message(fallback(headline, *lines[:3], *notes), blocks)


def _headline(told: Told) -> str:
    reference = told.asked.reference
    what = code(reference.repository)
    if reference.is_glob:
        count = sum(len(part.need.repositories) for part in told.parts)
        what = f"{what}: {plural(count, 'repository', 'repositories')}"
    elif reference.tag or reference.digest:
        what = f"{what}, as for every tag and digest of it"
    return f"*Who may approve for* {what} · registry {code(told.registry, 100)}"


def _part(part: Part, *, mine: bool | None, barred: str, allow_self: bool, several: bool) -> str:
    need = part.need
    where = [f"*{join([code(name, _NAME_MOST) for name in need.repositories], _NAMED_MOST)}*"] if several else []
    if not need.approvers:
        return "\n".join([*where, f"*Nobody*, so nothing can be proposed there. {_why(part)}"])
    who = approver_words(need.approvers, need.required, requester_too=allow_self)
    takes = f"*It takes:* {plural(need.required, 'approval')}"
    return "\n".join([*where, f"*Approvers:* {who}", takes, _why(part), f"*You:* {_you(mine, barred, allow_self)}"])


def _why(part: Part) -> str:
    if part.entry is None:
        return f"*Set by:* {code('approvals.approvers')}, since no entry is about it"
    grant = part.entry.grant
    glob = code(part.entry.glob, _NAME_MOST)
    own = f"the team {code(grant.team, 60)}" if grant.team else f"an entry of {code('approvals.by_repository')}"
    where = f" in {join([code(name, 60) for name in grant.registries])}" if grant.registries else ""
    number_from = f"; how many, by {code('approvals.required')}" if grant.required is None else ""
    return f"*Set by:* {own}, for {glob}{where}{number_from}"


def _you(mine: bool | None, barred: str, allow_self: bool) -> str:
    if mine is None:
        return "may propose. Slack does not say at the moment whether you may approve; ask again in a minute"
    if mine and allow_self:
        return "may propose, and may approve, also what you have proposed"
    if mine:
        return "may propose, and may approve what others have proposed"
    return f"may propose, and may not approve{f'. {said(barred, 200)}' if barred else ''}"


def _together(told: Told) -> str:
    if len(told.parts) < 2:  # noqa: PLR2004 - one part stands by itself
        return ""
    return "A proposal over several of these needs the people of each; whoever may approve a part may reject the whole."


def _always(told: Told) -> str:
    lock = " Lifting a lock always takes somebody else." if told.allow_self else ""
    return f"Of all entries that match a repository, the most specific one holds, and it alone.{lock}"
