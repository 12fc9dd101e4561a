"""``/acr untag REPO:TAG``: the tag goes by a proposal, its manifest stays."""

import csv
import io

import pytest

from sandbox.acr.model import Locks
from sandbox.slack import check_message, text_of
from tests.scenarios.rejecting import reject
from tests.scenarios.stage import SAM, Stage, days_ago, make_stage


def outcome(stage: Stage, card: object) -> list[dict[str, str]]:
    """Read the file with the outcome in a card's thread."""
    files = stage.files(card)  # type: ignore[arg-type]
    content = next(content for name, content in files.items() if name.endswith("outcome.csv"))
    return list(csv.DictReader(io.StringIO(content.decode())))


async def test_only_the_tag_goes(stage: Stage) -> None:
    """Asked, proposed and approved, the tag is gone; its manifest and the other tags are as they were."""
    digest = stage.registry.push_image("app", tags=["v1", "v2"], layers=[2**20], updated=days_ago(9))
    answer = await stage.ask(stage.riley, "/acr untag app:v1")
    text = text_of(answer)
    assert "You could remove the tag" in text
    assert "keeps 1 other tag: `v2`" in text
    assert "frees no space" in text
    assert check_message({"text": answer.text, "blocks": answer.blocks}, "message") == []

    card = await stage.card_after(stage.riley.click(answer, "propose"))
    asked = text_of(card)
    assert asked.splitlines()[0] == "*Remove the tag* `app:v1`?"
    assert "deleted" not in asked.replace("Nothing is deleted", "")
    assert "MiB" not in asked
    dialog = stage.sam.confirm_of(card, "approve")
    assert dialog is not None
    assert dialog["title"]["text"] == "Remove 1 tag?"
    assert check_message({"text": card.text, "blocks": card.blocks}, "message") == []

    await stage.sam.click(card, "approve")
    text = await stage.settled(card)
    assert "*Removed the tag* `app:v1`" in text
    assert "*1* tag removed" in text
    assert "eleted" not in text
    assert stage.registry.tags("app") == {"v2": digest}
    (row,) = outcome(stage, card)
    assert (row["action"], row["tag"], row["digest"], row["outcome"]) == ("untag", "v1", digest, "removed")
    (deed,) = [event for event in stage.events() if event["deed"] == "item"]
    assert (deed["action"], deed["tag"], deed["outcome"]) == ("untag", "v1", "removed")


async def test_the_last_tag_leaves_the_manifest_untagged(stage: Stage) -> None:
    """The answer says so beforehand, and the manifest is not deleted with its tag."""
    digest = stage.registry.push_image("app", tags=["v1"], updated=days_ago(9))
    answer = await stage.ask(stage.riley, "/acr untag app:v1")
    assert "That will be left untagged" in text_of(answer)
    assert "`/acr untagged app`" in text_of(answer)
    card = await stage.card_after(stage.riley.click(answer, "propose"))
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    assert stage.registry.tags("app") == {}
    assert stage.registry.digests("app") == {digest}


@pytest.mark.parametrize(
    ("change", "expected", "reason"),
    [
        ("moved", "skipped", "app:v1 points to {other} since"),
        ("locked", "skipped", "locked (its tag v1 is)"),
        ("gone", "gone", ""),
        ("whole", "gone", "the whole repository is gone"),
    ],
)
async def test_what_changed_since_is_skipped(stage: Stage, change: str, expected: str, reason: str) -> None:
    """A tag that was moved, locked or removed meanwhile is left alone, and the record says why."""
    registry = stage.registry
    digest = registry.push_image("app", tags=["v1", "v2"], updated=days_ago(9))
    card = await stage.propose(stage.riley, "/acr untag app:v1")
    other = ""
    if change == "moved":
        other = registry.push_image("app", tags=["v1"], layers=[99]).removeprefix("sha256:")[:12]
    elif change == "locked":
        registry.lock_tag("app", "v1")
    elif change == "gone":
        registry.delete_tag("app", "v1")
    else:
        registry.delete_manifest("app", digest)
    before = registry.tags("app") if change != "whole" else {}
    await stage.sam.click(card, "approve")
    text = await stage.settled(card)
    (row,) = outcome(stage, card)
    assert (row["outcome"], row["detail"]) == (expected, reason.format(other=other))
    assert "*Not removed:* `app:v1`" in text
    assert (registry.tags("app") if change != "whole" else {}) == before


async def test_the_tag_of_a_signature_stays_with_its_image(stage: Stage) -> None:
    """Without the tag nobody would find the signature: it is refused while the image is there."""
    image = stage.registry.push_image("app", tags=["v1"], updated=days_ago(9))
    stage.registry.push_cosign_signature("app", image, updated=days_ago(9))
    tag = next(tag for tag in stage.registry.tags("app") if tag.endswith(".sig"))
    text = text_of(await stage.ask(stage.riley, f"/acr untag app:{tag}"))
    assert "is how a signature or another attachment of" in text
    assert "whoever verifies that image finds nothing" in text
    assert "[Propose" not in text


async def test_an_orphaned_signature_loses_its_tag(stage: Stage) -> None:
    """Where its image is gone, nobody is left to look for it."""
    image = stage.registry.push_image("app", updated=days_ago(9))
    stage.registry.push_cosign_signature("app", image, updated=days_ago(9))
    stage.registry.delete_manifest("app", image)
    tag = next(iter(stage.registry.tags("app")))
    assert "You could remove the tag" in text_of(await stage.ask(stage.riley, f"/acr untag app:{tag}"))


@pytest.mark.parametrize("of", ["tag", "repository"])
async def test_a_locked_tag_is_refused(stage: Stage, of: str) -> None:
    """The answer names the lock, and the command that proposes to lift it."""
    stage.registry.push_image("app", tags=["v1"], updated=days_ago(9))
    if of == "tag":
        stage.registry.lock_tag("app", "v1", Locks(delete=False))
    else:
        stage.registry.lock_repository("app", Locks(write=False))
    text = text_of(await stage.ask(stage.riley, "/acr untag app:v1"))
    assert f"/acr unlock app{':v1' if of == 'tag' else ''}" in text
    assert "locked, so" in text
    assert "[Propose" not in text


async def test_a_protected_tag_warns(transport: str) -> None:
    """What a keep pattern names may be removed by name, with a warning on the answer and on the card."""
    settings = {"ACR_JANITOR_CONFIG": ""}
    async with make_stage(transport) as stage:
        config = stage.folder / "settings.yml"
        config.write_text(
            f"registries: [{{name: reg, endpoint: '{stage.acr.url}'}}]\n"
            f"approvals: {{approvers: [{SAM}]}}\nselection: {{keep_tags: [lts]}}\n"
        )
        stage.environ |= {**settings, "ACR_JANITOR_CONFIG": str(config)}
        for name in ("ACR_REGISTRIES", "ACR_APPROVERS"):
            stage.environ.pop(name)
        async with stage.running():
            stage.registry.push_image("app", tags=["lts"], updated=days_ago(9))
            answer = await stage.ask(stage.riley, "/acr untag app:lts")
            card = await stage.card_after(stage.riley.click(answer, "propose"))
            for text in (text_of(answer), text_of(card)):
                assert "The settings protect this tag" in text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("untag", "The repository is missing"),
        ("untag app", "names no tag"),
        ("untag app@sha256:" + "0" * 64, "names no tag"),
        ("untag team/*:v1", "stands for several repositories"),
        ("untag app:v1 --force", "There is no option"),
        ("untag app:nope", "There is no tag nope in app"),
        ("untag nope:v1", "There is no repository nope"),
    ],
)
async def test_wrong_uses_get_an_answer(stage: Stage, typed: str, words: str) -> None:
    """Each mistake is named, and nothing is removed."""
    stage.registry.push_image("app", tags=["v1"], updated=days_ago(9))
    assert words in text_of(await stage.ask(stage.riley, f"/acr {typed}"))
    assert set(stage.registry.tags("app")) == {"v1"}


async def test_rejected_and_withdrawn_remove_nothing(stage: Stage) -> None:
    """The card then says that no tag was removed."""
    stage.registry.push_image("app", tags=["v1"], updated=days_ago(9))
    card = await stage.propose(stage.riley, "/acr untag app:v1")
    await reject(stage, stage.sam, card)
    text = await stage.until(card, "Rejected:")
    assert "~remove the tag~ `app:v1`. No tag was removed." in text
    assert set(stage.registry.tags("app")) == {"v1"}
