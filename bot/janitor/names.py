"""The names of a registry's repositories, for whoever is typing one: asked once, remembered for a short while."""

import asyncio
from datetime import timedelta

import structlog

from bot.errors import JanitorError
from bot.janitor.desk import ReadingDesk
from bot.janitor.recent import Recent

REMEMBERED = timedelta(minutes=1)
# Slack wants the answer to a suggestion, and to a form, within three seconds.
PATIENCE_SECONDS = 2.0

log = structlog.get_logger(__name__)


class Names:
    """Each registry is asked by one task at a time; it goes on when nobody can wait any longer, for the next letter.

    Only answers are remembered, never failures.
    """

    def __init__(self, desk: ReadingDesk) -> None:
        self._desk = desk
        self._recent: Recent[list[str]] = Recent(desk.clock, lasts=REMEMBERED, most=1_000_000)
        self._asking: dict[str, asyncio.Task[list[str]]] = {}

    async def of(self, registry: str, patience: float = PATIENCE_SECONDS) -> list[str]:
        """Give the names of all repositories of a registry, which is named as in a command.

        Raises JanitorError where it can't say, and TimeoutError where it does not within so many seconds.
        """
        name = self._desk.registry(registry).name
        known = self._recent.get(name)
        if known is not None:
            return known
        task = self._asking.get(name)
        if task is None:
            task = self._asking[name] = asyncio.create_task(self._ask(name))
            task.add_done_callback(lambda done: self._asked(name, done))
        async with asyncio.timeout(patience):
            return await asyncio.shield(task)

    async def close(self) -> None:
        """Stop asking."""
        tasks = list(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, name: str) -> list[str]:
        names = await self._desk.registry(name).repositories()
        self._recent.keep(name, names, len(names))
        return names

    def _asked(self, name: str, task: asyncio.Task[list[str]]) -> None:
        del self._asking[name]
        if not task.cancelled() and (error := task.exception()) is not None:
            problem = error.problem if isinstance(error, JanitorError) else repr(error)
            log.warning("repositories_not_listed", registry=name, problem=problem)
