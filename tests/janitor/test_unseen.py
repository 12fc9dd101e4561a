"""A second try waits for its card: what nobody sees does not run."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.proposal import State
from bot.errors import HeldBackError
from bot.janitor.desk import Desk, Policy
from bot.janitor.execute import Executor
from bot.store import Store
from tests.store.make import NOW, put


class Nobody:
    """Looks at no card."""

    async def changed(self, _proposal_id: str) -> None:
        """Draw nothing."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Open a database."""
    opened = await Store.open(f"sqlite:///{tmp_path}/janitor.db")
    yield opened
    await opened.close()


async def test_it_waits_for_its_card(store: Store) -> None:
    """However early a worker hears of it, it is taken by none before its card is there."""
    executor = Executor(Desk({}, store.bodies, Policy(), lambda: NOW, store), Nobody())
    await put(store, State.APPROVED, 1, id="again", retry_of="first", card_ts="")
    with pytest.raises(HeldBackError):
        await executor.run("again", asyncio.Event())
    waiting = await store.proposals.get("again")
    assert waiting is not None
    assert (waiting.state, waiting.fence) == (State.APPROVED, 0)
    await store.proposals.attach_card("again", "C1", "1.1")
    await executor.run("again", asyncio.Event())
    ended = await store.proposals.get("again")
    assert ended is not None
    assert (ended.state, ended.fence) == (State.FAILED, 1)
    assert ended.note == "The registry reg is no longer in the settings."
