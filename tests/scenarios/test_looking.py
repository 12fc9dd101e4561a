"""What people ask and look at is on record, beside the answers: with words, bounded, and never in their way."""

import asyncio
import contextlib
import csv
import io
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.domain.proposal import Deed
from bot.janitor.looking import LONGEST, Looking
from bot.janitor.propose import Asker
from bot.store import Store, open_audit
from sandbox.slack import text_of
from tests.scenarios.stage import OLU, OPS, RILEY, SAM, Stage, days_ago, make_stage

OLU_ASKS = Asker("U1", "C1", "T1", "E1")


async def looks(stage: Stage, count: int) -> list[dict[str, Any]]:
    """Wait until so much that was asked or viewed is on record, and give all of it."""

    def found() -> list[dict[str, Any]]:
        return [one for one in stage.events(looks=True) if one["deed"] in {Deed.ASKED, Deed.VIEWED}]

    await stage.slack.wait_for(lambda: len(found()) >= count, timeout=20)
    return found()


def told(rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Give who did what to what."""
    return [(row["actor"], row["deed"], row["what"]) for row in rows]


async def test_each_request_is_on_record(stage: Stage) -> None:
    """Every command, also one that can't be read, with who and what it is about; and what explain has shown."""
    stage.registry.push_image("myrepo", tags=["v1"], layers=[1], updated=days_ago(9))
    await stage.ask(stage.riley, "/acr untagged myrepo")
    await stage.ask(stage.olu, "/acr nonsense")
    await stage.ask(stage.sam, "/acr explain myrepo:v1")
    rows = await looks(stage, 4)
    assert told(rows) == [
        (RILEY, "asked", "/acr untagged myrepo"),
        (OLU, "asked", "/acr nonsense"),
        (SAM, "asked", "/acr explain myrepo:v1"),
        (SAM, "viewed", "/acr explain myrepo:v1"),
    ]
    assert [row.get("repository") for row in rows] == ["myrepo", None, "myrepo", "myrepo"]


async def test_a_form_is_a_request_like_a_typed_one(stage: Stage) -> None:
    """That it was opened, and the command that it was filled in for."""
    stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))
    await stage.riley.slash("/acr", channel=OPS)
    await stage.slack.wait_for(lambda: stage.riley.view, timeout=15)
    assert told(await looks(stage, 1)) == [(RILEY, "asked", "/acr")]


async def test_files_and_further_pages_are_views(stage: Stage) -> None:
    """Whoever takes a list out as a file, or turns its pages, is on record with what it was; once in ten minutes."""
    for number in range(40):
        stage.registry.push_image("myrepo", layers=[number + 1], updated=days_ago(9))
    answer = await stage.ask(stage.riley, "/acr manifests myrepo")
    await stage.riley.click(answer, "page.next")
    await looks(stage, 2)
    await stage.riley.click(answer, "csv")
    await looks(stage, 3)
    plan = await stage.ask(stage.riley, "/acr untagged myrepo")
    await stage.riley.click(plan, "plan.csv")
    rows = await looks(stage, 5)
    assert told(rows)[:1] == [(RILEY, "asked", "/acr manifests myrepo")]
    assert {what for _, deed, what in told(rows) if deed == "viewed"} == {
        "/acr manifests myrepo, more pages",
        "/acr manifests myrepo as CSV",
        "/acr untagged myrepo as CSV",
    }
    sent = len(stage.riley.messages(stage.riley.dm))
    await stage.riley.click(plan, "plan.csv")
    await stage.slack.wait_for(lambda: len(stage.riley.messages(stage.riley.dm)) > sent, timeout=15)
    assert len(await looks(stage, 5)) == 5


async def test_the_details_of_a_report_are_a_view(stage: Stage) -> None:
    """The button of a report puts its list into the thread, and who wanted it on record."""
    stage.registry.push_image("web/app", layers=[1], updated=days_ago(40))
    await stage.ask(stage.riley, "/acr subscribe 'web/*'")
    await stage.ask(stage.riley, "/acr report", patience=30)
    await stage.slack.wait_for(stage.cards, timeout=15)
    await stage.olu.click(stage.cards()[-1], "report.details")
    rows = await looks(stage, 3)
    ((who, what),) = [(who, what) for who, deed, what in told(rows) if deed == "viewed"]
    assert who == OLU
    assert what.startswith("details of the report of web/*, ")


async def test_the_record_shows_them_with_words_and_verifies(stage: Stage) -> None:
    """In the file of ``/acr audit`` what was asked stands in its own column; a repository's rows are among its own."""
    stage.registry.push_image("myrepo", tags=["v1"], layers=[1], updated=days_ago(9))
    await stage.ask(stage.olu, "/acr explain myrepo:v1")
    await stage.ask(stage.olu, "/acr explain other:v1")
    await looks(stage, 3)
    await stage.ask(stage.sam, "/acr audit --repo myrepo")
    files = [file for message in stage.sam.messages(stage.sam.dm) for file in message.files]
    rows = list(csv.DictReader(io.StringIO(files[-1].content.decode())))
    assert [(row["deed"], row["actor"], row["repository"], row["what"]) for row in rows] == [
        ("asked", OLU, "myrepo", "/acr explain myrepo:v1"),
        ("viewed", OLU, "myrepo", "/acr explain myrepo:v1"),
    ]
    async with open_audit(stage.environ["DATABASE_URL"]) as audit:
        assert (await audit.verify()).count == 0


async def test_a_record_that_fails_keeps_nobody_from_an_answer(transport: str) -> None:
    """What can't be written down is logged, and whoever asked is answered all the same."""
    async with make_stage(transport) as stage:
        stage.registry.push_image("myrepo", tags=["v1"], layers=[1], updated=days_ago(9))
        async with stage.running():
            pass
        with contextlib.closing(sqlite3.connect(stage.folder / "state.db")) as database:
            database.execute("DELETE FROM event_head")
            database.commit()
        async with stage.running():
            assert "v1" in text_of(await stage.ask(stage.olu, "/acr explain myrepo:v1"))
        assert stage.events(looks=True) == []


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Open an empty database."""
    opened = await Store.open(f"sqlite:///{tmp_path}/state.db")
    yield opened
    await opened.close()


async def test_the_same_is_written_once_and_one_person_has_a_bound(store: Store) -> None:
    """The same again is counted and written after ten minutes; so many an hour of one, whatever they think of."""
    now = datetime(2026, 11, 2, 9, tzinfo=UTC)
    looking = Looking(store, lambda: now, most=3)
    for _ in range(3):
        looking.asked(OLU_ASKS, "/acr help")
    now += timedelta(minutes=11)
    looking.asked(OLU_ASKS, "/acr help")
    for number in range(5):
        looking.viewed(OLU_ASKS, f"list {number}")
    await looking.close()
    rows = [(one.deed, one.detail) for one in await store.events.list()]
    assert rows == [
        (Deed.ASKED, {"what": "/acr help"}),
        (Deed.ASKED, {"what": "/acr help", "left_out": 2}),
        (Deed.VIEWED, {"what": "list 0"}),
    ]
    assert {(one.team_id, one.enterprise_id, one.channel) for one in await store.events.list()} == {("T1", "E1", "C1")}


async def test_what_is_typed_is_cut_and_holds_no_secret(store: Store) -> None:
    """No row is ever taken out again, so a token that somebody pasted must not get in."""
    looking = Looking(store, lambda: datetime(2026, 11, 2, 9, tzinfo=UTC))
    looking.asked(OLU_ASKS, "/acr xoxb-1234567890-abcdef " + "x" * 1000, repository="xoxb-1234567890-abcdef")
    await looking.close()
    ((detail,),) = [(one.detail,) for one in await store.events.list()]
    assert detail is not None
    assert "1234567890" not in str(detail)
    assert len(str(detail["what"])) == LONGEST


async def test_the_end_waits_for_what_is_to_be_written(store: Store) -> None:
    """What was asked right before the app ends is on record; what comes while the database is busy waits its turn."""
    looking = Looking(store, lambda: datetime(2026, 11, 2, 9, tzinfo=UTC))
    async with store._database.write() as connection:
        await connection.execute(text("UPDATE event_head SET position = position"))
        looking.asked(OLU_ASKS, "/acr help")
        closing = asyncio.create_task(looking.close())
        await asyncio.sleep(0)
    await closing
    assert [one.deed for one in await store.events.list()] == [Deed.ASKED]
