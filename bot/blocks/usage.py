"""The private answer to `/acr usage [GLOB]`: what each repository stores, as a chart and a table."""

from collections.abc import Sequence
from datetime import timedelta

from bot.blocks.chart import BARS, sizes_chart
from bot.blocks.message import Block, Message, fallback
from bot.blocks.paging import PAGE, first_of_page, grid, pager
from bot.blocks.parts import context, section
from bot.blocks.repos import holdings_csv
from bot.blocks.sheet import Sheet
from bot.blocks.text import code, date, duration, join, name, number, plural, size
from bot.blocks.wording import fault_list
from bot.domain.holding import Holding
from bot.domain.lists import Usage
from bot.janitor.repos import Holdings

_NAME_MOST = 120
_COLUMNS = (
    ("Repository", "left"),
    ("Stores", "right"),
    ("Share", "right"),
    ("Stale", "right"),
    ("Stale manifests", "right"),
    ("Manifests", "right"),
)
_LEGEND = (
    "Each layer counts once in a repository. One that several repositories share counts in each, though the registry "
    "stores it once."
)


def usage(found: Holdings, request: Usage, *, stale_after: timedelta, start: int = 0) -> Message:
    """Draw the page with the row ``start`` for the one who asked; the first one has the chart."""
    ordered = largest(found)
    start = first_of_page(start, len(ordered))
    headline = _headline(found)
    blocks: list[Block] = [section(headline), context(_scope(found, stale_after))]
    if not start and (bars := [holding for holding in ordered[:BARS] if holding.stored]):
        blocks.append(_chart(bars))
    page = ordered[start : start + PAGE]
    total = sum(holding.stored for holding in found.found)
    if page:
        blocks.append(grid(_COLUMNS, [_row(holding, total) for holding in page]))
    if found.faults:
        blocks.append(fault_list("Not judged, since not everything in it could be read:", found.faults))
    if page:
        blocks.append(context(_LEGEND, _unread(found)))
    blocks += pager(str(request), start, len(ordered))
    return Message(fallback(headline, _biggest(ordered), _not_judged(found)), blocks)


def usage_csv(found: Holdings) -> Sheet:
    """Write all of them, the largest first."""
    return holdings_csv(found, largest(found), "usage")


def largest(found: Holdings) -> list[Holding]:
    """Order repositories by what they store."""
    return sorted(found.found, key=lambda holding: (-holding.stored, holding.repository))


def _headline(found: Holdings) -> str:
    registry = code(found.registry, 100)
    if not found.count:
        return f"*There are no repositories* in {registry}."
    several = plural(found.count, "repository", "repositories")
    who = several if found.target == "*" else f"{several} matching {code(found.target)}"
    verb = "stores" if found.count == 1 else "store"
    stale = sum(holding.stored_stale for holding in found.found)
    of_which = f", *{size(stale)}* of it for what is stale" if stale else ", nothing of it for what is stale"
    return f"{who} in {registry} {verb} *{size(sum(holding.stored for holding in found.found))}*{of_which}."


def _scope(found: Holdings, stale_after: timedelta) -> str:
    unchanged = f"unchanged for {duration(stale_after)}, " if stale_after else ""
    return f"Stale: untagged, {unchanged}and needed by nothing that stays · seen {date(found.taken)}"


def _chart(holdings: Sequence[Holding]) -> Block:
    return sizes_chart(
        "The largest repositories",
        [holding.repository for holding in holdings],
        {
            "Stores": [holding.stored for holding in holdings],
            "Stale": [holding.stored_stale for holding in holdings],
        },
    )


def _row(holding: Holding, total: int) -> list[str]:
    return [
        name(holding.repository, _NAME_MOST),
        ("up to " if holding.unread else "") + size(holding.stored),
        _share(holding.stored, total),
        "?" if holding.fault else size(holding.stored_stale),
        "?" if holding.fault else number(holding.stale),
        number(holding.manifests),
    ]


def _share(part: int, total: int) -> str:
    if part and part / total < 0.01:  # noqa: PLR2004 - what is there is never 0%
        return "under 1%"
    return f"{part / total:.0%}" if total else ""


def _unread(found: Holdings) -> str:
    unread = sum(holding.unread for holding in found.found)
    if not unread:
        return ""
    return f"The layers of {plural(unread, 'manifest')} are not known yet; those count in full."


def _biggest(ordered: Sequence[Holding]) -> str:
    most = [f"{code(holding.repository, 120)} stores {size(holding.stored)}" for holding in ordered[:5]]
    return f"{join(most, 5)}." if most else ""


def _not_judged(found: Holdings) -> str:
    return f"Not judged: {join([code(repository, 120) for repository in found.faults])}." if found.faults else ""
