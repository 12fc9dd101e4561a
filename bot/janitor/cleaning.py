"""Cleaning one repository: check again, remove tags, delete wave by wave, write down what became of each."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

import structlog

from bot.domain.graph import Graph
from bot.domain.manifest import Snapshot
from bot.domain.plan import Action, Item
from bot.domain.proposal import Outcome, Proposal, Record, Settled
from bot.domain.reason import short
from bot.domain.recheck import Recheck, recheck
from bot.domain.untag import check_again, tags_by_name
from bot.errors import (
    LockedError,
    RegistryDeniedError,
    RegistryError,
    RegistryGarbledError,
    RegistryThrottledError,
    RegistryUnreachableError,
    RepositoryNotFoundError,
)
from bot.janitor.desk import Desk
from bot.janitor.unlock import unlock
from bot.registry import RegistryClient, take_snapshot

log = structlog.get_logger(__name__)

_SERVER_FAULT = 500
_INTERRUPTED_TAG = "no longer there after an interruption: this app removed it right before, or somebody else did"
_INTERRUPTED = "no longer there after an interruption: this app deleted it right before, or somebody else did"


class Audience(Protocol):
    """Whoever wants to see how a run comes along. Called often; draws as often as it likes. Never raises."""

    async def changed(self, proposal_id: str) -> None:
        """Note that outcomes or the state of a proposal have changed."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is done at a time, and how long a registry that gives no answer is waited for.

    ``chunk``: so many deletes are tried before those among them that failed are tried again. ``commit_items``,
    ``commit_every``: outcomes are written when there are so many, or after so long: no more is unknown after a kill.
    """

    chunk: int = 100
    commit_items: int = 20
    commit_every: timedelta = timedelta(seconds=1)
    patience: timedelta = timedelta(minutes=15)
    first_wait: timedelta = timedelta(seconds=2)
    longest_wait: timedelta = timedelta(minutes=1)


class StoppedError(Exception):
    """The stop signal was seen, and everything that was under way is written down."""


class CannotGoOnError(Exception):
    """The whole run ends here, for a reason that people read. What is left stays as it is."""


def _may_pass(error: RegistryError) -> bool:
    """Whether a failure may pass by itself: no answer, a fault of the server, a proxy's page, or too many calls."""
    if isinstance(error, RegistryUnreachableError | RegistryThrottledError | RegistryGarbledError):
        return True
    return error.status is not None and error.status >= _SERVER_FAULT


@dataclass(frozen=True, slots=True)
class _Result:
    """What one step came to. ``key`` is the item's. ``passing`` says that another try is worth while."""

    key: str
    outcome: Outcome
    detail: str = ""
    passing: bool = False


@dataclass
class Cleaning:
    """One run over one repository, under one fence. ``todo`` holds the approved items without an outcome, by key."""

    desk: Desk
    audience: Audience
    pace: Pace
    proposal: Proposal
    fence: int
    stop: asyncio.Event
    client: RegistryClient
    repository: str
    todo: Mapping[str, Record]
    _settled: dict[str, Outcome] = field(default_factory=dict, init=False)
    _denied: str = field(default="", init=False)
    _graph: Graph | None = field(default=None, init=False)

    async def run(self) -> None:
        """Give every item of ``todo`` an outcome.

        Raises StoppedError, CannotGoOnError, FenceLostError, StoreError; what has an outcome by then is written.
        """
        # Each looks at its own lock right before it changes it; there is nothing here that others need.
        await self._carry_out(self._keys(Action.UNLOCK))
        if len(self._settled) == len(self.todo):
            return
        checked = await self._check_again()
        if checked is None:
            left = [key for key in self.todo if key not in self._settled]
            await self._settle(_Result(key, Outcome.GONE, "the whole repository is gone") for key in left)
            return
        snapshot, deletes = checked
        gone = _INTERRUPTED if self.fence > 1 else ""
        await self._settle(_Result(digest, Outcome.GONE, gone) for digest in sorted(deletes.gone))
        await self._settle(_Result(d, Outcome.SKIPPED, str(why)) for d, why in deletes.spared.items())
        self._graph = deletes.graph
        await self._carry_out(await self._tags_that_go(snapshot))
        for wave in deletes.waves():
            await self._carry_out(wave)

    def _keys(self, action: Action) -> list[str]:
        return [key for key, record in self.todo.items() if record.item.action is action]

    async def _tags_that_go(self, snapshot: Snapshot) -> list[str]:
        """Settle the tags that are not to be removed any more, and give the keys of the others."""
        tags = tags_by_name(snapshot)
        going = []
        stays = []
        for key in self._keys(Action.UNTAG):
            found = check_again(snapshot, tags, self.todo[key].item)
            if found is None:
                going.append(key)
            else:
                outcome, detail = found
                interrupted = outcome is Outcome.GONE and self.fence > 1
                stays.append(_Result(key, outcome, _INTERRUPTED_TAG if interrupted else detail))
        await self._settle(stays)
        return going

    async def _carry_out(self, keys: Sequence[str]) -> None:
        for chunk in self._chunks(keys):
            await self._do_chunk(chunk)

    def _chunks(self, wave: Sequence[str]) -> Iterable[list[str]]:
        for start in range(0, len(wave), self.pace.chunk):
            if self.stop.is_set():
                raise StoppedError
            yield [key for key in wave[start : start + self.pace.chunk] if key not in self._settled]

    async def _check_again(self) -> tuple[Snapshot, Recheck] | None:
        """Take a fresh snapshot and judge again; None when the repository is gone.

        A registry that gives no answer is waited for; any other refusal ends the run.
        """
        async for error_allowed in self._attempts():
            now = self.desk.clock()
            try:
                snapshot = await take_snapshot(self.client, self.desk.store.bodies, self.repository, now)
            except RepositoryNotFoundError:
                return None
            except RegistryError as error:
                if not _may_pass(error) or not error_allowed:
                    raise CannotGoOnError(f"{self.repository} could not be read again. {error}") from error
                log.warning("registry_away", repository=self.repository, problem=error.problem)
            else:
                approved = {digest: self.todo[digest].item for digest in self._keys(Action.DELETE)}
                found = await asyncio.to_thread(recheck, snapshot, self.proposal.rule, now, approved)
                return snapshot, found
        raise StoppedError

    async def _attempts(self) -> AsyncIterator[bool]:
        """Give a turn after each of ever longer waits; False marks the last one. Ends early on the stop signal."""
        clock = asyncio.get_running_loop().time
        until = clock() + self.pace.patience.total_seconds()
        wait = self.pace.first_wait.total_seconds()
        while not self.stop.is_set():
            yield clock() + wait <= until
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self.stop.wait()
            wait = min(wait * 2, self.pace.longest_wait.total_seconds())

    async def _do_chunk(self, keys: Sequence[str]) -> None:
        """Do some steps that may be done at once, and give each its outcome.

        One that got no answer gets another try once the registry answers again; if it then fails as well, it is this
        step's fault and not the registry's.
        """
        again = await self._do_all(keys)
        if not again:
            return
        try:
            await self._wait_for_registry()
        except CannotGoOnError:
            # Their requests were sent, and nobody knows what came of them: not to be shown as never reached.
            await self._settle(again.values())
            raise
        still = await self._do_all(again)
        await self._settle(still.values())
        await self._spare_what_is_held(still.keys())

    async def _wait_for_registry(self) -> None:
        async for error_allowed in self._attempts():
            try:
                # Not the catalog: the identity's rights may end at this repository.
                await self.client.repository(self.repository)
            except RepositoryNotFoundError:
                return
            except RegistryError as error:
                if not _may_pass(error) or not error_allowed:
                    raise CannotGoOnError(str(error)) from error
                log.warning("registry_away", repository=self.repository, problem=error.problem)
            else:
                return
        raise StoppedError

    async def _do_all(self, keys: Iterable[str]) -> dict[str, _Result]:
        """Do steps concurrently, writing outcomes as they come; give what may be retried.

        None is begun after the stop signal (StoppedError), or after the registry has denied one (CannotGoOnError).
        """
        loop = asyncio.get_running_loop()
        every = self.pace.commit_every.total_seconds()
        again: dict[str, _Result] = {}
        results: list[_Result] = []
        turn = asyncio.Semaphore(self.client.concurrency)
        tasks = {asyncio.create_task(self._do_in_turn(turn, key)) for key in keys}
        try:
            waiting, written = tasks, loop.time()
            while waiting:
                due = max(0.0, written + every - loop.time())
                done, waiting = await asyncio.wait(waiting, timeout=due, return_when=asyncio.FIRST_COMPLETED)
                for result in filter(None, (task.result() for task in done)):
                    if result.passing:
                        again[result.key] = result
                    else:
                        results.append(result)
                if len(results) >= self.pace.commit_items or loop.time() >= written + every or not waiting:
                    await self._settle(results)
                    results, written = [], loop.time()
        finally:
            # Where writing failed (the fence is lost, the database is away), no further request may go out.
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await self._spare_what_is_held(self._not_deleted(keys, again))
        if self._denied:
            await self._settle(again.values())
            raise CannotGoOnError(self._denied)
        if None in (task.result() for task in tasks):
            raise StoppedError
        return again

    def _not_deleted(self, keys: Iterable[str], again: Mapping[str, _Result]) -> set[str]:
        return {key for key in keys if key not in again and self._settled.get(key) in {Outcome.FAILED, Outcome.SKIPPED}}

    async def _do_in_turn(self, turn: asyncio.Semaphore, key: str) -> _Result | None:
        async with turn:
            return None if self._denied or self.stop.is_set() else await self._do_one(self.todo[key].item)

    async def _do_one(self, item: Item) -> _Result:
        """Do one step and say what came of it, whatever the registry answers."""
        do = {Action.DELETE: self._delete, Action.UNTAG: self._untag, Action.UNLOCK: self._unlock}[item.action]
        try:
            return await do(item)
        except LockedError:
            return _Result(item.key, Outcome.SKIPPED, "locked since it was checked")
        except RegistryDeniedError as error:
            self._denied = str(error)
            return _Result(item.key, Outcome.FAILED, error.problem)
        except RegistryError as error:
            return _Result(item.key, Outcome.FAILED, error.problem, passing=_may_pass(error))

    async def _delete(self, item: Item) -> _Result:
        if await self.client.delete_manifest(self.repository, item.digest):
            return _Result(item.key, Outcome.DELETED)
        subject = self._graph.subject.get(item.digest, "") if self._graph else ""
        if self._settled.get(subject) is Outcome.DELETED:
            return _Result(item.key, Outcome.DELETED, f"by the registry, with its subject {short(subject)}")
        return _Result(item.key, Outcome.GONE)

    async def _untag(self, item: Item) -> _Result:
        there = await self.client.delete_tag(self.repository, item.tag)
        return _Result(item.key, Outcome.REMOVED if there else Outcome.GONE)

    async def _unlock(self, item: Item) -> _Result:
        return _Result(item.key, *await unlock(self.client, item))

    async def _spare_what_is_held(self, staying: AbstractSet[str]) -> None:
        """Skip what is needed by a manifest that should have gone and did not."""
        held = self._graph.spread(staying, {}) if self._graph else {}
        await self._settle(
            _Result(digest, Outcome.SKIPPED, f"{short(reason.because)} was not deleted, and needs it")
            for digest, reason in held.items()
            if digest in self.todo and digest not in self._settled
        )

    async def _settle(self, results: Iterable[_Result]) -> None:
        """Write outcomes. Raises FenceLostError when they are no longer ours to write."""
        results = list(results)
        if not results:
            return
        now = self.desk.clock()
        settled = [Settled(self.todo[r.key].item.position, r.outcome, now, r.detail) for r in results]
        await self.desk.store.proposals.settle(self.proposal.id, self.fence, settled)
        self._settled.update((result.key, result.outcome) for result in results)
        await self.audience.changed(self.proposal.id)
