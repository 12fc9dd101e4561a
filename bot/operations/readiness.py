"""Whether requests may come: the database answers, Slack's connection is alive, and the registry lets the app in."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import JanitorError
from bot.operations.socket import SILENT_SECONDS, Connection
from bot.registry import RegistryClient
from bot.store import Store

# For so long an answer is given again: whoever asks often costs nothing.
REMEMBERED_SECONDS = 5.0
# Orchestrators ask for a second or a few; what takes longer than this is no answer.
PATIENCE_SECONDS = 4.0

Details = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """``ready``: whether requests may come. ``parts``: by name, what each is like; ``ok`` is false where it is not."""

    ready: bool
    parts: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """Give it as it goes out."""
        return {"status": "ready" if self.ready else "not ready", **self.parts}


class Readiness:
    """Looks at each part, at most every few seconds, however often it is asked.

    Several registries: one that lets the app in is enough, since people can work with that one; each is shown.
    ``connection`` tells how Socket Mode stands; None in HTTP mode, where Slack comes to us. ``hide`` takes secrets out
    of texts. ``installed`` gives the workspaces that have installed the app, where they do.
    """

    def __init__(
        self,
        store: Store,
        registries: Mapping[str, RegistryClient],
        *,
        connection: Callable[[], Connection] | None,
        installed: Callable[[], Awaitable[list[str]]] | None = None,
        hide: Callable[[str], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._registries = registries
        self._connection = connection
        self._installed = installed
        self._hide = hide
        self._clock = clock
        self._turn = asyncio.Lock()
        self._last: tuple[float, Report] | None = None

    async def report(self) -> Report:
        """Say how things are, or were some seconds ago."""
        async with self._turn:
            if self._last is None or self._clock() - self._last[0] >= REMEMBERED_SECONDS:
                report = await self._look()
                self._last = self._clock(), report
            return self._last[1]

    async def _look(self) -> Report:
        names = list(self._registries)
        database, *registries = await asyncio.gather(
            self._try(self._store.ping), *(self._try(self._registries[name].sign_in) for name in names)
        )
        slack = await self._slack()
        ready = database["ok"] and slack["ok"] and any(each["ok"] for each in registries)
        return Report(
            bool(ready),
            {"database": database, "slack": slack, "registries": dict(zip(names, registries, strict=True))},
        )

    async def _try(self, ask: Callable[[], Awaitable[None]]) -> Details:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await ask()
        except JanitorError as error:
            return {"ok": False, "problem": self._hide(str(error))}
        except TimeoutError:
            return {"ok": False, "problem": f"It did not answer within {PATIENCE_SECONDS:.0f} s."}
        return {"ok": True}

    async def _slack(self) -> Details:
        if self._connection is None:
            return {"ok": True, "mode": "http", **await self._workspaces()}
        state = self._connection()
        age = None if state.last_pong is None else round(state.last_pong, 1)
        shown = {"mode": "socket", "last_pong_seconds": age}
        if not state.connected:
            return {"ok": False, "problem": "There is no connection to Slack; the app goes on trying.", **shown}
        if state.silent:
            return {
                "ok": False,
                "problem": f"Slack has not answered a ping for more than {SILENT_SECONDS:.0f} s.",
                **shown,
            }
        return {"ok": True, **shown}

    async def _workspaces(self) -> Details:
        """Count the workspaces that have installed the app, where that is how they come. None is no trouble."""
        if self._installed is None:
            return {}
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return {"workspaces": len(await self._installed())}
        except (JanitorError, TimeoutError):
            return {}  # the database's own line tells it
