"""``/acr history``: what was deleted, by whom asked and approved, and the bytes."""

import pytest

from sandbox.slack import Message
from tests.scenarios.reading import ask, cells, fetch_csv, propose, read, turn
from tests.scenarios.stage import OPS, RILEY, SAM, Stage, days_ago, make_stage

MIB = 2**20


def seed(stage: Stage) -> dict[str, set[str]]:
    """Fill two repositories; give what may go from each."""
    registry, old = stage.registry, days_ago(40)
    registry.push_image("team/app", tags=["v1"], layers=[MIB], updated=old)
    return {
        "team/app": {registry.push_image("team/app", layers=[2 * MIB + n], updated=old) for n in range(3)},
        "team/api": {registry.push_image("team/api", layers=[9 * MIB], updated=old)},
    }


async def clean(stage: Stage, target: str) -> Message:
    """Delete what may go from a repository: Riley asks, Sam approves."""
    card = await propose(stage, stage.riley, target)
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    return card


def people(answer: Message) -> list[list[str]]:
    """Give whom each row of the table names."""
    (table,) = [block for block in answer.blocks if block["type"] == "table"]
    return [
        [
            element["user_id"]
            for cell in row
            if cell["type"] == "rich_text"
            for element in cell["elements"][0]["elements"]
        ]
        for row in table["rows"][1:]
    ]


async def test_nothing_was_deleted_yet(stage: Stage) -> None:
    """An empty record says so; a repository that nobody knows has one, too."""
    assert await ask(stage, "history") == "*Nothing was deleted* so far."
    assert await ask(stage, "history no/such") == "*Nothing was deleted* in `no/such` so far."


async def test_the_latest_run_comes_first(stage: Stage) -> None:
    """Each run with its target, how many, the bytes, who asked and who approved; an open proposal is none."""
    seed(stage)
    await clean(stage, "team/app")
    await clean(stage, "team/api")
    stage.registry.push_image("web", layers=[1], updated=days_ago(40))
    await propose(stage, stage.riley, "web")
    answer = await stage.ask(stage.olu, "/acr history")
    text = read(answer)
    assert "*4 manifests* deleted in 2 runs, up to *15 MiB*." in text
    rows = cells(answer)
    assert [row[1:3] for row in rows] == [["team/api", "1 manifest deleted"], ["team/app", "3 manifests deleted"]]
    assert all(row[0].endswith(" UTC") for row in rows)
    assert all(row[3].removeprefix("up to ") in {"9 MiB", "6 MiB"} for row in rows)
    assert people(answer) == [[RILEY, SAM]] * 2
    assert answer not in stage.riley.messages(OPS)


async def test_one_repository_of_a_run_over_several(stage: Stage) -> None:
    """With a repository only what went from it counts, though one approval covered more."""
    seed(stage)
    await clean(stage, "team/*")
    assert [row[1:3] for row in cells(await stage.ask(stage.riley, "/acr history"))] == [
        ["team/*", "4 manifests deleted"]
    ]
    answer = await stage.ask(stage.riley, "/acr history team/app")
    assert "*3 manifests* deleted in `team/app` in 1 run" in read(answer)
    assert [row[1:4] for row in cells(answer)] == [["team/app", "3 manifests deleted", "up to 6 MiB"]]
    assert "Nothing was deleted" in await ask(stage, "history team")


async def test_the_csv_names_each_manifest(stage: Stage) -> None:
    """Each digest that went, when, by whose wish and whose leave."""
    going = seed(stage)
    await clean(stage, "team/*")
    rows = await fetch_csv(stage, await stage.ask(stage.riley, "/acr history"))
    assert {row["digest"] for row in rows} == going["team/app"] | going["team/api"]
    assert {(row["asked_by"], row["approved_by"]) for row in rows} == {(RILEY, SAM)}
    assert all(row["done_at"].endswith("Z") for row in rows)
    rows = await fetch_csv(stage, await stage.ask(stage.riley, "/acr history team/api"))
    assert {row["digest"] for row in rows} == going["team/api"]


async def test_what_was_skipped_was_not_deleted(stage: Stage) -> None:
    """A manifest that got a tag before the run is not part of the history."""
    going = seed(stage)
    card = await propose(stage, stage.riley, "team/app")
    saved = min(going["team/app"])
    stage.registry.tag("team/app", saved, "v2")
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    assert [row[1:3] for row in cells(await stage.ask(stage.riley, "/acr history"))] == [
        ["team/app", "2 manifests deleted"]
    ]


async def test_tags_and_locks_are_part_of_it(stage: Stage) -> None:
    """A run that only removed tags or lifted a lock is there, with words that fit; it has freed nothing."""
    registry, old = stage.registry, days_ago(60)
    for n in range(3):
        registry.push_image("team/app", tags=[f"pr-{n}", f"v{n}"], layers=[n + 1], updated=old)
    demo = registry.push_image("team/app", tags=["demo"], layers=[8], updated=old)
    locked = registry.push_image("team/web", tags=["v1"], layers=[9], updated=old)
    registry.lock_manifest("team/web", locked)
    for line in ("purge 'team/app:^pr-' --ago 30d", f"unlock team/web@{locked}", "delete team/app:demo"):
        card = await stage.propose(stage.riley, f"/acr {line}")
        await stage.sam.click(card, "approve")
        await stage.settled(card)
    answer = await stage.ask(stage.riley, "/acr history")
    text = read(answer)
    assert "*1 manifest* deleted, *3 tags* removed and *1 lock* lifted in 3 runs, up to " in text
    assert [row[1:3] for row in cells(answer)] == [
        ["team/app", "1 manifest deleted"],
        ["team/web", "1 lock lifted"],
        ["team/app", "3 tags removed"],
    ]
    assert [row[3] for row in cells(answer)][1:] == ["-", "-"]
    assert people(answer) == [[RILEY, SAM]] * 3
    rows = await fetch_csv(stage, answer)
    assert [(row["action"], row["tag"]) for row in rows][:2] == [("delete", ""), ("unlock", rows[1]["tag"])]
    assert {(row["action"], row["tag"], row["counted_bytes"]) for row in rows[2:]} == {
        ("untag", f"pr-{n}", "0") for n in range(3)
    }
    assert rows[0]["digest"] == demo
    answer = await stage.ask(stage.riley, "/acr history team/web")
    assert "*1 lock* lifted in `team/web` in 1 run." in read(answer)
    assert "All as CSV* names each tag and each lock" in read(answer)


async def test_many_runs_turn_their_pages(transport: str) -> None:
    """Twenty-five on a page, each once."""
    async with make_stage(transport) as stage, stage.running():
        for number in range(27):
            stage.registry.push_image("team/app", layers=[number + 1], updated=days_ago(40))
            await clean(stage, "team/app")
        answer = await stage.ask(stage.riley, "/acr history")
        assert "1 to 25 of 27" in read(answer)
        assert len(cells(answer)) == 25
        await turn(stage, answer, "page.next")
        assert "26 to 27 of 27" in read(answer)
        assert len(cells(answer)) == 2
        assert len(await fetch_csv(stage, answer)) == 27


@pytest.mark.parametrize(
    ("typed", "problem", "expected"),
    [
        ("history 'team/*'", "'team/*' stands for several repositories", "This command is about one"),
        ("history team/app:v1", "'team/app:v1' names one manifest", "about whole repositories"),
        ("history team/app web", "One repository is expected, and there are 2", "or nothing for all"),
        ("history --csv", "There is no option '--csv'", "The options are: --registry"),
        ("history --registry nosuch", "There is no registry 'nosuch' here", "The registries are"),
    ],
)
async def test_wrong_uses_are_answered(stage: Stage, typed: str, problem: str, expected: str) -> None:
    """The problem, what was expected, and a command of this kind as an example."""
    text = await ask(stage, typed)
    assert problem in text
    assert expected in text
    assert "For example: /acr history" in text
