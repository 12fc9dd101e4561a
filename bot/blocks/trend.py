"""The private answer to `/acr trend REPO`: what was stale in it, week by week."""

from collections.abc import Sequence
from datetime import timedelta

from bot.blocks.chart import sizes_chart
from bot.blocks.message import Block, Message, fallback
from bot.blocks.paging import grid
from bot.blocks.parts import context, section
from bot.blocks.text import code, duration, number, plural, size
from bot.janitor.report import WEEKS, Week

_COLUMNS = (("Week of", "left"), ("Stale", "right"), ("Up to", "right"), ("Manifests", "right"), ("Size", "right"))


def trend(repository: str, registry: str, weeks: Sequence[Week], *, stale_after: timedelta) -> Message:
    """Draw one row and one point for each week that has figures, the oldest first; at least one."""
    first, last = weeks[0].holding, weeks[-1].holding
    headline = (
        f"{code(repository)} has *{plural(last.stale, 'stale manifest')}*"
        + (f", up to *{size(last.stale_size)}*" if last.stale_size else "")
        + _since(first.stale_size, last.stale_size, len(weeks))
        + "."
    )
    blocks: list[Block] = [section(headline)]
    if len(weeks) > 1 and any(week.holding.stale_size for week in weeks):
        points = [f"{week.monday:%d %b}" for week in weeks]
        stale = [week.holding.stale_size for week in weeks]
        blocks.append(sizes_chart("Stale, by week", points, {"Stale": stale}, kind="line"))
    unchanged = f", unchanged for {duration(stale_after)}" if stale_after else ""
    missing = WEEKS - len(weeks)
    blocks += [
        grid(_COLUMNS, [_row(week) for week in weeks]),
        context(
            f"Registry {code(registry, 100)} · stale: untagged{unchanged} and needed by nothing that stays · each week "
            "as its last report saw it",
            f"Of {plural(missing, 'week')} of the last {WEEKS} there is no report." if missing else "",
        ),
    ]
    return Message(fallback(headline), blocks)


def _since(then: int, now: int, weeks: int) -> str:
    if weeks == 1:
        return ""
    if then == now:
        return f", as much as {weeks - 1} reports ago" if weeks > 2 else ", as much as the week before"  # noqa: PLR2004
    more = "more" if now > then else "less"
    return f", {size(abs(now - then))} {more} than at the first of {plural(weeks, 'week')}"


def _row(week: Week) -> list[str]:
    holding = week.holding
    return [
        f"{week.monday:%Y-%m-%d}",
        number(holding.stale),
        size(holding.stale_size),
        number(holding.manifests),
        size(holding.size),
    ]
