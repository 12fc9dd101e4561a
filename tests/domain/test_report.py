"""Reports: what they count, and what they compare it with."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from bot.domain.holding import Holding
from bot.domain.report import Fault, Place, compile_report
from bot.domain.team import Scope, Team
from bot.domain.weekly import Weekly

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
THEN = NOW - timedelta(days=7)
TEAM = Team("team:a", "a", "C1", (Scope("reg", ("*",)),), Weekly(0, time(9), "Europe/Amsterdam"))


def held(repository: str, size: int, *, fault: str = "") -> tuple[Place, Holding]:
    """Make the figures of a repository with so many stale bytes, a byte a manifest."""
    return ("reg", repository), Holding(repository, manifests=9, stale=size, stale_size=size, fault=fault)


def test_the_repository_with_most_to_free_comes_first() -> None:
    """What has nothing stale is counted, and not listed."""
    report = compile_report(TEAM, NOW, dict([held("a", 1), held("b", 5), held("c", 0)]), {}, compared=None)
    assert [line.repository for line in report.lines] == ["b", "a"]
    assert (report.repositories, report.stale, report.size) == (3, 6, 6)


def test_without_earlier_figures_there_is_no_change() -> None:
    """The first report says nothing of last week, rather than that all is new."""
    report = compile_report(TEAM, NOW, dict([held("a", 1)]), {}, compared=None)
    assert (report.change, report.compared, report.lines[0].change) == (None, None, None)
    assert not report.since_last_week


def test_the_change_counts_what_came_and_what_went() -> None:
    """A repository that is new counts as it is, one that is no more as gone, one that was cleaned as less."""
    report = compile_report(
        TEAM,
        NOW,
        dict([held("grew", 7), held("new", 5), held("cleaned", 0)]),
        dict([held("grew", 3), held("gone", 100), held("cleaned", 10)]),
        compared=THEN,
    )
    assert report.change == 4 + 5 - 10 - 100
    assert {line.repository: line.change for line in report.lines} == {"grew": 4, "new": 5}
    assert report.since_last_week


def test_what_could_not_be_read_is_no_change() -> None:
    """Neither a repository that can't be read now, nor one that could not be then, nor a registry that is away."""
    report = compile_report(
        TEAM,
        NOW,
        dict([held("now", 0, fault="a body is unreadable"), held("then", 50), held("fine", 2)]),
        dict([held("now", 40), held("then", 0, fault="it was"), held("fine", 1)]),
        compared=THEN,
    )
    assert (report.change, report.partly) == (1, True)
    assert {line.repository: line.change for line in report.lines} == {"then": None, "fine": 1}
    assert report.repositories == 2
    assert report.faults == (Fault("reg", "now", "a body is unreadable"),)
    away = held("", 0, fault="no answer")
    report = compile_report(TEAM, NOW, dict([away]), dict([held("a", 5)]), compared=THEN)
    assert (report.change, report.repositories, report.faults) == (None, 0, (Fault("reg", "", "no answer"),))
    report = compile_report(TEAM, NOW, dict([held("a", 5)]), dict([away]), compared=THEN)
    assert (report.change, report.lines[0].change) == (None, None)


def test_after_a_look_that_found_no_repository_all_is_more() -> None:
    """That there was none is known, and nothing of it was unreadable."""
    report = compile_report(TEAM, NOW, dict([held("a", 5)]), {}, compared=THEN)
    assert (report.change, report.partly, report.lines[0].change) == (5, False, 5)


def test_last_week_is_a_week_ago_give_or_take_a_day() -> None:
    """Figures of three weeks ago are compared with too, and are not called last week's."""
    for days, last_week in ((5, False), (6, True), (8, True), (9, False), (21, False)):
        report = replace(compile_report(TEAM, NOW, {}, {}, compared=None), compared=NOW - timedelta(days=days))
        assert report.since_last_week is last_week
