"""The weekly report: the point in its first line, and within Slack's limits whatever a registry holds."""

import csv
import io
from datetime import time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.blocks.report import BUTTONS, ROWS, report, report_csv
from bot.domain.proposal import State, tally
from bot.domain.report import Cleaned, Fault, Line, Report
from bot.domain.team import Scope, Team
from bot.domain.weekly import Weekly
from bot.janitor.history import Waiting
from tests.blocks import samples as s
from tests.blocks.test_limits import check

MONTH = timedelta(days=30)
TEAM = Team("team:payments", "payments", "C1", (Scope("myregistry", ("payments/*",)),), Weekly(0, time(9), "UTC"))
LONG = "a" * 120 + "/" + "b" * 135


def line(number: int, **changed: Any) -> Line:
    """Make a repository with some GiB to free."""
    values: dict[str, Any] = {
        "registry": "myregistry",
        "repository": f"payments/app{number}",
        "untagged": 40,
        "stale": 30,
        "size": (100 - number % 100) * s.GIB,
        "change": s.GIB,
        "oldest": s.NOW - timedelta(days=400),
    }
    return Line(**{**values, **changed})


def made(count: int = 3, **changed: Any) -> Report:
    """Make a report of so many repositories with something stale."""
    values: dict[str, Any] = {
        "team": TEAM,
        "taken": s.NOW,
        "repositories": count + 2,
        "lines": tuple(line(number) for number in range(count)),
        "change": 12 * s.GIB,
        "compared": s.NOW - timedelta(days=7),
        "partly": False,
        "faults": (),
        "cleaned": (),
        "waiting": (),
    }
    return Report(**{**values, **changed})


def drawn(found: Report, waiting: dict[str, Waiting] | None = None) -> Any:
    """Draw it with a button for every repository, and hold it against the limits."""
    values = {(one.registry, one.repository): "v" * 2000 for one in found.lines}
    message = report(found, waiting or {}, links={}, values=values, stale_after=MONTH)
    check(message)
    return message


def test_the_first_line_is_the_point() -> None:
    """Who, how much is stale, how much it frees at most, and how that compares with last week."""
    assert drawn(made()).blocks[0]["text"]["text"] == (
        "`payments`: *90 stale manifests*, up to *297 GiB*, 12 GiB more than last week"
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"change": -(5 * s.GIB)}, "5 GiB less than last week"),
        ({"change": 0}, "as much as last week"),
        ({"partly": True}, "12 GiB more than last week where both could be read"),
        ({"compared": s.NOW - timedelta(days=21)}, "12 GiB more than on 2026-11-02"),
    ],
)
def test_the_comparison_says_with_what(changed: dict[str, Any], words: str) -> None:
    """Less, as much, or with an earlier day where there are no figures of last week."""
    assert drawn(made(**changed)).blocks[0]["text"]["text"].endswith(words)


def test_the_first_report_compares_with_nothing() -> None:
    """No word of last week, and no column for the change."""
    message = drawn(made(change=None, compared=None))
    assert "week" not in message.blocks[0]["text"]["text"]
    assert "Change" not in str(message.blocks)


def test_nothing_stale_is_one_quiet_line() -> None:
    """Nothing but small print: nobody is kept from their work by it."""
    message = drawn(made(0, repositories=12))
    assert [block["type"] for block in message.blocks] == ["context"]
    assert message.text == "`payments`: nothing is stale in 12 repositories."


def test_what_could_not_be_read_is_named_and_never_counted_as_clean() -> None:
    """In a report with nothing stale as well: the line says what it speaks of, and the reason is shown."""
    faults = (Fault("myregistry", "payments/api", "its listing broke off"),)
    message = drawn(made(0, repositories=2, faults=faults))
    assert message.text.startswith("`payments`: nothing is stale in 2 repositories of those that could be read.")
    assert "its listing broke off" in str(message.blocks)
    assert "payments/api" in message.text
    message = drawn(made(0, repositories=0, faults=(Fault("myregistry", "", "no answer"),)))
    assert message.text.startswith("`payments`: nothing could be read.")
    assert "registry myregistry" in str(message.blocks)


@pytest.mark.parametrize("count", [1, 40, 1000])
def test_any_number_of_repositories_is_readable(count: int) -> None:
    """The table and the buttons show those with most to free, and the rest is in the file."""
    found = made(count)
    message = drawn(found)
    [table] = [block for block in message.blocks if block["type"] == "table"]
    assert len(table["rows"]) == 1 + min(count, ROWS)
    buttons = [e for block in message.blocks if block["type"] == "actions" for e in block["elements"]]
    assert len([b for b in buttons if b["action_id"].startswith("propose.")]) == min(count, BUTTONS)
    assert (f"And {count - ROWS:,} more" in str(message.blocks)) == (count > ROWS)
    rows = list(csv.DictReader(io.StringIO(report_csv(found).content.decode())))
    assert [row["repository"] for row in rows] == [one.repository for one in found.lines]


def test_what_is_less_than_last_week_is_a_number_in_the_file() -> None:
    """A spreadsheet can add the column up: a minus is no formula there."""
    [row] = csv.DictReader(io.StringIO(report_csv(made(1, lines=(line(1, change=-7),))).content.decode()))
    assert row["change_bytes"] == "-7"


def test_what_was_cleaned_and_what_waits_is_told() -> None:
    """With who asked and who approved; and with what waits for whom to decide until when."""
    done = s.proposal(State.DONE)
    open_one = s.proposal(State.OPEN, id="1a1b2c3d4e5f")
    found = made(cleaned=(Cleaned(done, ("payments/api",), 40, 3 * s.GIB),), waiting=(open_one,))
    text = str(drawn(found, {open_one.id: Waiting(open_one, [], tally([]))}).blocks)
    assert "40 manifests of `payments/api`, up to 3 GiB · asked by <@U0ANNA>, approved by <@U0BORIS>" in text
    assert "Waiting for a decision" in text
    assert "37 untagged manifests in `myrepo`" in text


def test_with_several_registries_each_repository_says_where_it_is() -> None:
    """Two repositories of one name are told apart, in the table and on the buttons."""
    team = Team("team:a", "a", "C1", (Scope("one", ("*",)), Scope("two", ("*",))), TEAM.weekly)
    lines = (line(1, registry="one", repository="app"), line(2, registry="two", repository="app"))
    text = str(drawn(made(team=team, lines=lines)).blocks)
    assert text.count("one: app") == text.count("two: app") == 4  # the chart has it as a category and in its data


def test_what_all_bars_begin_with_is_told_once() -> None:
    """A label has room for twenty characters: the team's folder stands in the title."""
    [chart] = [block for block in drawn(made()).blocks if block["type"] == "data_visualization"]
    assert chart["title"] == "Most to free in payments, in GiB"
    assert chart["chart"]["axis_config"]["categories"] == ["app0", "app1", "app2"]
    [chart] = [block for block in drawn(made(1)).blocks if block["type"] == "data_visualization"]
    assert chart["chart"]["axis_config"]["categories"] == ["payments/app0"]


names = s.names | st.just(LONG)
lines = st.builds(
    Line,
    registry=names,
    repository=names,
    untagged=s.counts,
    stale=s.counts,
    size=s.sizes,
    change=st.none() | s.sizes | s.sizes.map(lambda size: -size),
    oldest=st.none() | s.moments,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    name=names,
    scopes=st.integers(1, 2),
    lines=st.lists(lines, max_size=30).map(tuple),
    change=st.none() | s.sizes,
    compared=st.none() | s.moments,
    faults=st.lists(st.builds(Fault, names, names | st.just(""), st.text(max_size=900)), max_size=9).map(tuple),
    cleaned=st.lists(
        st.builds(Cleaned, s.proposals, st.lists(names, min_size=1, max_size=4).map(tuple), s.counts, s.sizes),
        max_size=8,
    ).map(tuple),
    waiting=st.lists(s.proposals, max_size=8).map(tuple),
    records=st.lists(s.records, max_size=4),
)
def test_any_report_keeps_to_the_limits(  # noqa: PLR0917 - hypothesis hands the values in by name
    name: str,
    scopes: int,
    lines: Any,
    change: Any,
    compared: Any,
    faults: Any,
    cleaned: Any,
    waiting: Any,
    records: Any,
) -> None:
    """Whatever teams, registries and repositories are called, the report is one that Slack takes."""
    team = Team("team:a", name, "C1", (Scope("r", ("*",)),) * scopes, TEAM.weekly)
    found = Report(team, s.NOW, 3, lines, change, compared, bool(faults), faults, cleaned, waiting)
    drawn(found, {one.id: Waiting(one, records, tally(records)) for one in waiting})
    assert report_csv(found).content.startswith(b"registry,repository,")
