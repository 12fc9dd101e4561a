"""Executing: carry out an approved proposal, repository by repository, and write down how it ended."""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Callable
from typing import NoReturn

import structlog

from bot.domain.plan import checksum_of
from bot.domain.proposal import Deed, Event, Outcome, Proposal, Record, State
from bot.errors import FenceLostError, HeldBackError, LeaseHeldError, StoreError
from bot.janitor.brake import Brakes
from bot.janitor.cleaning import Cleaning
from bot.janitor.desk import Desk
from bot.janitor.hold import held_back
from bot.janitor.running import Audience, CannotGoOnError, Pace, StoppedError
from bot.registry import permitted_by
from bot.work import Lease, boot_time

_OUR_FAULT = "Something went wrong on our side. What is left can be proposed anew; your platform team finds it by {}."

log = structlog.get_logger(__name__)


class Executor:
    """The use case. ``run`` is idempotent and fenced: it goes on where an earlier run stopped.

    ``afterwards`` is told the id of each proposal whose run has ended.
    """

    def __init__(
        self,
        desk: Desk,
        audience: Audience,
        pace: Pace | None = None,
        *,
        brakes: Brakes | None = None,
        afterwards: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._desk = desk
        self._audience = audience
        self._pace = pace or Pace()
        self._brakes = brakes or Brakes(desk.store, held=self._is_held)
        self._afterwards = afterwards
        self._under_way: set[str] = set()

    async def run(self, proposal_id: str, stop: asyncio.Event) -> None:
        """Carry out an approved proposal, or go on with one that was begun.

        Returns early, with its state written, once ``stop`` is set; ends it for good once somebody wants it to stop,
        which ``brakes`` tell. Raises FenceLostError when another worker has taken it over, LeaseHeldError while another
        is at it, HeldBackError while the registry is frozen, the hours are quiet or its card is still to be posted,
        StoreError when the database is away (whoever runs this tries again).
        """
        if proposal_id in self._under_way:
            raise LeaseHeldError(proposal_id)
        self._under_way.add(proposal_id)
        try:
            await self._run(proposal_id, stop)
        finally:
            self._under_way.discard(proposal_id)

    async def _run(self, proposal_id: str, stop: asyncio.Event) -> None:
        proposals = self._desk.store.proposals
        waiting = await proposals.get(proposal_id)
        # One that somebody has stopped is ended also while it is held.
        waits = waiting and not (waiting.state.final or waiting.stop_by)
        if waiting and waits and (_is_unseen(waiting) or await self._is_held(waiting.registry)):
            raise HeldBackError(proposal_id)
        began = boot_time()
        now = self._desk.clock()
        started, resumed = (Event(now, deed, "app", proposal_id) for deed in (Deed.STARTED, Deed.RESUMED))
        fence = await proposals.take(proposal_id, now, started, resumed)
        proposal = await proposals.get(proposal_id)
        if fence is None or proposal is None:
            return
        lease = Lease(self._desk.store, proposal_id, fence, began, stop)
        with structlog.contextvars.bound_contextvars(proposal=proposal.id, registry=proposal.registry):
            async with lease.kept():
                await self._carry_out(proposal, fence, lease, stop)

    async def _carry_out(self, proposal: Proposal, fence: int, lease: Lease, stop: asyncio.Event) -> None:
        log.info("run_started", items=proposal.item_count, fence=fence)
        await self._audience.changed(proposal.id)
        try:
            async with self._brakes.on(proposal, stop) as brake:
                with permitted_by(lease):
                    await self._clean(proposal, fence, brake)
        except StoppedError:
            if await self._desk.store.proposals.stop_is_wanted(proposal.id):
                await self._finish(proposal, fence, State.STOPPED, "")
            elif stop.is_set():
                log.info("run_paused")
            else:
                await self._hold(proposal)
        except CannotGoOnError as error:
            await self._finish(proposal, fence, State.FAILED, str(error))
        except (StoreError, FenceLostError, HeldBackError):
            raise
        except Exception:
            # A fault of ours would most likely come again and again, and people look at a card that stands still.
            reference = secrets.token_hex(4)
            log.exception("run_broke", reference=reference)
            await self._finish(proposal, fence, State.FAILED, _OUR_FAULT.format(reference))
        else:
            await self._finish(proposal, fence, State.DONE, "")

    async def _is_held(self, registry: str) -> bool:
        return await held_back(self._desk.store, self._desk.policy, registry, self._desk.clock()) is not None

    async def _hold(self, proposal: Proposal) -> NoReturn:
        """Leave a run as it is: it goes on, after a fresh look, once nothing holds it back."""
        event = Event(self._desk.clock(), Deed.HELD, "app", proposal.id, proposal.team_id, proposal.channel)
        await self._desk.store.events.append(event)
        log.info("run_held")
        await self._audience.changed(proposal.id)
        raise HeldBackError(proposal.id)

    async def _clean(self, proposal: Proposal, fence: int, stop: asyncio.Event) -> None:
        client = self._desk.registries.get(proposal.registry)
        if client is None:
            raise CannotGoOnError(f"The registry {proposal.registry} is no longer in the settings.")
        records = await self._desk.store.proposals.records(proposal.id)
        found = checksum_of(client.host, (record.item.fingerprint for record in records))
        if found != proposal.checksum:
            raise CannotGoOnError(
                f"This is not what was approved: the stored list has changed, or {proposal.registry} is another"
                f" registry by now ({client.host}). Nothing of it was carried out."
            )
        todo: dict[str, dict[str, Record]] = defaultdict(dict)
        for record in records:
            if record.outcome is Outcome.TODO:
                todo[record.item.repository][record.item.key] = record
        for repository, of_repository in todo.items():
            cleaning = Cleaning(
                desk=self._desk,
                audience=self._audience,
                pace=self._pace,
                proposal=proposal,
                fence=fence,
                stop=stop,
                client=client,
                repository=repository,
                todo=of_repository,
            )
            try:
                await cleaning.run()
            except StoppedError:
                if await self._desk.store.proposals.stop_is_wanted(proposal.id):
                    await cleaning.outcomes.let_go()
                raise

    async def _finish(self, proposal: Proposal, fence: int, to: State, note: str) -> None:
        now = self._desk.clock()
        tally = await self._desk.store.proposals.tally(proposal.id)
        detail: dict[str, object] = {outcome.value: tally[outcome] for outcome in Outcome}
        detail |= {"state": to.value, "note": note, "deleted_bytes": tally.deleted_bytes}
        event = Event(now, Deed.FINISHED, "app", proposal.id, proposal.team_id, proposal.channel, detail)
        await self._desk.store.proposals.finish(proposal.id, fence, to, now, note, event)
        log.info("run_finished", **detail)
        await self._audience.changed(proposal.id)
        self._afterwards(proposal.id)


def _is_unseen(proposal: Proposal) -> bool:
    """Whether this repeats another and has no card yet: a replica may hear of it before its card is posted."""
    return bool(proposal.retry_of) and proposal.state is State.APPROVED and not proposal.card_ts


__all__ = ["Audience", "Executor", "Pace"]
