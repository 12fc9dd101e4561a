"""The private answer to `/acr pending`: what waits for a decision, with links to the cards."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.blocks.message import Block, Message, fallback
from bot.blocks.paging import first_of_page, pager
from bot.blocks.parts import context, section
from bot.blocks.text import age, code, date, link, mention, plural, size
from bot.blocks.wording import things
from bot.domain.lists import Pending
from bot.domain.proposal import Proposal

PAGE = 10


def pending(
    proposals: Sequence[Proposal], request: Pending, *, links: Mapping[str, str], now: datetime, start: int = 0
) -> Message:
    """Draw the page with the proposal ``start`` for the one who asked; ``links`` to cards are by proposals' ids."""
    start = first_of_page(start, len(proposals), PAGE)
    headline = _headline(len(proposals))
    page = proposals[start : start + PAGE]
    blocks: list[Block] = [section(headline)]
    for proposal in page:
        blocks += [section(_what(proposal, links.get(proposal.id, ""))), context(_who(proposal, now))]
    blocks += pager(str(request), start, len(proposals), page=PAGE, csv=False)
    return Message(fallback(headline, *(f"{_what(proposal, '')}: {_who(proposal, now)}." for proposal in page)), blocks)


def shown(proposals: Sequence[Proposal], start: int) -> Sequence[Proposal]:
    """Give the proposals that a page shows."""
    start = first_of_page(start, len(proposals), PAGE)
    return proposals[start : start + PAGE]


def _headline(count: int) -> str:
    if not count:
        return "*Nothing waits for a decision.*"
    return f"*{plural(count, 'proposal waits', 'proposals wait')} for a decision.*"


def _what(proposal: Proposal, url: str) -> str:
    what = link(url, f"Delete {things(proposal.item_count, proposal.rule)}")
    measured = proposal.measured
    if measured is not None and not measured.unread:
        frees = f", frees {size(measured.freed)}"
    else:
        frees = f", up to {size(proposal.upper_bytes)}" if proposal.upper_bytes else ""
    return f"*{what}* in {code(proposal.target)}{frees}"


def _who(proposal: Proposal, now: datetime) -> str:
    asked = f"Asked by {mention(proposal.requester)} {age(proposal.created, now)} ago in {mention(proposal.channel)}"
    return f"{asked} · open until {date(proposal.expires)} · registry {code(proposal.registry, 100)}"
