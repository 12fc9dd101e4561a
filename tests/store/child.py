"""A process of its own that opens a database, does one thing, and says on standard output how far it came."""

import asyncio
import os
import signal
import sys
from collections.abc import Generator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import psycopg
from sqlalchemy import event as listen

from bot.domain.proposal import Outcome, Settled
from bot.errors import StoreError
from bot.store import Store
from bot.store.database import SILENCE
from tests.store.make import NOW


def say(words: str) -> None:
    """Print a line that the parent gets at once."""
    print(words, flush=True)  # noqa: T201 - the parent reads it


async def hold(store: Store) -> None:
    """Keep the database open until told to end."""
    await store.ping()
    say("open")
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


async def claim(store: Store) -> None:
    """Hold a claim until told to end."""
    async with store.claims.held("card:p1") as got:
        say("claimed" if got else "not claimed")
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


async def settle(store: Store, size: int) -> None:
    """Settle batch after batch, and say the first position of each that is written."""
    for start in range(0, 100_000, size):
        await store.proposals.settle("p1", 1, [Settled(start + step, Outcome.DELETED, NOW) for step in range(size)])
        say(str(start))


async def die_settling(store: Store, size: int) -> None:
    """Settle two batches; die by SIGKILL in the third, when its outcomes are written and its deeds are not."""
    seen = 0

    @listen.listens_for(store._database.engine.sync_engine, "before_cursor_execute")
    def watch(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal seen
        if statement.startswith("INSERT INTO events"):
            seen += 1
            if seen == 3:
                os.kill(os.getpid(), signal.SIGKILL)

    await settle(store, size)


async def freeze_settling(store: Store, moment: int) -> None:
    """Settle a batch; freeze by SIGSTOP at a certain one of the waits for the server, counted from the outcomes on."""
    writing = False
    waits = 0

    @listen.listens_for(store._database.engine.sync_engine, "before_cursor_execute")
    def watch(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal writing
        writing = writing or statement.startswith("UPDATE proposal_items")

    def watched(steps: Any) -> Generator[Any, Any, Any]:
        nonlocal waits
        try:
            step = next(steps)
            while True:
                waits += writing
                if writing and waits == moment:
                    say("freezing")
                    os.kill(os.getpid(), signal.SIGSTOP)
                step = steps.send((yield step))
        except StopIteration as end:
            return end.value

    waiting = psycopg.AsyncConnection.wait

    async def wait(self: Any, steps: Any, *rest: Any, **named: Any) -> Any:
        return await waiting(self, watched(steps), *rest, **named)

    with patch.object(psycopg.AsyncConnection, "wait", wait):
        await settle(store, 20)


async def main(deed: str, url: str) -> None:
    """Open the database and do the deed."""
    try:
        silence = timedelta(seconds=2) if deed.startswith("freeze") else SILENCE
        store = await Store.open(url, lease=timedelta(seconds=3), silence=silence)
    except StoreError as error:
        say(f"refused: {error}")
        return
    try:
        await {
            "hold": lambda: hold(store),
            "claim": lambda: claim(store),
            "settle": lambda: settle(store, 20),
            "die": lambda: die_settling(store, 20),
            "freeze-3": lambda: freeze_settling(store, 3),
            "freeze-4": lambda: freeze_settling(store, 4),
        }[deed]()
    finally:
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
