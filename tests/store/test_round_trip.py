"""What is written is read back, every field of it, on both databases."""

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from bot.domain.complete import Completeness
from bot.domain.freed import Freed
from bot.domain.manifest import Body, Descriptor
from bot.domain.plan import Item, Staying
from bot.domain.proposal import Deed, Event, Outcome, Proposal, Record, State
from bot.domain.reason import Why
from bot.domain.rule import Protection, Rule
from bot.domain.share import Share
from bot.store import Store
from bot.store.tables import EVENTS, PROPOSALS
from tests.store.make import NOW, event, items, proposal, put

# One store for all examples: each example brings ids of its own.
FAST = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
BYTES = st.integers(0, 2**62)
SMALL = st.integers(0, 2**31 - 1)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-11))])
TIMES = st.datetimes(datetime(1970, 1, 2), datetime(2999, 1, 1), timezones=ZONES)  # noqa: DTZ001 - hypothesis adds zones
MAYBE = st.none() | TIMES
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
RULES = st.builds(
    Rule,
    untagged=st.booleans(),
    tagged=st.booleans(),
    before=MAYBE,
    tags=TEXT,
    search=st.booleans(),
    keep_newest=SMALL,
    named=st.frozensets(TEXT, max_size=3),
    whole=st.booleans(),
    protection=st.builds(
        Protection,
        grace=st.timedeltas(timedelta(0), timedelta(days=9999)),
        keep_tags=st.lists(TEXT, max_size=2).map(tuple),
        keep_repositories=st.lists(TEXT, max_size=2).map(tuple),
    ),
)
PROPOSAL = st.builds(
    Proposal,
    id=st.uuids().map(str),
    team_id=TEXT,
    registry=TEXT,
    target=TEXT,
    rule=RULES,
    checksum=TEXT,
    requester=TEXT,
    channel=TEXT,
    created=TIMES,
    expires=TIMES,
    item_count=SMALL,
    upper_bytes=BYTES,
    enterprise_id=TEXT,
    revision=SMALL,
    state=st.sampled_from(State),
    card_ts=TEXT,
    decided_by=TEXT,
    decided=MAYBE,
    started=MAYBE,
    finished=MAYBE,
    note=TEXT,
    fence=SMALL,
    drawn=TEXT,
    measured=st.none() | st.builds(Freed, BYTES, BYTES, SMALL),
    checked=st.none()
    | st.builds(
        Completeness,
        SMALL,
        st.dictionaries(TEXT, st.lists(TEXT, max_size=2).map(tuple), max_size=2),
        st.lists(TEXT, max_size=2).map(tuple),
        TEXT,
        st.lists(TEXT, max_size=2).map(tuple),
        SMALL,
        st.lists(TEXT, max_size=2).map(tuple),
    ),
    needs_typed=TEXT,
    staying=st.none() | st.builds(Staying, st.dictionaries(st.sampled_from(Why), SMALL, max_size=3)),
    share=st.none() | st.builds(Share, TEXT, SMALL, SMALL, SMALL),
)
ITEM = st.builds(
    Item,
    position=st.just(0),
    rank=SMALL,
    repository=TEXT,
    digest=TEXT,
    media_type=TEXT,
    platform=TEXT,
    size=BYTES,
    created=TIMES,
    updated=TIMES,
    why=st.sampled_from(Why),
    reason=TEXT,
    tags=st.lists(TEXT, max_size=3).map(tuple),
)
EVENT = st.builds(
    Event,
    at=TIMES,
    deed=st.sampled_from(Deed),
    actor=TEXT,
    proposal=st.uuids().map(str),
    team_id=TEXT,
    channel=TEXT,
    detail=st.none() | st.dictionaries(TEXT, JSON, max_size=3),
)
DESCRIPTORS = st.lists(st.builds(Descriptor, TEXT, BYTES, TEXT, TEXT), max_size=3).map(tuple)
BODY = st.builds(Body, digest=TEXT, children=DESCRIPTORS, subject=TEXT, blobs=DESCRIPTORS, artifact_type=TEXT)


@given(made=PROPOSAL, written=st.lists(ITEM, max_size=3))
@FAST
async def test_proposals_and_items(store: Store, made: Proposal, written: list[Item]) -> None:
    """A proposal comes back as it was in every field, and its items with it; its times come back in UTC."""
    made = dataclasses.replace(made, id=str(uuid.uuid4()))
    placed = [dataclasses.replace(item, position=place) for place, item in enumerate(written)]
    await store.proposals.create(made, placed, event(about=made.id))
    found = await store.proposals.get(made.id)
    assert found == made
    assert found.created.tzinfo is UTC
    assert await store.proposals.records(made.id) == [Record(item, Outcome.TODO, "", None) for item in placed]


@given(made=EVENT)
@FAST
async def test_events(store: Store, made: Event) -> None:
    """A deed comes back as it was, whatever JSON its detail holds, and its hash is that of what comes back."""
    made = dataclasses.replace(made, proposal=str(uuid.uuid4()))
    await store.events.append(made)
    assert await store.events.list(made.proposal) == [made]
    assert (await store.audit.verify()).findings == ()


@given(made=st.lists(BODY, max_size=4, unique_by=lambda body: body.digest))
@FAST
async def test_bodies(store: Store, made: list[Body]) -> None:
    """A body comes back as it was."""
    await store.bodies.put(made)
    assert await store.bodies.get(body.digest for body in made) == {body.digest: body for body in made}


async def test_no_field_is_forgotten(store: Store) -> None:
    """Each field of the domain's values has a column: one that is added later must be stored too."""
    stored = {column.name for column in PROPOSALS.columns}
    assert stored == {field.name for field in dataclasses.fields(Proposal)}
    chained = {"id", "position", "hash"}
    assert {column.name for column in EVENTS.columns} - chained == {field.name for field in dataclasses.fields(Event)}
    changed = {field.name for field in dataclasses.fields(Body)}
    assert changed == {"digest", "children", "subject", "blobs", "artifact_type"}


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    """A naive time is a fault of the program and says so; nothing is written."""
    with pytest.raises(ValueError, match="has no time zone"):
        await store.proposals.create(proposal(created=NOW.replace(tzinfo=None)), items(1), event())
    assert await store.proposals.get("p1") is None


async def test_the_words_in_the_tables_are_the_values(store: Store) -> None:
    """States, outcomes, reasons and deeds are stored as their stable words, and JSON without spaces."""
    await put(store, State.RUNNING, 1)
    async with store._database.read() as connection:
        row = (await connection.execute(text("SELECT state, CAST(rule AS TEXT) AS rule FROM proposals"))).one()
        assert row.state == "running"
        assert row.rule.startswith('{"untagged":true,"tagged":false,')
        assert (await connection.execute(text("SELECT why, outcome FROM proposal_items"))).one() == ("untagged", "todo")
        deeds = (await connection.execute(text("SELECT deed FROM events ORDER BY id"))).scalars().all()
        assert deeds == ["proposed", "approved", "started"]
        assert (await connection.scalar(select(PROPOSALS.c.created))) == NOW
