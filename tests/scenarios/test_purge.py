"""``/acr purge``: for people who come from ``acr purge``; everything by a proposal."""

import csv
import io

import pytest

from sandbox.slack import check_message, text_of
from tests.scenarios.stage import Stage, days_ago


def seed(stage: Stage, repository: str = "app") -> dict[str, str]:
    """Push old and new tags; give the digests by what they are."""
    registry = stage.registry
    old = days_ago(60)
    return {
        "whole": registry.push_image(repository, tags=["pr-1"], layers=[1], updated=old),
        "half": registry.push_image(repository, tags=["pr-2", "v2"], layers=[2], updated=old),
        "young": registry.push_image(repository, tags=["pr-3"], layers=[3], updated=days_ago(5)),
        "loose": registry.push_image(repository, layers=[4], updated=old),
        "stable": registry.push_multi_arch(repository, tags=["stable"], layers=[5], updated=old),
    }


async def test_matching_old_tags_go(stage: Stage) -> None:
    """Without ``--untagged`` tags go and no manifest does; the answer lists the tags that are hit."""
    seed(stage)
    before = stage.registry.digests("app")
    answer = await stage.ask(stage.riley, "/acr purge 'app:^pr-' --ago 30d --dry-run")
    text = text_of(answer)
    assert "*2 tags* in `app` could go" in text
    assert "*2 tags are hit:*" in text
    assert "`pr-1`" in text
    assert "1 matching tag stays: 1 newer than the cutoff" in text
    assert "Unlike acr purge" in text
    assert "`--dry-run` makes no difference" in text
    assert "[Propose removal]" in text
    assert check_message({"text": answer.text, "blocks": answer.blocks}, "message") == []

    card = await stage.card_after(stage.riley.click(answer, "propose"))
    assert text_of(card).startswith("*Remove 2 tags* in `app`?")
    await stage.sam.click(card, "approve")
    text = await stage.settled(card)
    assert "*Removed all 2 tags* in `app`" in text
    assert "eleted" not in text
    assert set(stage.registry.tags("app")) == {"v2", "pr-3", "stable"}
    assert stage.registry.digests("app") == before


async def test_untagged_manifests_go_too_where_asked(stage: Stage) -> None:
    """With ``--untagged`` a manifest all of whose tags are hit goes as a whole, and so does an old untagged one."""
    digest = seed(stage)
    parts = stage.registry.digests("app") - set(digest.values())
    answer = await stage.ask(stage.riley, "/acr purge --filter 'app:^pr-' --ago 30d --untagged")
    card = await stage.card_after(stage.riley.click(answer, "propose"))
    text = text_of(card)
    assert text.startswith("*Remove 1 tag and delete 2 matching manifests* in `app`, up to")
    assert check_message({"text": card.text, "blocks": card.blocks}, "message") == []
    dialog = stage.sam.confirm_of(card, "approve")
    assert dialog is not None
    assert dialog["title"]["text"] == "Remove 1 tag and delete 2 manifests?"
    await stage.sam.click(card, "approve")
    text = await stage.settled(card)
    assert "Removed 1 tag and deleted all 2 matching manifests" in text
    assert "*1* tag removed · *2* deleted" in text
    assert set(stage.registry.tags("app")) == {"v2", "pr-3", "stable"}
    assert stage.registry.digests("app") == {digest["half"], digest["young"], digest["stable"], *parts}
    outcome = next(content for name, content in stage.files(card).items() if name.endswith("outcome.csv"))
    rows = list(csv.DictReader(io.StringIO(outcome.decode())))
    assert sorted((row["action"], row["outcome"]) for row in rows) == [
        ("delete", "deleted"),
        ("delete", "deleted"),
        ("untag", "removed"),
    ]


async def test_what_changed_since_is_skipped(stage: Stage) -> None:
    """A tag that moved stays, and a manifest that got another tag is not deleted."""
    digest = seed(stage)
    card = await stage.propose(stage.riley, "/acr purge 'app:^pr-' --ago 30d --untagged")
    stage.registry.tag("app", digest["whole"], "rescued")
    stage.registry.push_image("app", tags=["pr-2"], layers=[77])
    await stage.sam.click(card, "approve")
    text = await stage.settled(card)
    assert "*2* skipped" in text
    assert {"pr-1", "pr-2", "rescued"} <= set(stage.registry.tags("app"))
    assert digest["loose"] not in stage.registry.digests("app")


async def test_several_repositories_by_a_whole_name_pattern(stage: Stage) -> None:
    """``a|b`` stands for these two whole names, and for nothing that only begins or ends like one."""
    for name in ("api", "web", "api-old", "my-web"):
        stage.registry.push_image(name, tags=["pr-1"], updated=days_ago(60))
    answer = await stage.ask(stage.riley, "/acr purge 'api|web:.*' --ago 30d")
    text = text_of(answer)
    assert "`api:pr-1`" in text
    assert "`web:pr-1`" in text
    assert "old" not in text.replace("old enough", "").replace("threshold", "").split("Unlike")[0]
    card = await stage.card_after(stage.riley.click(answer, "propose"))
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    assert [stage.registry.tags(name) for name in ("api", "web")] == [{}, {}]
    assert all(stage.registry.tags(name) for name in ("api-old", "my-web"))


async def test_what_is_kept_is_said_on_the_card(stage: Stage) -> None:
    """Whoever approves sees that the newest were left out, as whoever asked did."""
    seed(stage)
    answer = await stage.ask(stage.riley, "/acr purge 'app:^pr-' --ago 30d --keep 1")
    told = "of what would go from each repository, the newest one was left out"
    assert told in text_of(answer)
    card = await stage.card_after(stage.riley.click(answer, "propose"))
    assert told in text_of(card)


@pytest.mark.parametrize(
    ("typed", "example"),
    [
        ("'nope:.*' --ago 30d --keep 2", "/acr purge 'nop:.*' --ago 30d --keep 2"),
        ("'app:.*' --ago 30d --registry nope", "/acr purge 'app:.*' --ago 30d --registry "),
    ],
)
async def test_an_example_asks_the_same(stage: Stage, typed: str, example: str) -> None:
    """Where only the repository or the registry is mistaken, the rest of what was typed stays as it was."""
    stage.registry.push_image("nop", tags=["pr-1"], updated=days_ago(60))
    assert example in text_of(await stage.ask(stage.riley, f"/acr purge {typed}"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("'app:.*' --ago 1h30d", "write"),
        ("'app:.*' --ago 7days", "write 7d"),
        ("'app:.*' --ago old", "is not a length of time"),
        ("'app:.*'", "How old is missing"),
        ("app --ago 30d", "has no tag pattern"),
        ("", "The filter is missing"),
        ("'nope*:.*' --ago 30d", "No repository of"),
        ("'nope:.*' --ago 30d", "There is no repository nope"),
        ("'app:(?=x)' --ago 30d", "look-around"),
        ("'app:.*' --ago 30d --force", "There is no option"),
        ("'app:^zzz' --ago 30d", "Nothing to purge"),
    ],
)
async def test_wrong_uses_get_an_answer(stage: Stage, typed: str, words: str) -> None:
    """Each trap and each mistake is named, and nothing can be proposed from it."""
    seed(stage)
    text = text_of(await stage.ask(stage.riley, f"/acr purge {typed}"))
    assert words in text.replace("days come first, 30d1h", "write 30d1h")
    assert "[Propose" not in text
