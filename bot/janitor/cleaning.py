"""Cleaning one repository: check again, remove tags, delete wave by wave, write down what became of each."""

import asyncio
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from bot.domain.again import held_by
from bot.domain.graph import Graph
from bot.domain.last import LAST, is_guarded, tags_to_spare
from bot.domain.manifest import Snapshot
from bot.domain.plan import Action, Item
from bot.domain.proposal import Outcome, Proposal, Record
from bot.domain.reason import short
from bot.domain.recheck import recheck
from bot.domain.untag import check_again, tags_by_name
from bot.errors import (
    LockedError,
    RegistryDeniedError,
    RegistryError,
    RegistryGarbledError,
    RegistryThrottledError,
    RepositoryNotFoundError,
)
from bot.janitor.attempts import attempts, wait_for_registry
from bot.janitor.desk import Desk
from bot.janitor.outcomes import Outcomes
from bot.janitor.running import Audience, CannotGoOnError, Pace, Result, StoppedError, may_pass
from bot.janitor.streak import Streak
from bot.janitor.unlock import unlock
from bot.janitor.watch import Watch
from bot.registry import Deletion, RegistryClient, take_snapshot

log = structlog.get_logger(__name__)

_INTERRUPTED_TAG = "no longer there after an interruption: this app removed it right before, or somebody else did"
_LOST = "the registry's answer was lost"
# One whose 404 was not true is asked for again and again: the next answer may be the registry's own.
_TRIES = 5
_INTERRUPTED = "no longer there after an interruption: this app deleted it right before, or somebody else did"


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
    _denied: str = field(default="", init=False)
    _graph: Graph | None = field(default=None, init=False)
    _waves: list[list[str]] = field(default_factory=list, init=False)
    _tries: Counter[str] = field(default_factory=Counter, init=False)
    _sent: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self.outcomes = Outcomes(
            desk=self.desk,
            audience=self.audience,
            pace=self.pace,
            proposal=self.proposal,
            fence=self.fence,
            stop=self.stop,
            todo=self.todo,
        )
        self._watch = Watch(self.client, self.repository)
        self._streak = Streak(self.pace.failures)

    async def run(self) -> None:
        """Give every item of ``todo`` an outcome.

        Raises StoppedError, CannotGoOnError, FenceLostError, StoreError; what has an outcome by then is written.
        """
        # Each looks at its own lock right before it changes it; there is nothing here that others need.
        self._waves = [self._left(Action.UNLOCK)]
        while chunk := self._next_chunk():
            await self._do_chunk(chunk)
        if self.outcomes.are_complete:
            return
        await self._check_again()
        while chunk := self._next_chunk():
            await self._do_chunk(chunk)
            if not self.outcomes.are_complete and await self._watch.has_news():
                await self._check_again()

    def _left(self, *actions: Action) -> list[str]:
        left = [key for key in self.todo if key not in self.outcomes.known]
        return [key for key in left if self.todo[key].item.action in actions]

    def _next_chunk(self) -> list[str]:
        """Give some steps that may be done at once; none where there are none left. Raises StoppedError."""
        while self._waves:
            self._waves[0] = wave = [key for key in self._waves[0] if key not in self.outcomes.known]
            if wave and self.stop.is_set():
                raise StoppedError
            if wave:
                return wave[: self.pace.chunk]
            del self._waves[0]
        return []

    async def _tags_that_go(self, snapshot: Snapshot, gone: Container[str]) -> list[str]:
        """Settle the tags that are not to be removed any more, and give the keys of the others.

        ``gone``: the digests that are deleted as a whole.
        """
        tags = tags_by_name(snapshot)
        going: list[str] = []
        stays: list[Result] = []
        for key in self._left(Action.UNTAG):
            found = check_again(snapshot, tags, self.todo[key].item)
            if found is None:
                going.append(key)
            else:
                outcome, detail = found
                interrupted = outcome is Outcome.GONE and self.fence > 1
                stays.append(Result(key, outcome, _INTERRUPTED_TAG if interrupted else detail))
        if going and self._graph and is_guarded(self.proposal.rule):
            named = {self.todo[key].item.tag: key for key in going}
            last = tags_to_spare(snapshot, self._graph, gone, {name: tags[name] for name in named})
            stays += [Result(named[name], Outcome.SKIPPED, str(LAST)) for name in sorted(last)]
            going = [key for key in going if self.todo[key].item.tag not in last]
        await self.outcomes.settle(stays)
        return going

    async def _check_again(self) -> None:
        """Look afresh, judge again what is left, and settle what is gone or must not go.

        A registry that gives no answer is waited for; any other refusal ends the run.
        """
        async for error_allowed in attempts(self.pace, self.stop):
            now = self.desk.clock()
            try:
                snapshot = await take_snapshot(self.client, self.desk.store.bodies, self.repository, now)
            except RepositoryNotFoundError:
                await self.outcomes.settle(
                    Result(key, Outcome.GONE, "the whole repository is gone") for key in self._left(*Action)
                )
                return
            except RegistryError as error:
                if not may_pass(error) or not error_allowed:
                    raise CannotGoOnError(f"{self.repository} could not be read again. {error}") from error
                log.warning("registry_away", repository=self.repository, problem=error.problem)
            else:
                await self._plan_anew(snapshot, now)
                return
        raise StoppedError

    async def _plan_anew(self, snapshot: Snapshot, now: datetime) -> None:
        approved = {digest: self.todo[digest].item for digest in self._left(Action.DELETE)}
        deletes = await asyncio.to_thread(recheck, snapshot, self.proposal.rule, now, approved)
        # What was there at the last look and is not any more may have gone with its subject.
        await self.outcomes.settle(self._gone(digest) for digest in sorted(deletes.gone))
        await self.outcomes.settle(Result(d, Outcome.SKIPPED, str(why)) for d, why in deletes.spared.items())
        self._graph = deletes.graph
        tags = await self._tags_that_go(snapshot, deletes.ranks)
        self._watch.looked(snapshot, {self.todo[key].item.digest for key in tags})
        # In the order of the list that was approved: of what may go at once, the oldest first.
        waves = (sorted(wave, key=lambda digest: self.todo[digest].item.position) for wave in deletes.waves())
        self._waves = [tags, *waves]

    async def _do_chunk(self, keys: Sequence[str]) -> None:
        """Do some steps that may be done at once, and give each its outcome.

        One that got no answer is left for another try, once the registry answers again; if it then fails as well, it is
        this step's fault and not the registry's.
        """
        again = await self._do_all(keys)
        self._tries.update(again.keys())
        still = {key for key in again if self._tries[key] >= again[key].tries}
        await self.outcomes.settle(again[key] for key in still)
        await self._spare_what_is_held(still)
        if self._streak.end_chunk():
            await self.outcomes.let_go()
            if not self.outcomes.are_complete:
                last = again[min(still or again)].detail
                raise CannotGoOnError(
                    f"{self.client.name} answers, and yet {len(self._streak)} steps in a row failed, each tried twice."
                    f" The last one: {last} What is left was not tried."
                )
        if first := again.keys() - still:
            try:
                await wait_for_registry(self.client, self.repository, self.pace, self.stop)
            except CannotGoOnError:
                # Their requests were sent, and nobody knows what came of them: not to be shown as never reached.
                await self.outcomes.settle(again[key] for key in first)
                raise

    async def _do_all(self, keys: Iterable[str]) -> dict[str, Result]:
        """Do steps concurrently, writing outcomes as they come; give what may be retried.

        None is begun after the stop signal (StoppedError), after the registry has denied one (CannotGoOnError), or once
        the chunk has taken its time.
        """
        loop = asyncio.get_running_loop()
        every = self.pace.commit_every.total_seconds()
        again: dict[str, Result] = {}
        results: list[Result] = []
        doubts: list[Result] = []
        turn = asyncio.Semaphore(self.client.concurrency)
        until = loop.time() + self.pace.chunk_time.total_seconds()
        tasks = [asyncio.create_task(self._do_in_turn(turn, key, until)) for key in keys]
        try:
            waiting, written = set(tasks), loop.time()
            while waiting:
                due = max(0.0, written + every - loop.time())
                done, waiting = await asyncio.wait(waiting, timeout=due, return_when=asyncio.FIRST_COMPLETED)
                for result in filter(None, (task.result() for task in done)):
                    if result.passing:
                        again[result.key] = result
                    elif result.doubtful:
                        doubts.append(result)
                    else:
                        results.append(result)
                if len(results) >= self.pace.commit_items or loop.time() >= written + every or not waiting:
                    await self.outcomes.settle(results)
                    results, written = [], loop.time()
        finally:
            # Where writing failed (the fence is lost, the database is away), no further request may go out.
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        again |= await self._resolve(doubts)
        self.outcomes.unanswered |= again
        await self._spare_what_is_held(self._not_deleted(keys, again))
        if self._denied:
            await self.outcomes.settle(again.values())
            raise CannotGoOnError(self._denied)
        if self.stop.is_set() and None in (task.result() for task in tasks):
            raise StoppedError
        return again

    def _not_deleted(self, keys: Iterable[str], again: Mapping[str, Result]) -> set[str]:
        known, staying = self.outcomes.known, {Outcome.FAILED, Outcome.SKIPPED}
        return {key for key in keys if key not in again and known.get(key) in staying}

    async def _do_in_turn(self, turn: asyncio.Semaphore, key: str, until: float) -> Result | None:
        async with turn:
            late = asyncio.get_running_loop().time() >= until
            useless = late or self._denied or self.outcomes.stuck
            return None if useless or self.stop.is_set() else await self._do_one(self.todo[key].item)

    async def _do_one(self, item: Item) -> Result:
        """Do one step and say what came of it, whatever the registry answers."""
        do = {Action.DELETE: self._delete, Action.UNTAG: self._untag, Action.UNLOCK: self._unlock}[item.action]
        try:
            result = await do(item)
        except LockedError:
            return Result(item.key, Outcome.SKIPPED, "locked since it was checked")
        except RegistryDeniedError as error:
            self._denied = str(error)
            return Result(item.key, Outcome.FAILED, error.problem)
        except RegistryError as error:
            passing = may_pass(error)
            if passing and item.key in self._tries:
                self._streak.fail(item.key)
            if passing and not isinstance(error, RegistryThrottledError):
                self._sent.add(item.key)  # and it may have been carried out
            # What a proxy answers in the registry's place is not tried again by the client.
            failed = Result(item.key, Outcome.FAILED, error.problem, passing=passing)
            return replace(failed, tries=_TRIES) if isinstance(error, RegistryGarbledError) else failed
        self._streak.succeed()
        return result

    async def _delete(self, item: Item) -> Result:
        deletion = await self.client.delete_manifest(self.repository, item.digest)
        if deletion is Deletion.DONE:
            return Result(item.key, Outcome.DELETED)
        if deletion is Deletion.LOST:
            self._sent.add(item.key)
        return replace(self._gone(item.digest), doubtful=True)

    async def _resolve(self, doubts: Sequence[Result]) -> dict[str, Result]:
        """Look whether what is said to be gone is. Settle what is; give what is not, to be tried again.

        A DELETE that is answered with 404 has done nothing: the answer may be a cache's or a proxy's, and what is
        recorded as gone must be. One listing tells of all of them, before anything that they hold is touched.
        """
        if not doubts:
            return {}
        there: set[str] = set()
        try:
            there = {manifest.digest for manifest in await self.client.manifests(self.repository)}
        except RepositoryNotFoundError:
            log.info("repository_gone", repository=self.repository)
        except RegistryError as error:
            problem = f"the registry said that it is gone, and that could not be looked up: {error.problem}"
            return {
                doubt.key: Result(doubt.key, Outcome.FAILED, problem, passing=True, tries=_TRIES) for doubt in doubts
            }
        lies = [doubt.key for doubt in doubts if doubt.key in there]
        if lies:
            log.warning("gone_and_still_there", repository=self.repository, count=len(lies))
        await self.outcomes.settle(doubt for doubt in doubts if doubt.key not in there)
        problem = "the registry said that it is gone, and went on listing it"
        return {key: Result(key, Outcome.FAILED, problem, passing=True, tries=_TRIES) for key in lies}

    def _gone(self, digest: str) -> Result:
        subject = self._graph.subject.get(digest, "") if self._graph else ""
        if self.outcomes.known.get(subject) is Outcome.DELETED:
            return Result(digest, Outcome.DELETED, f"by the registry, with its subject {short(subject)}")
        if digest in self._sent:
            return Result(digest, Outcome.DELETED, _LOST)
        return Result(digest, Outcome.GONE, _INTERRUPTED if self._graph is None and self.fence > 1 else "")

    async def _untag(self, item: Item) -> Result:
        there = await self.client.delete_tag(self.repository, item.tag)
        self._watch.untagged(item.digest, item.tag)
        return Result(item.key, Outcome.REMOVED if there else Outcome.GONE)

    async def _unlock(self, item: Item) -> Result:
        return Result(item.key, *await unlock(self.client, item))

    async def _spare_what_is_held(self, staying: AbstractSet[str]) -> None:
        """Skip what is needed by a manifest that should have gone and did not."""
        held = self._graph.spread(staying, {}) if self._graph else {}
        await self.outcomes.settle(
            Result(digest, Outcome.SKIPPED, held_by(reason.because))
            for digest, reason in held.items()
            if digest in self.todo and digest not in self.outcomes.known
        )
