"""A direct message to each who may approve: what waits, with its buttons, and what came of it."""

import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.janitor import tell
from sandbox.slack import Human, Message, text_of
from tests.scenarios.rejecting import WHY, reject
from tests.scenarios.stage import KIM, OLU, PLATFORM, RILEY, SAM, Stage, days_ago, make_stage
from tests.scenarios.test_choose import opened, shown, submitted, without

TOLD = {"ACR_TELL_APPROVERS": "true"}


@contextlib.asynccontextmanager
async def told(transport: str, approvals: dict[str, Any] | None = None, **more: Any) -> AsyncIterator[Stage]:
    """Give a stage whose app tells approvers, with something to delete."""
    async with make_stage(transport, settings=TOLD, **more) as stage:
        if approvals:
            config = stage.folder / "config.yml"
            config.write_text(json.dumps({"approvals": approvals}))
            stage.environ["ACR_JANITOR_CONFIG"] = str(config)
        stage.registry.push_image("myrepo", tags=["v1"], layers=[7], updated=days_ago(9))
        for layer in (1, 2):
            stage.registry.push_image("myrepo", layers=[layer], updated=days_ago(9))
        yield stage


def direct(person: Human) -> list[Message]:
    """Give the direct messages that somebody has about proposals."""
    return [message for message in person.messages(person.dm) if message.only_for is None and not message.files]


async def copy_of(stage: Stage, person: Human, words: str = "", *, without: str = "") -> Message:
    """Wait until somebody's one direct message says something and no more something else, and give it."""

    def there() -> bool:
        texts = [text_of(message) for message in direct(person)]
        return bool(texts) and words in texts[-1] and (not without or without not in texts[-1])

    await stage.slack.wait_for(there, timeout=20)
    assert len(direct(person)) == 1
    return direct(person)[-1]


def rows(stage: Stage) -> dict[str, tuple[str, str, str]]:
    """Give by person what the database says of their copies: the timestamp, what it shows, why it is gone."""
    with contextlib.closing(sqlite3.connect(f"file:{stage.folder}/state.db?mode=ro", uri=True)) as database:
        found = database.execute("SELECT user, ts, shown, gone FROM copies WHERE user != ''").fetchall()
    return {user: (ts, shown, gone) for user, ts, shown, gone in found}


async def test_each_who_may_approve_is_told_once(transport: str) -> None:
    """People and members of groups: the point first, a link to the card, what it takes, and the buttons."""
    async with told(transport, {"required": 2}) as stage:
        async with stage.running():
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            for person in (stage.sam, stage.kim):
                text = text_of(await copy_of(stage, person, "It waits for your approval."))
                assert text.startswith("*Delete 2 untagged manifests* in `myrepo`")
                assert f"Asked by <@{RILEY}> in <#{card.channel}>" in text
                assert "|Look at the card>" in text
                assert f"2 people, each <@{SAM}> or anybody in <!subteam^{PLATFORM}>" in text
                assert "[Approve] [Reject]" in text
                assert "Withdraw" not in text
        async with stage.running():
            await stage.ask(stage.riley, "/acr help")
        assert [len(direct(person)) for person in (stage.riley, stage.sam, stage.kim, stage.olu)] == [0, 1, 1, 0]


async def test_nobody_is_told_unless_the_settings_say_so(transport: str) -> None:
    """Without the setting there is the card and nothing else."""
    async with make_stage(transport) as stage, stage.running():
        stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stage.sam.click(card, "approve")
        await stage.settled(card)
        assert direct(stage.sam) + direct(stage.kim) == []
        assert rows(stage) == {}


async def test_a_decision_from_a_direct_message_is_in_every_copy(transport: str) -> None:
    """Its Approve is the card's; card and copies say who has decided, then how it ended, and their buttons are gone."""
    async with told(transport) as stage, stage.running():
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stage.kim.click(await copy_of(stage, stage.kim), "approve")
        await stage.settled(card)
        for person in (stage.sam, stage.kim):
            text = text_of(await copy_of(stage, person, "and carried out"))
            assert f"Approved by <@{KIM}> and carried out" in text
            assert "It was to delete 2 untagged manifests in `myrepo`" in text
            assert "|Look at the card>" in text
            assert "[Approve]" not in text
        await stage.slack.wait_for(lambda: {shown for _, shown, _ in rows(stage).values()} == {"done"}, timeout=20)
        await stage.until(card, "Deleted all 2")
        assert len(stage.registry.digests("myrepo")) == 1


async def test_a_vote_is_counted_in_every_copy(transport: str) -> None:
    """Who has voted has no Approve any more; the other sees who has, and that one more is needed."""
    async with told(transport, {"required": 2}) as stage, stage.running():
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await copy_of(stage, stage.kim)
        await stage.sam.click(card, "approve")
        mine = text_of(await copy_of(stage, stage.sam, "You have approved this; it takes others, too."))
        assert "[Approve]" not in mine
        assert "[Reject]" in mine
        assert "[Approve]" in text_of(await copy_of(stage, stage.kim, f"1 of 2: <@{SAM}>"))


@pytest.mark.parametrize("end", ["withdrawn", "expired"])
async def test_every_other_end_is_told_too(transport: str, end: str) -> None:
    """Withdrawn by who asked, or expired: the copies say so, and a click on one that is late changes nothing."""
    async with told(transport) as stage:
        async with stage.running():
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            await copy_of(stage, stage.sam)
            await copy_of(stage, stage.kim)
            if end == "withdrawn":
                await stage.riley.click(card, "withdraw")
                await copy_of(stage, stage.sam, "Withdrawn")
        if end == "expired":
            stage.clock_ahead = timedelta(hours=73)
        async with stage.running():
            for person in (stage.sam, stage.kim):
                copy = await copy_of(stage, person, "Withdrawn" if end == "withdrawn" else "Expired")
                assert "[Approve]" not in text_of(copy)
            await stage.sam.click(copy_now(stage, stage.sam), "approve", stale=True)
            await stage.slack.wait_for(
                lambda: any("click changed nothing" in text_of(m) for m in stage.sam.messages(stage.sam.dm)), timeout=20
            )
        assert len(stage.registry.digests("myrepo")) == 3


def copy_now(stage: Stage, person: Human) -> Message:
    """Give somebody's one copy as it is."""
    (copy,) = direct(person)
    return copy


async def test_who_may_not_approve_it_is_not_told(transport: str) -> None:
    """Neither whoever proposed it nor a deactivated account; the entry that holds for the repository says who."""
    entries = [{"repositories": ["myrepo"], "approvers": [RILEY, PLATFORM, SAM]}]
    async with told(transport, {"by_repository": entries}, approvers=[OLU]) as stage:
        stage.slack.workspace.people[SAM].deleted = True
        async with stage.running():
            await stage.propose(stage.riley, "/acr untagged myrepo")
            await copy_of(stage, stage.kim)
        assert set(rows(stage)) == {KIM}


async def test_what_a_crash_left_is_caught_up_on(transport: str) -> None:
    """Who was not told yet is told at the next start, and a copy that shows something old is brought up to date."""
    async with told(transport) as stage:
        stage.slack.fail("conversations.open", "fatal_error")
        async with stage.running():
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            await stage.slack.wait_for(
                lambda: sorted(bool(ts) for ts, _, _ in rows(stage).values()) == [False, True], timeout=20
            )
        async with stage.running():
            await copy_of(stage, stage.sam)
            await copy_of(stage, stage.kim)
            await stage.sam.click(card, "approve")
            await stage.settled(card)
            await copy_of(stage, stage.sam, "carried out")
            await copy_of(stage, stage.kim, "carried out")
        with contextlib.closing(sqlite3.connect(stage.folder / "state.db")) as database:
            database.execute("UPDATE copies SET shown = 'open 1' WHERE user = ?", [KIM])
            database.commit()
        versions = len(direct(stage.kim)[0].versions)
        async with stage.running():
            await stage.slack.wait_for(lambda: len(direct(stage.kim)[0].versions) > versions, timeout=20)
            await stage.slack.wait_for(lambda: rows(stage)[KIM][1] == "done", timeout=20)


async def test_a_copy_that_can_not_be_sent_hinders_nobody(transport: str) -> None:
    """Where Slack does not let somebody be told, the card and the others go on, and it is not tried again."""
    async with told(transport) as stage, stage.running():
        stage.slack.fail("conversations.open", "user_not_found")
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stage.slack.wait_for(
            lambda: sorted(gone for _, _, gone in rows(stage).values()) == ["", "user_not_found"], timeout=20
        )
        await stage.slack.wait_for(lambda: any(ts for ts, _, _ in rows(stage).values()), timeout=20)
        await stage.sam.click(card, "approve")
        await stage.settled(card)
        assert len(direct(stage.sam)) + len(direct(stage.kim)) == 1


async def test_where_there_are_too_many_the_thread_says_so(transport: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those whom the settings name come first; how many of how many were told stands in the card's thread."""
    monkeypatch.setattr(tell, "MOST", 1)
    async with told(transport) as stage, stage.running():
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await copy_of(stage, stage.sam)
        words = "1 of the 2 people who may approve this got a direct message."
        await stage.slack.wait_for(
            lambda: any(words in text_of(m) for m in stage.olu.thread(card.channel, card.ts)), timeout=20
        )
        assert direct(stage.kim) == []


async def test_a_new_revision_and_a_rejection_are_in_every_copy(transport: str) -> None:
    """What was taken off is off in the copies too, whose buttons are of the new list; a rejection says why."""
    async with told(transport) as stage, stage.running():
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await copy_of(stage, stage.kim, "Delete 2 untagged manifests")
        view = await opened(stage, stage.sam, card)
        going = [digest for digest in stage.registry.digests("myrepo") if digest[7:19] in shown(view)]
        await submitted(stage, stage.sam, view, without(view, going[0]))
        copy = await copy_of(stage, stage.kim, "this is revision 2")
        assert "Delete 1 untagged manifest" in text_of(copy)
        await reject(stage, stage.kim, copy)
        for person in (stage.sam, stage.kim):
            text = text_of(await copy_of(stage, person, "Rejected by"))
            assert f"Rejected by <@{KIM}>: {WHY}" in text
            assert "[Approve]" not in text
        await stage.until(card, "Rejected")
