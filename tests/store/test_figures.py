"""What repositories held, looked up again."""

from datetime import timedelta

from bot.domain.holding import Holding
from bot.store import Store
from tests.store.make import NOW

WEEK = timedelta(days=7)


def holding(repository: str, stale: int) -> Holding:
    """Make figures with more than 32 bits in them."""
    return Holding(repository, manifests=9, stale=stale, stale_size=2**40, oldest=NOW - 9 * WEEK, pushed=NOW)


async def test_the_figures_of_a_time_are_given(store: Store) -> None:
    """Those of one look at one registry, and no others."""
    for weeks, stale in ((2, 2), (1, 3)):
        await store.figures.put("reg", NOW - weeks * WEEK, [holding("a", stale), holding("b", stale * 10)])
    await store.figures.put("other", NOW - WEEK, [holding("a", 99)])
    assert await store.figures.at("reg", NOW - 2 * WEEK) == {"a": holding("a", 2), "b": holding("b", 20)}
    assert await store.figures.at("reg", NOW) == {}


async def test_the_last_look_of_a_schedule_is_its_own(store: Store) -> None:
    """In a span of time, its ends included; what others looked at is not asked."""
    for weeks in (3, 2, 1):
        await store.figures.looked("team:a", NOW - weeks * WEEK)
    await store.figures.looked("team:b", NOW - 1.5 * WEEK)
    await store.figures.looked("team:a", NOW - 3 * WEEK)
    last = store.figures.last_look
    assert await last("team:a", at=NOW - 1.5 * WEEK, since=NOW - 3 * WEEK) == NOW - 2 * WEEK
    assert await last("team:a", at=NOW - WEEK, since=NOW - WEEK) == NOW - WEEK
    assert await last("team:a", at=NOW, since=NOW - 0.5 * WEEK) is None


async def test_what_is_old_is_forgotten(store: Store) -> None:
    """Figures and looks from before a moment; those of that moment stay."""
    for weeks in (3, 2, 1):
        await store.figures.put("reg", NOW - weeks * WEEK, [holding("a", weeks), holding("b", weeks)])
        await store.figures.looked("team:a", NOW - weeks * WEEK)
    assert await store.figures.forget(NOW - 2 * WEEK) == 2
    assert [taken for taken, _ in await store.figures.series("reg", "a", NOW - 9 * WEEK)] == [
        NOW - 2 * WEEK,
        NOW - WEEK,
    ]
    assert await store.figures.last_look("team:a", at=NOW - 2.5 * WEEK, since=NOW - 9 * WEEK) is None
    assert await store.figures.last_look("team:a", at=NOW - 2 * WEEK, since=NOW - 9 * WEEK) is not None


async def test_a_series_is_in_the_order_of_time(store: Store) -> None:
    """From a moment on, of one repository of one registry."""
    for weeks in (1, 3, 2):
        await store.figures.put("reg", NOW - weeks * WEEK, [holding("a", weeks), holding("b", 0)])
    series = await store.figures.series("reg", "a", NOW - 2 * WEEK)
    assert [(taken, figures.stale) for taken, figures in series] == [(NOW - 2 * WEEK, 2), (NOW - WEEK, 1)]


async def test_a_thousand_repositories_at_once(store: Store) -> None:
    """More than a statement of either database takes in one go."""
    names = [f"team/app{number}" for number in range(1200)]
    await store.figures.put("reg", NOW, [holding(name, 1) for name in names])
    assert len(await store.figures.at("reg", NOW)) == 1200
