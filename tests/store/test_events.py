"""The record of deeds is append-only: the database itself refuses all else."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.domain.proposal import Deed
from bot.errors import StoreError
from bot.store import Store
from tests.store.make import event

COLUMNS = "id, at, deed, actor, proposal, team_id, channel"
COPY = f"INTO events ({COLUMNS}) SELECT {COLUMNS} FROM events WHERE true"
# By dialect: REPLACE and TRUNCATE go round the triggers of DELETE.
CHANGES = {
    "both": (
        "UPDATE events SET actor = 'nobody'",
        "DELETE FROM events WHERE id > 0",
        f"INSERT {COPY} ON CONFLICT (id) DO UPDATE SET actor = 'nobody'",
    ),
    "sqlite": (
        f"INSERT OR REPLACE {COPY}",
        "UPDATE OR REPLACE events SET id = 1",
    ),
    "postgresql": ("TRUNCATE events", "TRUNCATE proposals, proposal_items, events, bodies CASCADE"),
}


async def test_nothing_changes_the_record(store: Store) -> None:
    """Whatever statement would change or remove a deed is refused, with the reason, and the record is as it was."""
    deeds = [event(Deed.PROPOSED), event(Deed.REFUSED)]
    for deed in deeds:
        await store.events.append(deed)
    for change in CHANGES["both"] + CHANGES[store._database.engine.dialect.name]:
        with pytest.raises(StoreError, match="append-only"):
            async with store._database.write() as connection:
                await connection.execute(text(change))
        assert await store.events.list() == deeds


async def test_in_the_order_of_recording(store: Store) -> None:
    """Deeds are listed as they were recorded, for one proposal or for all, whatever their times say."""
    await store.events.append(event(about="a"))
    await store.events.append(event(about="b", actor="U9"))
    await store.events.append(event(Deed.REJECTED, about="a"))
    await store.events.append(event(Deed.REFUSED, about=""))
    assert [(one.proposal, one.deed) for one in await store.events.list()] == [
        ("a", Deed.PROPOSED),
        ("b", Deed.PROPOSED),
        ("a", Deed.REJECTED),
        ("", Deed.REFUSED),
    ]
    assert [one.deed for one in await store.events.list("a")] == [Deed.PROPOSED, Deed.REJECTED]
    assert await store.events.list("c") == []


async def test_what_was_left_out_is_found_again(store: Store) -> None:
    """What a proposal leaves out is read from the deed of proposing it; older deeds know of nothing."""
    await store.events.append(replace(event(Deed.PROPOSED), proposal="old", detail={"items": 1}))
    await store.events.append(replace(event(Deed.PROPOSED), proposal="new", detail={"faults": {"team/odd": "why"}}))
    await store.events.append(replace(event(Deed.REFUSED), proposal="new", detail={"faults": {"other": "no"}}))
    assert await store.events.faults("old") == {}
    assert await store.events.faults("new") == {"team/odd": "why"}
    assert await store.events.faults("none") == {}
