"""Each list: how one page of it and the whole of it come about."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

import structlog

from bot.blocks import Message, notes
from bot.blocks.history import history, history_csv
from bot.blocks.manifests import manifests, manifests_csv
from bot.blocks.paging import PAGE
from bot.blocks.pending import PAGE as PENDING_PAGE
from bot.blocks.pending import first_shown, pending, pending_csv
from bot.blocks.repos import repositories, repositories_csv
from bot.blocks.rules import rules, rules_csv
from bot.blocks.sheet import Sheet
from bot.blocks.usage import usage, usage_csv
from bot.domain.lists import History, ListRequest, Manifests, Pending, Repos, Rules, Usage
from bot.janitor.history import list_done, list_history, list_pending, look_into
from bot.janitor.manifests import Listed, list_manifests
from bot.janitor.recent import Recent
from bot.janitor.repos import Holdings, Progress, look_at_repositories
from bot.janitor.rules import RulesFound, look_at_rules
from handlers.caller import Caller
from handlers.links import links_to
from handlers.parts import Parts

log = structlog.get_logger(__name__)

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
    return {
        Repos: _Repositories(parts),
        Usage: _Usage(parts),
        Manifests: _Manifests(parts),
        Pending: _Pending(parts),
        History: _History(parts),
        Rules: _Rules(parts),
    }


def _progress(caller: Caller) -> Progress:
    async def tell(count: int) -> None:
        await caller.replies.private(notes.looking_through(count))

    return tell


class _Holdings:
    """What ``/acr repos`` and ``/acr usage`` have in common; ``layers`` as in ``look_at_repositories``."""

    layers = False

    def __init__(self, parts: Parts) -> None:
        self._desk = parts.desk
        self._recent: Recent[Holdings] = Recent(parts.desk.clock)

    async def _look(self, request: Repos | Usage, caller: Caller, *, fresh: bool) -> Holdings:
        found = None if fresh else self._recent.get(request)
        if found is None:
            found = await look_at_repositories(
                self._desk,
                request.reference,
                registry=request.registry,
                layers=self.layers,
                progress=_progress(caller),
            )
            self._recent.keep(request, found, found.count)
        return found


class _Repositories(_Holdings):
    """``/acr repos``."""

    async def page(self, request: Repos, caller: Caller, start: int, *, fresh: bool) -> Message:
        found = await self._look(request, caller, fresh=fresh)
        stale_after = self._desk.policy.stale_after
        return repositories(found, request, stale_after=stale_after, now=self._desk.clock(), start=start)

    async def sheet(self, request: Repos, caller: Caller) -> Sheet:
        return repositories_csv(await self._look(request, caller, fresh=False))


class _Usage(_Holdings):
    """``/acr usage``."""

    layers = True

    async def page(self, request: Usage, caller: Caller, start: int, *, fresh: bool) -> Message:
        found = await self._look(request, caller, fresh=fresh)
        return usage(found, request, stale_after=self._desk.policy.stale_after, start=start)

    async def sheet(self, request: Usage, caller: Caller) -> Sheet:
        return usage_csv(await self._look(request, caller, fresh=False))


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


class _Pending:
    """``/acr pending``."""

    def __init__(self, parts: Parts) -> None:
        self._desk = parts.desk
        self._clients = parts.clients

    async def page(self, request: Pending, caller: Caller, start: int, *, fresh: bool) -> Message:  # noqa: ARG002 - never kept
        found = await list_pending(self._desk, caller.workspace, request)
        start = first_shown(start, len(found))
        shown = found[start : start + PENDING_PAGE]
        return pending(
            await look_into(self._desk, shown),
            request,
            links=await links_to(self._clients, shown),
            now=self._desk.clock(),
            total=len(found),
            start=start,
        )

    async def sheet(self, request: Pending, caller: Caller) -> Sheet:
        found = await list_pending(self._desk, caller.workspace, request)
        return pending_csv(await look_into(self._desk, found), links=await links_to(self._clients, found))


class _History:
    """``/acr history``."""

    def __init__(self, parts: Parts) -> None:
        self._desk = parts.desk

    async def page(self, request: History, caller: Caller, start: int, *, fresh: bool) -> Message:  # noqa: ARG002 - never kept
        return history(await list_history(self._desk, caller.workspace, request, start=start, most=PAGE), request)

    async def sheet(self, request: History, caller: Caller) -> Sheet:
        return history_csv(await list_done(self._desk, caller.workspace, request))


class _Rules:
    """``/acr rules``."""

    def __init__(self, parts: Parts) -> None:
        self._desk = parts.desk
        self._recent: Recent[RulesFound] = Recent(parts.desk.clock)

    async def page(self, request: Rules, caller: Caller, start: int, *, fresh: bool) -> Message:
        return rules(await self._look(request, caller, fresh=fresh), request, start=start)

    async def sheet(self, request: Rules, caller: Caller) -> Sheet:
        return rules_csv(await self._look(request, caller, fresh=False))

    async def _look(self, request: Rules, caller: Caller, *, fresh: bool) -> RulesFound:
        found = None if fresh else self._recent.get(request)
        if found is None:
            found = await look_at_rules(self._desk, request, progress=_progress(caller))
            self._recent.keep(request, found, len(found.rules))
        return found
