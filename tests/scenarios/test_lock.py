"""``/acr lock`` at once for approvers; ``/acr unlock`` by somebody else's approval."""

import json

import pytest

from sandbox.acr.model import Locks
from sandbox.slack import check_message, text_of
from tests.scenarios.stage import KIM, PLATFORM, SAM, Stage, days_ago, make_stage

LEVELS = ["app", "app:v1", "app@{digest}", "app@{short}"]


def locks(stage: Stage, level: str) -> Locks:
    """Give the locks of the repository, the tag or the manifest."""
    repository = stage.registry.repository("app")
    if level == "app":
        return repository.locks
    if ":v1" in level:
        return repository.tags["v1"].locks
    return next(iter(repository.manifests.values())).locks


def seed(stage: Stage, level: str) -> str:
    """Push one image, and give the reference of this level to it."""
    digest = stage.registry.push_image("app", tags=["v1"], updated=days_ago(9))
    return level.format(digest=digest, short=digest.removeprefix("sha256:")[:12])


@pytest.mark.parametrize("level", LEVELS)
async def test_an_approver_locks_at_once(stage: Stage, level: str) -> None:
    """Exactly what was named is locked, neither its tags nor what it is in; and it is on record who did it."""
    reference = seed(stage, level)
    answer = await stage.ask(stage.kim, f"/acr lock {reference}")
    text = text_of(answer)
    assert text.startswith(":lock: *Locked:* `app")
    assert "on record" not in text
    assert "lock of a" in text
    assert check_message({"text": answer.text, "blocks": answer.blocks}, "message") == []
    for other in LEVELS[:3]:
        same = other[:4] == level[:4]
        found = locks(stage, other)
        assert (found.delete, found.write) == (not same, not same)
    (deed,) = [event for event in stage.events() if event["deed"] == "locked"]
    assert (deed["actor"], deed["repository"]) == (KIM, "app")
    assert deed["was"] == {"deleteEnabled": True, "writeEnabled": True}


async def test_others_are_told_who_can(stage: Stage) -> None:
    """Whoever may not approve may not lock; the refusal is on record."""
    reference = seed(stage, "app:v1")
    text = text_of(await stage.ask(stage.riley, f"/acr lock {reference}"))
    assert "not one of those who may lock" in text
    assert f"<@{SAM}>" in text
    assert f"<!subteam^{PLATFORM}>" in text
    assert locks(stage, "app:v1").write
    assert [event["deed"] for event in stage.events()] == ["refused"]


async def test_what_was_locked_already_is_said(stage: Stage) -> None:
    """The levels are independent: what is locked besides is named, and nothing is done twice."""
    seed(stage, "app")
    await stage.ask(stage.sam, "/acr lock app")
    text = text_of(await stage.ask(stage.sam, "/acr lock app:v1"))
    assert "Locked by itself, too: `app`" in text
    text = text_of(await stage.ask(stage.sam, "/acr lock app:v1"))
    assert "was locked already" in text
    assert len([event for event in stage.events() if event["deed"] == "locked"]) == 2


@pytest.mark.parametrize("level", LEVELS)
async def test_unlocking_needs_somebody_else(stage: Stage, level: str) -> None:
    """The card asks; who proposed it can't approve it; then exactly that lock is lifted."""
    reference = seed(stage, level)
    for each in ("app", "app:v1"):
        await stage.ask(stage.sam, f"/acr lock {each}")
    digest = next(iter(stage.registry.digests("app")))
    await stage.ask(stage.sam, f"/acr lock app@{digest}")

    card = await stage.propose(stage.sam, f"/acr unlock {reference}")
    text = text_of(card)
    assert text.startswith("*Unlock* `app")
    assert "can be overwritten and deleted" in text
    assert check_message({"text": card.text, "blocks": card.blocks}, "message") == []
    await stage.private_after(stage.sam, stage.sam.click(card, "approve"), "somebody else has to approve")
    assert not locks(stage, level).write

    await stage.kim.click(card, "approve")
    text = await stage.settled(card)
    assert "*Unlocked* `app" in text
    assert "eleted" not in text.replace("overwritten and deleted", "")
    for other in LEVELS[:3]:
        found = locks(stage, other)
        same = other[:4] == level[:4]
        assert (found.delete, found.write) == (same, same)


async def test_unlocking_takes_two_whatever_the_settings(transport: str) -> None:
    """Where approvers may approve their own deletions, they still can't lift a lock alone; the card says so."""
    async with make_stage(transport) as stage:
        config = stage.folder / "config.yml"
        config.write_text(json.dumps({"approvals": {"allow_self_approval": True}}))
        stage.environ["ACR_JANITOR_CONFIG"] = str(config)
        async with stage.running():
            seed(stage, "app")
            stage.registry.lock_repository("app")
            card = await stage.propose(stage.sam, "/acr unlock app")
            assert "but not the one who asked" in text_of(card)
            told = await stage.private_after(stage.sam, stage.sam.click(card, "approve"), "somebody else")
            assert "Lifting a lock always takes two" in told
            assert "[Approve]" in text_of(card)
            assert not locks(stage, "app").write
            await stage.kim.click(card, "approve")
            await stage.settled(card)
            assert locks(stage, "app").write


async def test_a_lock_that_went_meanwhile_is_skipped(stage: Stage) -> None:
    """Where somebody else has lifted it, or the tag has moved, the record says so."""
    stage.registry.push_image("app", tags=["v1"], updated=days_ago(9))
    stage.registry.lock_tag("app", "v1", Locks(delete=False))
    card = await stage.propose(stage.riley, "/acr unlock app:v1")
    stage.registry.lock_tag("app", "v1", Locks())
    await stage.sam.click(card, "approve")
    assert "not locked any more" in await stage.settled(card)

    stage.registry.lock_tag("app", "v1", Locks(delete=False))
    card = await stage.propose(stage.riley, "/acr unlock app:v1")
    stage.registry.push_image("app", tags=["v1"], layers=[5])
    await stage.sam.click(card, "approve")
    assert "app:v1 points to" in await stage.settled(card)
    assert not locks(stage, "app:v1").delete


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("lock", "The repository is missing"),
        ("lock team/*", "stands for several repositories"),
        ("lock app:nope", "There is no tag nope in app"),
        ("lock nope", "There is no repository nope"),
        ("unlock app", "app is not locked"),
        ("unlock app:v1", "app:v1 is not locked"),
        ("unlock app@sha256:" + "0" * 64, "No manifest of app begins with"),
    ],
)
async def test_wrong_uses_get_an_answer(stage: Stage, typed: str, words: str) -> None:
    """Each mistake is named, and no lock changes."""
    seed(stage, "app")
    assert words in text_of(await stage.ask(stage.sam, f"/acr {typed}"))
    assert locks(stage, "app").write


async def test_the_lock_may_be_on_another_level(stage: Stage) -> None:
    """Whoever would unlock a tag whose repository is locked is led to that."""
    seed(stage, "app")
    stage.registry.lock_repository("app")
    text = text_of(await stage.ask(stage.riley, "/acr unlock app:v1"))
    assert "app:v1 is not locked" in text
    assert "/acr unlock app" in text
