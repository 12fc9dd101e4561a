"""What repositories held, looked up again."""

from datetime import timedelta

from bot.domain.holding import Holding
from bot.store import Store
from tests.store.make import NOW

WEEK = timedelta(days=7)


def holding(repository: str, stale: int) -> Holding:
    """Make figures with more than 32 bits in them."""
    return Holding(repository, manifests=9, stale=stale, stale_size=2**40, oldest=NOW - 9 * WEEK, pushed=NOW)


async def test_the_last_figures_in_a_span_are_given(store: Store) -> None:
    """Of each repository those nearest to its end, with their time; what lies outside does not count."""
    for weeks, stale in ((3, 1), (2, 2), (1, 3)):
        await store.figures.put("reg", NOW - weeks * WEEK, [holding("a", stale), holding("b", stale * 10)])
    await store.figures.put("other", NOW - WEEK, [holding("a", 99)])
    await store.figures.put("reg", NOW, [holding("a", 4)])
    found = await store.figures.latest("reg", at=NOW - 1.5 * WEEK, since=NOW - 2.5 * WEEK)
    assert found == {"a": (NOW - 2 * WEEK, holding("a", 2)), "b": (NOW - 2 * WEEK, holding("b", 20))}
    found = await store.figures.latest("reg", at=NOW, since=NOW)
    assert found == {"a": (NOW, holding("a", 4))}


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
    assert len(await store.figures.latest("reg", at=NOW, since=NOW - WEEK)) == 1200
