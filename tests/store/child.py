"""A process of its own that opens a database, does one thing, and says on standard output how far it came."""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from typing import Any

from sqlalchemy import event as listen

from bot.domain.proposal import Outcome, Settled
from bot.errors import StoreError
from bot.store import Store
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


async def main(deed: str, url: str) -> None:
    """Open the database and do the deed."""
    try:
        store = await Store.open(url, lease=timedelta(seconds=3))
    except StoreError as error:
        say(f"refused: {error}")
        return
    try:
        await {
            "hold": lambda: hold(store),
            "claim": lambda: claim(store),
            "settle": lambda: settle(store, 20),
            "die": lambda: die_settling(store, 20),
        }[deed]()
    finally:
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
