"""``/acr pending``: what waits for a decision, with links to the cards."""

import re
from datetime import timedelta

import pytest

from tests.scenarios.reading import ask, fetch_csv, propose, read, turn
from tests.scenarios.rejecting import reject
from tests.scenarios.stage import OPS, RILEY, SAM, Stage, days_ago, make_stage


def seed(stage: Stage, *repositories: str) -> None:
    """Put something to delete into each repository."""
    for number, repository in enumerate(repositories):
        stage.registry.push_image(repository, layers=[2**20 + number], updated=days_ago(40))


async def test_nothing_waits(stage: Stage) -> None:
    """An empty list says so."""
    assert await ask(stage, "pending") == "*Nothing waits for a decision.*"


async def test_what_waits_is_listed_with_its_card(stage: Stage) -> None:
    """The oldest first, who asked, until when, and a link that leads to the card; what is settled is not there."""
    seed(stage, "team/app", "web", "old")
    first = await propose(stage, stage.riley, "team/app")
    await propose(stage, stage.sam, "web")
    settled = await propose(stage, stage.riley, "old")
    await reject(stage, stage.sam, settled)
    await stage.until(settled, "Rejected")
    answer = await stage.ask(stage.olu, "/acr pending")
    text = read(answer)
    assert "*2 proposals wait for a decision.*" in text
    assert 0 < text.index("`team/app`") < text.index("`web`")
    assert "`old`" not in text
    assert f"Asked by <@{RILEY}> under a minute ago in <#{OPS}>" in text
    assert "open until " in text
    assert first.ts.replace(".", "") in str(answer.blocks), "a permalink holds the message's timestamp"
    assert answer not in stage.riley.messages(OPS)


async def test_a_card_without_a_link_is_listed_all_the_same(stage: Stage) -> None:
    """Where Slack gives no link, the proposal is there without."""
    seed(stage, "team/app")
    await propose(stage, stage.riley, "team/app")
    stage.slack.fail("chat.getPermalink", "message_not_found")
    assert "*Delete 1 untagged manifest* in `team/app`" in await ask(stage, "pending")


async def test_what_has_expired_waits_no_more(stage: Stage) -> None:
    """Though nobody has closed it yet."""
    seed(stage, "team/app")
    await propose(stage, stage.riley, "team/app")
    stage.clock_ahead = timedelta(hours=73)
    assert "Nothing waits" in await ask(stage, "pending")


async def test_many_turn_their_pages(transport: str) -> None:
    """Ten on a page, with the longest names; the page is put in the place of the one before."""
    async with make_stage(transport) as stage, stage.running():
        names = [f"{'a' * 120}/{'b' * 120}{number:02}" for number in range(12)]
        seed(stage, *names)
        for name in names:
            await propose(stage, stage.riley, name)
        answer = await stage.ask(stage.riley, "/acr pending")
        assert "1 to 10 of 12" in read(answer)
        await turn(stage, answer, "page.next")
        text = read(answer)
        assert "11 to 12 of 12" in text
        assert all(name in text for name in names[10:])
        rows = await fetch_csv(stage, answer)
        assert [row["target"] for row in rows] == names


async def test_each_is_called_what_it_is(stage: Stage) -> None:
    """A tag that would be removed, a lock that would be lifted and a manifest that is named are told as such."""
    registry = stage.registry
    image = registry.push_image("app", tags=["v1", "v2"], layers=[2**20], updated=days_ago(9))
    registry.push_image("app", tags=["pr-1", "pr-2"], layers=[2], updated=days_ago(9))
    registry.push_image("locked", tags=["v1"], layers=[3], updated=days_ago(9))
    registry.lock_tag("locked", "v1")
    for line in ("untag app:v2", "unlock locked:v1", "delete app:v1", "purge 'app:^pr-' --ago 3d"):
        await stage.propose(stage.riley, f"/acr {line}")
    answer = await stage.ask(stage.olu, "/acr pending")
    text = read(answer)
    assert re.search(r"Remove the tag\S* `app:v2`\n", text)
    assert re.search(r"Unlock\S* `locked:v1`\n", text)
    assert re.search(rf"Delete\S* `app:v1` and `app:v2` \(`{image[7:19]}`\), (up to )?\d[^\n]*B\n", text)
    assert re.search(r"Remove 2 tags\S* in `app`\n", text)


async def test_the_csv_has_all_that_waits(stage: Stage) -> None:
    """One row a proposal: what it would do, who asked where, until when, and the way to its card."""
    stage.registry.push_image("app", tags=["v2"], layers=[2**20], updated=days_ago(9))
    seed(stage, "web")
    card = await propose(stage, stage.riley, "web")
    await stage.propose(stage.sam, "/acr untag app:v2")
    web, app = await fetch_csv(stage, await stage.ask(stage.riley, "/acr pending"))
    assert (web["target"], web["deletes"], web["untags"], web["unlocks"]) == ("web", "1", "0", "0")
    assert (app["target"], app["deletes"], app["untags"], app["unlocks"]) == ("app", "0", "1", "0")
    assert (web["asked_by"], app["asked_by"]) == (RILEY, SAM)
    assert web["channel"] == OPS
    assert int(web["upper_bytes"]) > 2**20
    assert app["upper_bytes"] == "0"
    assert web["asked_at"] < web["open_until"]
    assert card.ts.replace(".", "") in web["card"]
    assert web["registry"] == app["registry"] != ""


@pytest.mark.parametrize(
    ("typed", "problem", "expected"),
    [
        ("pending team/app", "Nothing is expected here, and there is team/app", "only a registry can be named"),
        ("pending --oldest", "There is no option '--oldest'", "The options are: --registry"),
        ("pending --registry", "--registry has no value", "A value follows it"),
        ("pending --registry nosuch", "There is no registry 'nosuch' here", "The registries are"),
    ],
)
async def test_wrong_uses_are_answered(stage: Stage, typed: str, problem: str, expected: str) -> None:
    """The problem, what was expected, and a command of this kind that works."""
    text = await ask(stage, typed)
    assert problem in text
    assert expected in text
    example = text.partition("For example: /acr ")[2].partition("\n")[0].strip("`")
    assert example.startswith("pending")
    if "myregistry" not in example:
        assert "Nothing waits" in await ask(stage, example)
