"""The private answer to `/acr repos [GLOB]`: each repository in figures, the most stale first."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.blocks.message import Block, Message, fallback
from bot.blocks.paging import PAGE, first_of_page, grid, pager
from bot.blocks.parts import context, section
from bot.blocks.sheet import Sheet, moment, sheet
from bot.blocks.text import age, code, date, duration, join, name, number, plural, size
from bot.blocks.wording import fault_list
from bot.domain.holding import Holding
from bot.domain.lists import Repos
from bot.durations import format_duration
from bot.janitor.repos import Holdings

_COLUMNS = (
    ("Repository", "left"),
    ("Stale", "right"),
    ("Manifests", "right"),
    ("Untagged", "right"),
    ("Tags", "right"),
    ("Size", "right"),
    ("Last push", "right"),
)
_CSV = (
    "registry",
    "repository",
    "manifests",
    "tags",
    "untagged",
    "stored_bytes",
    "size_bytes",
    "stale",
    "stale_stored_bytes",
    "stale_size_bytes",
    "layers_unknown",
    "last_push",
    "fault",
)
_NAME_MOST = 120
_LEGEND = (
    "Untagged counts parts of multi-arch images and attachments too; stale leaves out all that a kept image needs. "
    "Sizes count each layer once in a repository, and are upper bounds: other repositories may share it."
)


def repositories(found: Holdings, request: Repos, *, stale_after: timedelta, now: datetime, start: int = 0) -> Message:
    """Draw the page with the row ``start`` for the one who asked."""
    ordered = most_stale(found)
    start = first_of_page(start, len(ordered))
    headline = _headline(found)
    blocks: list[Block] = [section(headline), context(_scope(found, stale_after))]
    page = ordered[start : start + PAGE]
    if page:
        blocks.append(grid(_COLUMNS, [_row(holding, now) for holding in page]))
    if found.faults:
        blocks.append(fault_list("Not judged, since not everything in it could be read:", found.faults))
    if page:
        blocks.append(context(_LEGEND))
    if ordered and ordered[0].stale and not start:
        blocks.append(
            context(f"To see what is stale in the first: {code(_next(ordered[0], request, stale_after), 500)}")
        )
    blocks += pager(str(request), start, len(ordered))
    return Message(fallback(headline, _worst(ordered), _unread(found)), blocks)


def repositories_csv(found: Holdings) -> Sheet:
    """Write all of them, the most stale first."""
    return holdings_csv(found, most_stale(found), "repositories")


def holdings_csv(found: Holdings, ordered: Sequence[Holding], subject: str) -> Sheet:
    """Write all figures; what could not be read has its reason in the last column.

    ``stored_bytes`` counts each layer once in its repository, ``size_bytes`` for each manifest that has it; the first
    is an upper bound where the layers of some manifests are unknown.
    """
    rows = [
        [
            found.registry,
            holding.repository,
            str(holding.manifests),
            str(holding.tags),
            str(holding.untagged),
            str(holding.stored),
            str(holding.size),
            *(["", "", ""] if holding.fault else map(str, (holding.stale, holding.stored_stale, holding.stale_size))),
            str(holding.unread),
            moment(holding.pushed),
            holding.fault,
        ]
        for holding in ordered
    ]
    known = {holding.repository for holding in found.found}
    rows += [
        [found.registry, repository, *[""] * 10, fault]
        for repository, fault in found.faults.items()
        if repository not in known
    ]
    what = plural(len(rows), "repository", "repositories")
    return sheet(subject, _CSV, rows, f"{what} of {code(found.registry, 100)}.")


def most_stale(found: Holdings) -> list[Holding]:
    """Order repositories by what could go from them: bytes, then manifests; those that can't be judged at the end."""
    return sorted(found.found, key=lambda h: (bool(h.fault), -h.stored_stale, -h.stale, -h.stored, h.repository))


def _headline(found: Holdings) -> str:
    registry = code(found.registry, 100)
    where = registry if found.target == "*" else f"{registry} match {code(found.target)}"
    if not found.count:
        return f"*There are no repositories* in {registry}."
    stale = sum(h.stale for h in found.found)
    total = sum(h.stored_stale for h in found.found)
    several = plural(found.count, "repository", "repositories")
    if not stale:
        return f"*{several}* in {where}: nothing is stale."
    up_to = f", up to *{size(total)}*" if total else ""
    return f"*{several}* in {where}: *{plural(stale, 'stale manifest')}*{up_to}."


def _scope(found: Holdings, stale_after: timedelta) -> str:
    unchanged = f"unchanged for {duration(stale_after)}, " if stale_after else ""
    return f"Stale: untagged, {unchanged}and needed by nothing that stays · seen {date(found.taken)}"


def _row(holding: Holding, now: datetime) -> list[str]:
    stale = "?" if holding.fault else number(holding.stale)
    if holding.stored_stale:
        stale += f" ({size(holding.stored_stale)})"
    return [
        name(holding.repository, _NAME_MOST),
        stale,
        number(holding.manifests),
        number(holding.untagged),
        number(holding.tags),
        size(holding.stored),
        f"{age(holding.pushed, now)} ago" if holding.pushed else "",
    ]


def _next(holding: Holding, request: Repos, stale_after: timedelta) -> str:
    wait = f" --min-age {format_duration(stale_after)}" if stale_after else ""
    registry = f" --registry {request.registry}" if request.registry else ""
    return f"/acr untagged {holding.repository}{wait}{registry}"


def _worst(ordered: list[Holding]) -> str:
    worst = [f"{code(h.repository, 120)} has {number(h.stale)} stale" for h in ordered[:5] if h.stale]
    return f"{join(worst, 5)}." if worst else ""


def _unread(found: Holdings) -> str:
    return f"Not judged: {join([code(repository, 120) for repository in found.faults])}." if found.faults else ""
