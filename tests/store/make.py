"""Proposals, items and events to test with."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.manifest import DOCKER_MANIFEST
from bot.domain.plan import Item, checksum_of
from bot.domain.proposal import Deed, Event, Outcome, Proposal, Settled, State
from bot.domain.reason import Why
from bot.domain.rule import Rule
from bot.store import Store

NOW = datetime(2026, 11, 2, 9, 30, 15, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)


def digest(number: int) -> str:
    """Make a digest of the right form."""
    return f"sha256:{number:064x}"


def items(count: int) -> list[Item]:
    """Make this many items of ``team/app``, each 1,000 bytes."""
    return [
        Item(
            position=number,
            rank=0,
            repository="team/app",
            digest=digest(number),
            media_type=DOCKER_MANIFEST,
            platform="linux/amd64",
            size=1000,
            created=NOW - 48 * HOUR,
            updated=NOW - 47 * HOUR,
            why=Why.UNTAGGED,
            reason="untagged",
            tags=("a", "b") if number % 2 else (),
        )
        for number in range(count)
    ]


def proposal(count: int = 0, **changes: Any) -> Proposal:
    """Make an open proposal which expires in 72 hours."""
    plain = Proposal(
        id="p1",
        team_id="T1",
        registry="reg",
        target="team/app",
        rule=Rule(),
        checksum=checksum_of("reg", ((item.repository, item.digest) for item in items(count))),
        requester="U1",
        channel="C1",
        created=NOW,
        expires=NOW + 72 * HOUR,
        item_count=count,
        upper_bytes=1000 * count,
    )
    return dataclasses.replace(plain, **changes)


def event(deed: Deed = Deed.PROPOSED, about: str = "p1", **changes: Any) -> Event:
    """Make a deed of U1."""
    return dataclasses.replace(Event(at=NOW, deed=deed, actor="U1", proposal=about, team_id="T1"), **changes)


def recorded(deed: Event, about: Proposal) -> Event:
    """Give a deed as the record has it: with what it was done to."""
    return dataclasses.replace(
        deed,
        enterprise_id=about.enterprise_id,
        channel=deed.channel or about.channel,
        checksum=about.checksum,
        revision=about.revision,
    )


def deleted(*positions: int) -> list[Settled]:
    """Make outcomes: deleted."""
    return [Settled(position, Outcome.DELETED, NOW + HOUR) for position in positions]


async def take(store: Store, about: str = "p1") -> int | None:
    """Take a run in the usual way."""
    return await store.proposals.take(
        about, NOW + 2 * HOUR, *(event(deed, about) for deed in (Deed.STARTED, Deed.RESUMED))
    )


async def put(store: Store, state: State, count: int = 0, **changes: Any) -> Proposal:
    """Bring a new proposal to a state by the same steps as the program does, and give it as it then is."""
    made = proposal(count, **changes)
    await store.proposals.create(made, items(count), event(about=made.id))
    if state in {State.REJECTED, State.EXPIRED, State.WITHDRAWN}:
        assert await store.proposals.move(made.id, state, by="U2", at=NOW + HOUR, event=event(Deed(state), made.id))
    elif state is not State.OPEN:
        assert await store.proposals.move(
            made.id, State.APPROVED, by="U2", at=NOW + HOUR, event=event(Deed.APPROVED, made.id)
        )
        if state is not State.APPROVED:
            fence = await take(store, made.id)
            assert fence == 1
            if state is not State.RUNNING:
                end = event(Deed.FINISHED, made.id)
                assert await store.proposals.finish(made.id, fence, state, NOW + 3 * HOUR, "", end)
    found = await store.proposals.get(made.id)
    assert found is not None
    assert found.state is state
    return found
