"""Locking at once what an approver names. Lifting a lock is proposed instead, and somebody else approves it."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.domain.manifest import Locks
from bot.domain.proposal import Deed, Event
from bot.domain.rights import Need
from bot.domain.tag_requests import Lock
from bot.errors import BadInputError, ConflictError, RefusedError
from bot.janitor.approvers import all_mentions, those_who_can
from bot.janitor.decide import Decider
from bot.janitor.desk import Desk
from bot.janitor.one import Named, find
from bot.janitor.propose import Asker

# Pushing over it and deleting it are both refused by it; pulling and listing stay as they are.
LOCKED = Locks(delete_enabled=False, write_enabled=False)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Locked:
    """What was locked, as it was found right before. ``already``: nothing had to be done."""

    named: Named
    already: bool


class Locker:
    """The use case."""

    def __init__(self, desk: Desk, decider: Decider) -> None:
        self._desk = desk
        self._decider = decider

    async def lock(self, request: Lock, asker: Asker) -> Locked:
        """Lock a repository, a tag or a manifest for somebody who may approve.

        Raises RefusedError for anybody else, ConflictError where it goes away meanwhile, and what ``find`` raises.
        """
        try:
            registry = self._desk.registry(request.registry).name
        except BadInputError as error:
            # An example never changes what nobody has asked for.
            error.about("/acr explain")
            raise
        needs = self._decider.approvers.of(registry, request.reference.repository, asker.workspace)
        if not await self._decider.approvers.covers(asker.user, needs):
            raise self._refuse(needs)
        named = await find(self._desk, request)
        if named.locks == LOCKED:
            return Locked(named, already=True)
        client = self._desk.registries[named.registry]
        tag = named.tag.name if named.tag else ""
        repository = named.reference.repository
        if not await client.set_locks(repository, LOCKED, tag=tag, digest=named.digest):
            raise ConflictError(f"{named.reference} went away just now.", expected="There is nothing left to lock.")
        detail: dict[str, object] = {
            "registry": named.registry,
            "repository": repository,
            "tag": tag,
            "digest": named.digest,
            "was": {"deleteEnabled": named.locks.delete_enabled, "writeEnabled": named.locks.write_enabled},
        }
        await self._record(Deed.LOCKED, asker, detail)
        log.info("locked", **detail)
        return Locked(named, already=False)

    def _refuse(self, needs: Sequence[Need]) -> RefusedError:
        problem = "You are not one of those who may lock."
        who = all_mentions(needs)
        return RefusedError(
            problem,
            expected=f"Those who can: {those_who_can(needs)}." if who else "Nobody can: no approvers are set.",
            mentions=who,
        )

    async def _record(self, deed: Deed, asker: Asker, detail: dict[str, object]) -> None:
        now = self._desk.clock()
        await self._desk.store.events.append(
            Event(now, deed, asker.user, "", asker.team_id, asker.channel, detail, asker.enterprise_id)
        )
