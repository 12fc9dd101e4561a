"""What was refused is on record: who wanted what, where, in which form of the proposal, and why it was not done."""

import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.errors import BadInputError, ConflictError, RefusedError
from bot.janitor.refusals import Refusals, Refused
from bot.store import Store, open_audit
from sandbox.slack import text_of
from tests.scenarios.rejecting import reject
from tests.scenarios.stage import OLU, OPS, RILEY, SAM, Stage, days_ago, make_stage


def refusals(stage: Stage) -> list[dict[str, Any]]:
    """Give the rows about refusals."""
    with contextlib.closing(sqlite3.connect(f"file:{stage.folder}/state.db?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        rows = database.execute("SELECT * FROM events WHERE deed = 'refused' ORDER BY id").fetchall()
    return [dict(row) | json.loads(row["detail"]) for row in rows]


async def test_each_refusal_is_on_record_once(transport: str) -> None:
    """Not an approver, one's own proposal, too late, proposed already, not allowed to lock: who, what and why."""
    async with make_stage(transport, approvers=(SAM, RILEY)) as stage, stage.running():
        stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stage.private_after(stage.olu, stage.olu.click(card, "approve"), "not one of those who may")
        await stage.private_after(stage.riley, stage.riley.click(card, "approve"), "somebody else has to")
        again = await stage.ask(stage.sam, "/acr untagged myrepo")
        await stage.private_after(stage.sam, stage.sam.click(again, "propose"), "already")
        await stage.ask(stage.olu, "/acr lock myrepo")
        await reject(stage, stage.sam, card)
        await stage.until(card, "ejected")
        await stage.private_after(stage.sam, stage.sam.click(card, "approve", stale=True), "was rejected")

        found = refusals(stage)
        assert [(one["actor"], one.get("action", "")) for one in found] == [
            (OLU, "approve"),
            (RILEY, "approve"),
            (SAM, "propose"),
            (OLU, ""),
            (SAM, "approve"),
        ]
        for one in found:
            assert one["team_id"] == stage.slack.workspace.team_id
            assert one["channel"] == OPS
            assert one["why"]
            assert bool(one["checksum"]) == bool(one["proposal"]) == (one.get("action") == "approve")
        assert {one["revision"] for one in found if one["proposal"]} == {1}
        async with open_audit(stage.environ["DATABASE_URL"]) as audit:
            assert (await audit.verify()).findings == ()


async def test_somebody_who_goes_on_and_on_does_not_fill_the_disk(transport: str) -> None:
    """The same refusal is written once; every click gets its answer all the same."""
    async with make_stage(transport) as stage, stage.running():
        stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        before = len(stage.olu.messages(OPS))
        for _ in range(5):
            await stage.olu.click(card, "approve")
        await stage.slack.wait_for(lambda: len(stage.olu.messages(OPS)) == before + 5, timeout=20)
        assert "not one of those who may" in text_of(stage.olu.messages(OPS)[-1])
        assert len(refusals(stage)) == 1


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Open an empty database."""
    opened = await Store.open(f"sqlite:///{tmp_path}/state.db")
    yield opened
    await opened.close()


async def told(store: Store) -> list[tuple[str, object, object]]:
    """Give who was refused, why, and how many were left out before."""
    return [
        (one.actor, (one.detail or {})["why"], (one.detail or {}).get("left_out")) for one in await store.events.list()
    ]


async def test_what_is_left_out_is_counted(store: Store) -> None:
    """The same again is written after ten minutes, with how often it came meanwhile; another reason at once."""
    now = datetime(2026, 11, 2, 9, tzinfo=UTC)
    refusals = Refusals(store, lambda: now)
    olu = Refused("U1", "T1", "C1", "approve", "p1")
    for _ in range(4):
        await refusals.note(RefusedError("no"), olu)
    await refusals.note(ConflictError("too late"), olu)
    now += timedelta(minutes=11)
    await refusals.note(RefusedError("no"), olu)
    assert await told(store) == [("U1", "no", None), ("U1", "too late", 3), ("U1", "no", None)]


async def test_one_person_and_all_together_have_a_bound(store: Store) -> None:
    """Whatever they make up, one person gets so many rows an hour, and everybody together too; then it goes on."""
    now = datetime(2026, 11, 2, 9, tzinfo=UTC)
    refusals = Refusals(store, lambda: now, most=3, in_all=5)
    for number in range(9):
        await refusals.note(ConflictError("not known"), Refused("U1", "T1", "C1", "approve", f"made-up-{number}"))
        await refusals.note(ConflictError("not known"), Refused("U2", "T1", "C1", "approve", f"made-up-{number}"))
    assert [who for who, _, _ in await told(store)] == ["U1", "U2", "U1", "U2", "U1"]
    now += timedelta(hours=1)
    await refusals.note(ConflictError("not known"), Refused("U2", "T1", "C1", "approve", "made-up-1"))
    assert (await told(store))[-1] == ("U2", "not known", 7)


async def test_a_mistake_in_typing_is_no_refusal(store: Store) -> None:
    """Nor is an error that was put on record already one more."""
    refusals = Refusals(store, lambda: datetime(2026, 11, 2, tzinfo=UTC))
    await refusals.note(BadInputError("what?"), Refused("U1", "T1", "C1"))
    error = RefusedError("no")
    await refusals.note(error, Refused("U1", "T1", "C1", "approve"))
    await refusals.note(error, Refused("U1", "T1", "C1", "another"))
    assert len(await store.events.list()) == 1


async def test_a_database_that_fails_keeps_nobody_from_an_answer(tmp_path: Path) -> None:
    """What can't be recorded of a refusal is logged; whoever asked is answered all the same."""
    store = await Store.open(f"sqlite:///{tmp_path}/state.db")
    async with store._database.write() as connection:
        await connection.execute(text("DELETE FROM event_head"))
    refusals = Refusals(store, lambda: datetime(2026, 11, 2, tzinfo=UTC))
    await refusals.note(RefusedError("no"), Refused("U1", "T1", "C1"))
    assert await store.events.list() == []
    await store.close()
