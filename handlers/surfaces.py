"""Each list: how one page of it and the whole of it come about."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from bot.blocks import Message, notes
from bot.blocks.manifests import manifests, manifests_csv
from bot.blocks.repos import repositories, repositories_csv
from bot.blocks.sheet import Sheet
from bot.domain.lists import ListRequest, Manifests, Repos
from bot.janitor.manifests import Listed, list_manifests
from bot.janitor.recent import Recent
from bot.janitor.repos import Holdings, Progress, look_at_repositories
from handlers.caller import Caller
from handlers.parts import Parts

AskedT_contra = TypeVar("AskedT_contra", bound=ListRequest, contravariant=True)


class Surface(Protocol[AskedT_contra]):
    """A list. ``fresh``: look again, even where the same was looked up a moment ago."""

    async def page(self, request: AskedT_contra, caller: Caller, start: int, *, fresh: bool) -> Message:
        """Draw the page with the row ``start``."""
        ...

    async def sheet(self, request: AskedT_contra, caller: Caller) -> Sheet:
        """Write all of it."""
        ...


def surfaces(parts: Parts) -> Mapping[type, Surface[Any]]:
    """Make them, by the requests that they answer."""
    return {Repos: _Repositories(parts), Manifests: _Manifests(parts)}


def _progress(caller: Caller) -> Progress:
    async def tell(count: int) -> None:
        await caller.replies.private(notes.looking_through(count))

    return tell


class _Repositories:
    """``/acr repos``."""

    def __init__(self, parts: Parts) -> None:
        self._desk = parts.desk
        self._recent: Recent[Holdings] = Recent(parts.desk.clock)

    async def page(self, request: Repos, caller: Caller, start: int, *, fresh: bool) -> Message:
        found = await self._look(request, caller, fresh=fresh)
        stale_after = self._desk.policy.stale_after
        return repositories(found, request, stale_after=stale_after, now=self._desk.clock(), start=start)

    async def sheet(self, request: Repos, caller: Caller) -> Sheet:
        return repositories_csv(await self._look(request, caller, fresh=False))

    async def _look(self, request: Repos, caller: Caller, *, fresh: bool) -> Holdings:
        found = None if fresh else self._recent.get(request)
        if found is None:
            found = await look_at_repositories(
                self._desk, request.reference, registry=request.registry, progress=_progress(caller)
            )
            self._recent.keep(request, found, found.count)
        return found


class _Manifests:
    """``/acr manifests``."""

    def __init__(self, parts: Parts) -> None:
        self._desk = parts.desk
        self._recent: Recent[Listed] = Recent(parts.desk.clock)

    async def page(self, request: Manifests, _: Caller, start: int, *, fresh: bool) -> Message:
        return manifests(await self._look(request, fresh=fresh), request, now=self._desk.clock(), start=start)

    async def sheet(self, request: Manifests, _: Caller) -> Sheet:
        return manifests_csv(await self._look(request, fresh=False), oldest=request.oldest)

    async def _look(self, request: Manifests, *, fresh: bool) -> Listed:
        key = (request.reference, request.registry)
        found = None if fresh else self._recent.get(key)
        if found is None:
            found = await list_manifests(self._desk, request.reference, registry=request.registry)
            self._recent.keep(key, found, len(found.manifests))
        return found
