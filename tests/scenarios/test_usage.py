"""``/acr usage``: what each repository stores, as a chart and a table."""

from dataclasses import replace
from typing import Any

import pytest

from sandbox.slack import Message
from tests.scenarios.reading import ask, cells, fetch_csv, read, turn
from tests.scenarios.stage import OPS, Stage, days_ago, make_stage

MIB = 2**20


def seed(stage: Stage) -> None:
    """Fill a repository whose images share a large layer, and a small one; most of the first is stale."""
    registry, old = stage.registry, days_ago(40)
    for number in range(3):
        registry.push_image("team/app", layers=[40 * MIB, MIB + number], updated=old)
    registry.push_image("team/app", tags=["v1"], layers=[40 * MIB, 500], media="docker", updated=old)
    registry.push_image("web", tags=["v1"], layers=[9 * MIB], updated=days_ago(2))


def chart(answer: Message) -> dict[str, Any]:
    """Give the answer's only chart."""
    (block,) = [block for block in answer.blocks if block["type"] == "data_visualization"]
    return block


async def test_each_layer_counts_once(stage: Stage) -> None:
    """Four images that share 40 MiB store them once, and what would stay with the tagged one is not called stale."""
    seed(stage)
    answer = await stage.ask(stage.riley, "/acr usage")
    text = read(answer)
    assert "2 repositories in " in text
    assert " store *52 MiB*, *3 MiB* of it for what is stale." in text
    assert cells(answer) == [
        ["team/app", "43 MiB", "83%", "3 MiB", "3", "4"],
        ["web", "9 MiB", "17%", "0 B", "0", "1"],
    ]
    assert answer not in stage.olu.messages(OPS)


async def test_the_chart_shows_the_largest(stage: Stage) -> None:
    """One bar each for the six largest, in one unit, with the part that is stale."""
    seed(stage)
    for number in range(8):
        stage.registry.push_image(f"{'small' * 6}/{number}", layers=[1000], updated=days_ago(1))
    answer = await stage.ask(stage.riley, "/acr usage")
    read(answer)
    block = chart(answer)
    assert block["title"] == "The largest repositories, in MiB"
    categories = block["chart"]["axis_config"]["categories"]
    assert categories[:2] == ["team/app", "web"]
    assert len(set(categories)) == 6
    values = {series["name"]: [point["value"] for point in series["data"]] for series in block["chart"]["series"]}
    assert values["Stores"][:2] == [43.0, 9.0]
    assert values["Stale"][:2] == [3.0, 0.0]


async def test_a_workspace_without_charts_gets_the_rest(stage: Stage) -> None:
    """Where Slack answers invalid_blocks, the same message comes without the chart, with its table and button."""
    seed(stage)
    stage.slack.core.options = replace(stage.slack.core.options, newer_blocks=False)
    answer = await stage.ask(stage.riley, "/acr usage")
    text = read(answer)
    assert [block["type"] for block in answer.blocks] == ["section", "context", "table", "context", "actions"]
    assert " store *52 MiB*" in text
    assert len(await fetch_csv(stage, answer)) == 2


async def test_the_csv_has_both_measures(stage: Stage) -> None:
    """What is stored, each layer once, and what the manifests add up to."""
    seed(stage)
    rows = await fetch_csv(stage, await stage.ask(stage.riley, "/acr usage"))
    assert [row["repository"] for row in rows] == ["team/app", "web"]
    app = rows[0]
    assert 43 * MIB <= int(app["stored_bytes"]) < 44 * MIB
    assert 163 * MIB <= int(app["size_bytes"]) < 164 * MIB
    assert app["stale"] == "3"
    assert app["layers_unknown"] == "0"


async def test_a_repository_that_cannot_be_read_is_named(stage: Stage) -> None:
    """Its reason is said, and what is stale in it is left open."""
    seed(stage)
    stage.registry.push_raw("odd", "application/vnd.example.unheard-of+json", b'{"schemaVersion": 2}')
    answer = await stage.ask(stage.riley, "/acr usage")
    assert "Not judged, since not everything in it could be read:" in read(answer)
    assert next(row for row in cells(answer) if row[0] == "odd")[3:5] == ["?", "?"]


async def test_an_empty_registry_is_answered(stage: Stage) -> None:
    """No repositories are no error, and there is nothing to draw."""
    assert "*There are no repositories* in " in await ask(stage, "usage")


async def test_only_the_first_page_has_the_chart(transport: str) -> None:
    """Thirty repositories with the longest names, in two pages."""
    async with make_stage(transport) as stage, stage.running():
        for number in range(30):
            stage.registry.push_image(f"{'a' * 120}/{'b' * 120}{number:02}", layers=[number + 1], updated=days_ago(1))
        await stage.private_after(stage.riley, stage.riley.slash("/acr usage", channel=OPS), "1 to 25 of 30")
        answer = stage.riley.messages(OPS)[-1]
        read(answer)
        assert len(set(chart(answer)["chart"]["axis_config"]["categories"])) == 6
        await turn(stage, answer, "page.next")
        assert "26 to 30 of 30" in read(answer)
        assert not [block for block in answer.blocks if block["type"] == "data_visualization"]


@pytest.mark.parametrize(
    ("typed", "problem", "expected"),
    [
        ("usage nosuch/*", "No repository of", "* stands for any characters"),
        ("usage nosuch", "There is no repository nosuch in", ""),
        ("usage team/app:v1", "'team/app:v1' names one manifest", "about whole repositories"),
        ("usage team/app web", "One repository is expected, and there are 2", "or nothing for all"),
        ("usage --chart", "There is no option '--chart'", "The options are: --registry"),
        ("usage --registry nosuch", "There is no registry 'nosuch' here", "The registries are"),
    ],
)
async def test_wrong_uses_are_answered(stage: Stage, typed: str, problem: str, expected: str) -> None:
    """The problem and what was expected."""
    seed(stage)
    text = await ask(stage, typed)
    assert problem in text
    assert expected in text
