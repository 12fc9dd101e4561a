"""The chain over the record of deeds: whatever somebody does to the rows behind the app's back is found and named."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, text

from bot.domain.proposal import Deed, State
from bot.domain.workspace import Workspace
from bot.errors import StoreError
from bot.store import Place, Store
from bot.store.events import row_of
from bot.store.tables import EVENTS
from bot.store.verify import Verdict
from tests.store.make import HOUR, NOW, deleted, event, put

_OFF = {
    "sqlite": ["DROP TRIGGER events_refuse_update", "DROP TRIGGER events_refuse_delete"],
    "postgresql": ["ALTER TABLE events DISABLE TRIGGER USER"],
}


async def tamper(store: Store, *statements: str) -> None:
    """Do what somebody can who owns the database: switch the triggers off, then change what they like."""
    off = _OFF[store._database.engine.dialect.name]
    async with store._database.write() as connection:
        for statement in [*off, *statements]:
            await connection.execute(text(statement))


async def filled(store: Store, count: int = 8) -> None:
    """Put so many deeds on record."""
    for number in range(count):
        await store.events.append(event(Deed.REFUSED, actor=f"U{number}", detail={"why": "no", "n": [number, 1.5]}))


def found(verdict: Verdict) -> str:
    """Give the findings as one text."""
    return "\n".join(verdict.findings)


async def test_an_untouched_record_is_whole(store: Store) -> None:
    """All that the program itself writes is linked, with what it was done to, and nothing is found."""
    made = await put(store, State.RUNNING, 30, enterprise_id="E1")
    await store.proposals.settle("p1", 1, deleted(*range(30)))
    await store.events.append(event(Deed.REFUSED, detail={"why": "\ud800 and \x00", 'q"': {"b": None, "a": [True]}}))
    verdict = await store.audit.verify()
    assert (verdict.rows, verdict.count, verdict.end.position) == (34, 0, 34)
    async for row in store.audit.rows():
        assert (row["team_id"], row["enterprise_id"]) == ("T1", "E1")
        assert (row["checksum"], row["revision"]) == (made.checksum, made.revision)
        assert row["channel"] == "C1"


async def test_an_empty_record_is_whole(store: Store) -> None:
    """A new database has a chain without links."""
    assert (await store.audit.verify()).count == 0


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'U9'",
        "at = '2026-01-01 00:00:00.000000'",
        "deed = 'approved'",
        "proposal = 'other'",
        "team_id = 'T9'",
        "enterprise_id = 'E9'",
        "channel = 'C9'",
        "checksum = 'abc'",
        "revision = 7",
        """detail = '{"why": "yes"}'""",
        "detail = NULL",
        f"hash = '{'0' * 64}'",
    ],
)
async def test_a_changed_row_is_named(store: Store, change: str) -> None:
    """Whichever column was changed, the row is named."""
    await filled(store)
    await tamper(store, f"UPDATE events SET {change} WHERE position = 5")
    verdict = await store.audit.verify()
    assert "Row 5 (" in verdict.findings[0]
    assert "was changed" in verdict.findings[0]
    assert verdict.count == (2 if change.startswith("hash") else 1)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("position = 1", ["Place 1 is missing: 1 row was removed. So place 2 can't be checked either."]),
        ("position BETWEEN 4 AND 6", ["Places 4 to 6 are missing: 3 rows were removed."]),
        ("position IN (2, 4)", ["Place 2 is missing", "Place 4 is missing"]),
        ("position = 8", ["At the end 1 row was removed: the record goes to place 8."]),
        ("position > 5", ["At the end 3 rows were removed: the record goes to place 8."]),
        ("position > 0", ["At the end 8 rows were removed: the record goes to place 8."]),
    ],
)
async def test_removed_rows_are_named(store: Store, where: str, expected: Sequence[str]) -> None:
    """At the beginning, in the middle, at the end, and all of them."""
    await filled(store)
    await tamper(store, f"DELETE FROM events WHERE {where}")
    verdict = await store.audit.verify()
    assert len(verdict.findings) == len(expected)
    for finding, words in zip(verdict.findings, expected, strict=True):
        assert finding.startswith(words)


async def test_rows_out_of_order_are_named(store: Store) -> None:
    """Two rows that changed places: one of them is said to stand where it does not belong."""
    await filled(store)
    await tamper(store, *(f"UPDATE events SET id = {to} WHERE id = {at}" for at, to in ((5, 99), (4, 5), (99, 4))))
    verdict = await store.audit.verify()
    assert verdict.findings == ("Row 5 stands out of order: its place is 4.",)


async def test_moved_contents_are_named(store: Store) -> None:
    """Two rows that kept their places and exchanged their deeds are both named."""
    await filled(store)
    await tamper(store, *(f"UPDATE events SET actor = 'U{actor}' WHERE id = {at}" for at, actor in ((4, 4), (5, 3))))
    assert [finding[:5] for finding in (await store.audit.verify()).findings] == ["Row 4", "Row 5"]


async def test_what_was_put_in_is_named(store: Store) -> None:
    """A row without a place, one at a place that is taken, and one behind the end."""
    await filled(store, 3)
    rows: list[dict[str, Any]] = [
        {"position": None, "hash": None},
        {"position": 2, "hash": "f" * 64},
        {"position": 4, "hash": "f" * 64},
    ]
    async with store._database.write() as connection:
        for row in rows:
            await connection.execute(insert(EVENTS), row_of(event(Deed.APPROVED)) | row)
    verdict = await store.audit.verify()
    assert "Row 4 is in no chain" in found(verdict)
    assert "Row 5 was put in: there is another at its place 2." in found(verdict)
    assert "At the end 1 row was put in by hand: the record goes to place 3." in found(verdict)
    assert verdict.loose


async def test_without_its_end_nothing_is_appended(store: Store) -> None:
    """A record whose end was removed is said to be so, and nothing that would have to be on record can happen."""
    await filled(store, 2)
    await tamper(store, "DELETE FROM event_head")
    assert "event_head was emptied" in found(await store.audit.verify())
    with pytest.raises(StoreError, match="audit verify"):
        await filled(store, 1)
    with pytest.raises(StoreError, match="lost its end"):
        await put(store, State.OPEN, 1)
    assert await store.proposals.get("p1") is None


async def test_an_end_that_was_moved_is_found(store: Store) -> None:
    """An end with another hash than the last row, and one that was cut off together with the rows behind it."""
    await filled(store)
    [fifth] = [Place(row["position"], row["hash"]) async for row in store.audit.rows() if row["position"] == 5]
    whole = (await store.audit.verify()).end
    await tamper(
        store,
        "DELETE FROM events WHERE position > 5",
        f"UPDATE event_head SET position = 5, hash = '{fifth.hash}'",
    )
    assert (await store.audit.verify()).count == 0
    assert "The record ends at place 5, before the one noted: it was cut." in found(await store.audit.verify(whole))
    assert (await store.audit.verify(fifth)).count == 0
    assert "another hash than the one noted" in found(await store.audit.verify(replace(fifth, hash="0" * 64)))
    async with store._database.write() as connection:
        await connection.execute(text("UPDATE event_head SET hash = 'f'"))
    assert "another hash than the last row" in found(await store.audit.verify())


async def test_what_an_older_version_wrote_is_taken_in(store: Store) -> None:
    """Rows without a place are taken into the chain by a row that names them; what happens to them then is found."""
    await filled(store, 2)
    async with store._database.write() as connection:
        older = [row_of(event(actor="U7")), row_of(event(actor="U8"))]
        await connection.execute(insert(EVENTS), older)
    await filled(store, 2)
    assert (await store.audit.verify()).count == 2
    assert await store.audit.adopt(NOW + HOUR) == 2
    assert (await store.audit.verify()).count == 0
    assert await store.audit.adopt(NOW + HOUR) == 0
    await tamper(store, "UPDATE events SET actor = 'U9' WHERE id = 3", "DELETE FROM events WHERE id = 4")
    verdict = await store.audit.verify()
    assert "Row 3 was changed since it was taken" in found(verdict)
    assert "Row 4 is missing" in found(verdict)


async def test_many_findings_are_counted_and_some_are_told(store: Store) -> None:
    """A record that was tampered with all over does not fill the terminal."""
    async with store._database.write() as connection:
        await connection.execute(insert(EVENTS), [row_of(event()) for _ in range(150)])
    verdict = await store.audit.verify()
    assert (len(verdict.findings), verdict.count) == (100, 150)


async def test_several_at_once_make_one_chain(url: str) -> None:
    """Stores that append at the same time, on PostgreSQL as several processes do, wait for each other."""
    stores = [await Store.open(url)]
    if stores[0].shared:
        stores += [await Store.open(url) for _ in range(3)]
    await asyncio.gather(*(filled(store, 10) for store in stores for _ in range(4)))
    verdict = await stores[0].audit.verify()
    assert (verdict.count, verdict.end.position) == (0, 40 * len(stores))
    for store in stores:
        await store.close()


async def test_what_is_undone_leaves_no_hole(store: Store) -> None:
    """A transaction that fails takes its deeds and their places with it."""
    await filled(store, 2)

    async def fail(_: object) -> None:
        raise RuntimeError("on the way")

    made = await put(store, State.OPEN, 1)
    with pytest.raises(RuntimeError, match="on the way"):
        await store.proposals.move("p1", State.APPROVED, by="U2", at=NOW, event=event(Deed.APPROVED), also=fail)
    await store.events.append(event())
    verdict = await store.audit.verify()
    assert (verdict.count, verdict.end.position) == (0, 4)
    assert await store.proposals.get("p1") == made


async def test_since_and_search(store: Store) -> None:
    """The export begins where it is told to; a search finds one workspace's deeds on one repository, latest kept."""
    await put(store, State.RUNNING, 3)
    await store.proposals.settle("p1", 1, deleted(0, 1, 2))
    await store.events.append(event(Deed.LOCKED, about="", at=NOW + 9 * HOUR, detail={"repository": "team/app"}))
    await store.events.append(event(Deed.LOCKED, about="", at=NOW + 9 * HOUR, detail={"repository": "other"}))
    assert [row["deed"] async for row in store.audit.rows(NOW + 9 * HOUR)] == [Deed.LOCKED, Deed.LOCKED]

    rows, more = await store.audit.latest(Workspace("T1"), repository="team/app", most=100)
    told = [row["deed"] for row in rows]
    assert told == [Deed.PROPOSED, Deed.APPROVED, Deed.STARTED, Deed.ITEM, Deed.ITEM, Deed.ITEM, Deed.LOCKED]
    assert not more
    rows, more = await store.audit.latest(Workspace("T1"), since=NOW + HOUR, repository="team/app", most=2)
    assert [row["deed"] for row in rows] == [Deed.ITEM, Deed.LOCKED]
    assert more
    assert await store.audit.latest(Workspace("T1"), repository="nothing/of/it", most=9) == ([], False)
    assert await store.audit.latest(Workspace("T2"), most=9) == ([], False)
    await store.events.append(event(Deed.REFUSED, team_id="T2"))
    [(row,), _] = await store.audit.latest(Workspace("T2"), most=9)
    assert (row["team_id"], row["checksum"]) == ("T2", "")
