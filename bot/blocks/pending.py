"""The private answer to `/acr pending`: what waits for a decision, with links to the cards."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.blocks.card_view import View
from bot.blocks.doing import capital
from bot.blocks.message import Block, Message, fallback
from bot.blocks.paging import first_of_page, pager
from bot.blocks.parts import context, section
from bot.blocks.revising import revision_words
from bot.blocks.sheet import Sheet, moment, sheet
from bot.blocks.text import age, code, date, link, mention, plural
from bot.domain.lists import Pending
from bot.domain.plan import Action
from bot.domain.proposal import Proposal
from bot.janitor.history import Waiting

PAGE = 10

_CSV = (
    "proposal",
    "registry",
    "target",
    "deletes",
    "untags",
    "unlocks",
    "upper_bytes",
    "freed_bytes",
    "asked_by",
    "channel",
    "asked_at",
    "open_until",
    "card",
    "revision",
)


def pending(
    page: Sequence[Waiting], request: Pending, *, links: Mapping[str, str], now: datetime, total: int, start: int = 0
) -> Message:
    """Draw one page for the one who asked: its proposals, the first of which is ``start`` of ``total``.

    ``links`` to cards are by proposals' ids.
    """
    headline = _headline(total)
    blocks: list[Block] = [section(headline)]
    for waiting in page:
        blocks += [section(_what(waiting, links, now)), context(_who(waiting.proposal, now))]
    blocks += pager(str(request), start, total, page=PAGE)
    return Message(fallback(headline, *(f"{_what(one, {}, now)}: {_who(one.proposal, now)}." for one in page)), blocks)


def pending_csv(proposals: Sequence[Waiting], *, links: Mapping[str, str]) -> Sheet:
    """Write all of them, the oldest first.

    ``deletes``, ``untags`` and ``unlocks`` count what each would do. ``freed_bytes`` is empty until it is measured,
    ``card`` where Slack gives no link.
    """
    rows = [
        [
            one.proposal.id,
            one.proposal.registry,
            one.proposal.target,
            *(str(one.tally.actions.get(action, 0)) for action in (Action.DELETE, Action.UNTAG, Action.UNLOCK)),
            str(one.proposal.upper_bytes),
            _freed(one.proposal),
            one.proposal.requester,
            one.proposal.channel,
            moment(one.proposal.created),
            moment(one.proposal.expires),
            links.get(one.proposal.id, ""),
            str(one.proposal.revision),
        ]
        for one in proposals
    ]
    return sheet("pending", _CSV, rows, f"{_count(len(rows))} for a decision.")


def first_shown(start: int, total: int) -> int:
    """Give the position of the first proposal of the page that ``start`` is on."""
    return first_of_page(start, total, PAGE)


def _headline(count: int) -> str:
    return f"*{_count(count)} for a decision.*" if count else "*Nothing waits for a decision.*"


def _count(count: int) -> str:
    return plural(count, "proposal waits", "proposals wait")


def _what(waiting: Waiting, links: Mapping[str, str], now: datetime) -> str:
    view = View(waiting.proposal, waiting.records, waiting.tally, (), (), now, {}, allow_self=False)
    verb, rest = view.parts()
    return f"*{link(links.get(waiting.proposal.id, ''), capital(verb))}* {rest}{view.up_to}"


def _freed(proposal: Proposal) -> str:
    measured = proposal.measured
    return str(measured.freed) if measured is not None and not measured.unread else ""


def _who(proposal: Proposal, now: datetime) -> str:
    asked = f"Asked by {mention(proposal.requester)} {age(proposal.created, now)} ago in {mention(proposal.channel)}"
    until = f"open until {date(proposal.expires)}{revision_words(proposal)}"
    return f"{asked} · {until} · registry {code(proposal.registry, 100)}"
