"""``/acr repos``: every repository in figures, the most stale first."""

import pytest

from sandbox.acr import AcrOptions
from sandbox.slack import Message, text_of
from tests.scenarios.reading import ask, cells, fetch_csv, read, turn
from tests.scenarios.stage import OPS, Stage, days_ago, make_stage

MIB = 1024**2


def seed(stage: Stage) -> None:
    """Fill three repositories: one with much that is stale, one with little, one with nothing."""
    registry, old = stage.registry, days_ago(40)
    for number in range(3):
        registry.push_image("team/app", layers=[5 * MIB + number], updated=old)
    registry.push_multi_arch("team/app", tags=["v2", "latest"], layers=[600], updated=old)
    registry.push_image("team/api", layers=[MIB], updated=old)
    registry.push_image("team/api", layers=[700], updated=days_ago(3))
    registry.push_image("web", tags=["v1"], layers=[9 * MIB], updated=days_ago(2))


async def test_the_most_stale_comes_first(stage: Stage) -> None:
    """Each repository with its figures; what a kept image needs is untagged and not stale, and neither is the young."""
    seed(stage)
    answer = await stage.ask(stage.riley, "/acr repos")
    text = read(answer)
    assert "*3 repositories* in " in text
    assert "*4 stale manifests*, up to *16 MiB*" in text
    rows = cells(answer)
    assert [row[:5] for row in rows] == [
        ["team/app", "3 (15 MiB)", "6", "5", "2"],
        ["team/api", "1 (1 MiB)", "2", "2", "0"],
        ["web", "0", "1", "0", "1"],
    ]
    assert [row[6] for row in rows] == ["40 days ago", "3 days ago", "48 hours ago"] or rows[2][6] == "2 days ago"
    assert "`/acr untagged team/app --min-age 30d`" in text
    assert answer not in stage.olu.messages(OPS)


async def test_what_is_called_stale_is_what_the_suggested_command_lists(stage: Stage) -> None:
    """The command below the table works as it stands and gives the same count."""
    seed(stage)
    suggested = (await ask(stage, "repos")).partition("`/acr untagged ")[2].partition("`")[0]
    assert "*3 of 6 manifests*" in await ask(stage, f"untagged {suggested}")


async def test_a_pattern_narrows_the_list(stage: Stage) -> None:
    """``*`` crosses slashes, and a single name is a list of one."""
    seed(stage)
    assert [row[0] for row in cells(await stage.ask(stage.riley, "/acr repos team/*"))] == ["team/app", "team/api"]
    assert [row[0] for row in cells(await stage.ask(stage.riley, "/acr repos web"))] == ["web"]
    host = stage.acr.login_server
    assert [row[0] for row in cells(await stage.ask(stage.riley, f"/acr repos --registry {host}"))][-1] == "web"


async def test_a_repository_that_cannot_be_read_is_named(stage: Stage) -> None:
    """It is neither counted as clean nor passed over, and its reason is said."""
    seed(stage)
    stage.registry.push_raw("odd", "application/vnd.example.unheard-of+json", b'{"schemaVersion": 2}')
    answer = await stage.ask(stage.riley, "/acr repos")
    text = read(answer)
    assert "*4 repositories*" in text
    assert next(row for row in cells(answer) if row[0] == "odd")[1] == "?"
    assert "Not judged, since not everything in it could be read:" in text
    assert "its media type is unknown" in text


async def test_an_empty_registry_is_answered(stage: Stage) -> None:
    """No repositories are no error."""
    assert "*There are no repositories* in " in await ask(stage, "repos")


@pytest.mark.parametrize(
    ("typed", "problem", "expected"),
    [
        ("repos nosuch/*", "No repository of", "* stands for any characters"),
        ("repos nosuch", "There is no repository nosuch in", ""),
        ("repos team/app:v1", "'team/app:v1' names one manifest", "about whole repositories"),
        ("repos team/app web", "One repository is expected, and there are 2", "or nothing for all"),
        ("repos --oldest", "There is no option '--oldest'", "The options are: --registry"),
        ("repos --registry nosuch", "There is no registry 'nosuch' here", "The registries are"),
        ("repos a/b --registry", "--registry has no value", "A value follows it"),
        ("repos a.azurecr.io/b --registry c", "Two registries are named", "Name the registry once"),
        ("repos Team/App", "'Team/App' is not the name of a repository", "lower case"),
    ],
)
async def test_wrong_uses_are_answered(stage: Stage, typed: str, problem: str, expected: str) -> None:
    """The problem, what was expected, and a command of this kind as an example."""
    seed(stage)
    text = await ask(stage, typed)
    assert problem in text
    assert expected in text
    if "There is no repository" not in problem:
        assert "/acr repos" in text


async def first_page(stage: Stage, words: str) -> Message:
    """Ask for all, and wait for the page itself behind the note that says that it takes a moment."""
    assert (await stage.riley.slash("/acr repos", channel=OPS)).ok
    found: list[Message] = []

    def there() -> bool:
        found[:] = [message for message in stage.riley.messages(OPS) if words in text_of(message)]
        return bool(found)

    await stage.slack.wait_for(there, timeout=30)
    return found[-1]


async def test_pages_turn_in_place_and_the_csv_has_all(transport: str) -> None:
    """Sixty repositories with the longest names: three pages in one message, each once, and one file."""
    async with make_stage(transport, options=AcrOptions()) as stage, stage.running():
        names = {f"{'a' * 120}/{'b' * 120}{number:02}" for number in range(60)}
        for name in names:
            stage.registry.push_image(name, layers=[1], updated=days_ago(40))
        answer = await first_page(stage, "1 to 25 of 60")
        assert "Looking through 60 repositories" in text_of(stage.riley.messages(OPS)[-2])
        seen = [row[0] for row in cells(answer)]
        stage.acr.log.clear()
        for words in ("26 to 50 of 60", "51 to 60 of 60"):
            await turn(stage, answer, "page.next")
            assert words in read(answer)
            seen += [row[0] for row in cells(answer)]
        assert len(set(seen)) == 60
        await turn(stage, answer, "page.back")
        assert "26 to 50 of 60" in read(answer)
        rows = await fetch_csv(stage, answer)
        assert {row["repository"] for row in rows} == names
        assert {(row["stale"], row["stale_stored_bytes"]) for row in rows} == {("1", rows[0]["stored_bytes"])}
        assert len(stage.acr.log) == 0, "what was looked up a moment ago is not looked up again"


async def test_a_button_of_another_version_is_answered(stage: Stage) -> None:
    """After a restart a page is looked up anew; a value that can't be read gets an answer."""
    for number in range(30):
        stage.registry.push_image(f"team/app-{number}", layers=[number + 1], updated=days_ago(40))
    answer = await first_page(stage, "1 to 25 of 30")
    (row,) = [block for block in answer.blocks if block["type"] == "actions"]
    for value in ("", "{}", '{"line": "/acr untagged team/app-1", "at": 25}', '{"line": "/acr repos", "at": -1}'):
        row["elements"][0]["value"] = value
        text = await stage.private_after(stage.riley, stage.riley.click(answer, "page.next"), "another version")
        assert "Run the command again" in text
