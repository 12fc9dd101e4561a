"""Looking closer in the background: what a deletion really frees, and whether what is left is whole."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

import structlog

from bot.domain.complete import Completeness, check_complete, needed_by_tags
from bot.domain.freed import Freed, Ledger
from bot.domain.manifest import Body, Kind, Snapshot
from bot.domain.plan import Action
from bot.domain.proposal import Outcome, Proposal, Record, State
from bot.errors import RegistryError, RepositoryNotFoundError
from bot.janitor.desk import Desk
from bot.janitor.running import Audience
from bot.registry import RegistryClient, background, read_bodies, take_snapshot
from bot.work import ReadBudget

log = structlog.get_logger(__name__)

_BATCH = 100
# So many manifests are pulled after a run to see that they are really there; of the rest the listing is believed.
_PULLS = 1000
_INCOMPLETE_MOST = 50
_UNASKED_MOST = 20


@dataclass
class _Told:
    """What became of telling a ledger.

    ``reads``: bodies asked of the registry. ``without``: the manifests whose body could not be told, ``unread``: how
    many of these are still there, as far as is known.
    """

    reads: int = 0
    without: list[str] = field(default_factory=list)
    unread: int = 0


class Surveyor:
    """The use case. ``most_reads`` bounds how many bodies one proposal may cost."""

    def __init__(self, desk: Desk, audience: Audience, budget: ReadBudget, *, most_reads: int = 20_000) -> None:
        self._desk = desk
        self._audience = audience
        self._budget = budget
        self._most_reads = most_reads

    async def look(self, proposal_id: str) -> None:
        """Measure a proposal that is not carried out yet; look at the remaining tags of one that was.

        Does nothing while another replica is at it. Raises RegistryError or StoreError when it could not; then nothing
        is written, and it may be tried again.
        """
        async with self._desk.store.claims.held(f"survey:{proposal_id}") as ours:
            if ours:
                await self._look(proposal_id)

    async def _look(self, proposal_id: str) -> None:
        proposal = await self._desk.store.proposals.get(proposal_id)
        client = self._desk.registries.get(proposal.registry) if proposal else None
        if proposal is None or client is None:
            return
        with background():
            if proposal.state is State.OPEN and proposal.measured is None:
                records = await self._desk.store.proposals.records(proposal.id)
                await self._measure(client, proposal, [r for r in records if r.item.action is Action.DELETE])
            elif proposal.state.final and proposal.started is not None and proposal.checked is None:
                deleted = await self._desk.store.proposals.records(proposal.id, Outcome.DELETED)
                if deleted and (proposal.measured is None or len(deleted) != proposal.item_count):
                    await self._measure(client, proposal, deleted)
                await self._check(client, proposal, deleted)

    async def _measure(self, client: RegistryClient, proposal: Proposal, records: Sequence[Record]) -> None:
        going: dict[str, dict[str, int]] = defaultdict(dict)
        for record in records:
            going[record.item.repository][record.item.digest] = record.item.counted_size
        freed = await self.measure(client, going)
        await self._desk.store.proposals.measured(proposal.id, freed, revision=proposal.revision)
        log.info("measured", proposal=proposal.id, freed=freed.freed, shared=freed.shared, unread=freed.unread)
        await self._audience.changed(proposal.id)

    async def measure(self, client: RegistryClient, going: Mapping[str, Mapping[str, int]]) -> Freed:
        """Work out what deleting these digests, by repository and each with its listed size, frees in a registry.

        Layers are stored once in a registry, so every repository counts. Those of the deletion are read first; the
        reading ends as soon as nothing is left that could be freed, or the reads are used up.
        """
        ledger = Ledger()
        if not going:
            return ledger.close()
        left = self._most_reads
        for repository, sizes in going.items():
            told = await self._tell(client, repository, sorted(sizes), ledger.goes, most=left)
            # Also what was deleted before its body was read.
            ledger.goes_unread(sizes[digest] for digest in told.without)
            left -= told.reads
        others = [name for name in await client.repositories() if name not in going]
        for repository in [*going, *others]:
            if ledger.settled:
                break
            gone = going.get(repository, {})
            await self._budget.spend(1)
            try:
                manifests = await client.manifests(repository)
            except RepositoryNotFoundError:
                continue
            survivors = [m.digest for m in manifests if m.digest not in gone and m.kind is not Kind.INDEX]
            told = await self._tell(client, repository, survivors, ledger.survives, most=left)
            ledger.unread(told.unread)
            left -= told.reads
        return ledger.close()

    async def _tell(
        self,
        client: RegistryClient,
        repository: str,
        digests: Sequence[str],
        tell: Callable[[Iterable[Body]], None],
        *,
        most: int,
    ) -> _Told:
        """Tell a ledger of these manifests, reading at most so many bodies that are not known from the registry."""
        told = _Told()
        for start in range(0, len(digests), _BATCH):
            batch = digests[start : start + _BATCH]
            known = await self._desk.store.bodies.get(batch)
            tell(known.values())
            missing = [digest for digest in batch if digest not in known]
            if told.reads + len(missing) > most:
                told.without += missing
                told.unread += len(missing)
                continue
            told.reads += len(missing)
            await self._budget.spend(len(missing))
            bodies, unread = await read_bodies(client, self._desk.store.bodies, repository, missing)
            tell(bodies.values())
            told.without += [digest for digest in missing if digest not in bodies]
            told.unread += unread
        return told

    async def _check(self, client: RegistryClient, proposal: Proposal, deleted: Sequence[Record]) -> None:
        found = Completeness(0)
        for repository, digests in _by_repository(deleted).items():
            try:
                found = found.merge((await self._check_one(client, proposal, repository, digests)).of(repository))
            except RepositoryNotFoundError:
                found = replace(found, gone=(*found.gone, repository))  # no tag is left to be broken
            except RegistryError as error:
                found = found.merge(Completeness(0, fault=f"{repository} could not be read: {error.problem}"))
        kept = dict(list(found.incomplete.items())[:_INCOMPLETE_MOST])
        found = replace(found, incomplete=kept)
        (log.error if found.ours else log.info)(
            "checked_after_run",
            proposal=proposal.id,
            tags=found.tags,
            incomplete=len(found.incomplete),
            ours=found.ours,
        )
        await self._desk.store.proposals.checked(proposal.id, found)
        await self._audience.changed(proposal.id)

    async def _check_one(
        self, client: RegistryClient, proposal: Proposal, repository: str, deleted: AbstractSet[str]
    ) -> Completeness:
        snapshot = await take_snapshot(client, self._desk.store.bodies, repository, self._desk.clock())
        if snapshot.unreadable:
            return Completeness(0, fault=f"{repository}: {next(iter(snapshot.unreadable.values()))}")
        attached = {body.digest: body.subject for body in await self._bodies(deleted) if body.subject}
        needed: dict[str, None] = {}
        for tag_needs in needed_by_tags(snapshot).values():
            if len(tag_needs) > 1:  # a single image is one manifest: the listing that names its tag is of it
                needed |= dict.fromkeys(sorted(tag_needs))
        not_pulled = set()
        for digest in list(needed)[:_PULLS]:
            await self._budget.spend(1)
            if await client.body(repository, digest) is None:
                not_pulled.add(digest)
        found = check_complete(snapshot, deleted, attached, not_pulled)
        return (
            await self._unasked(found, snapshot, proposal) if proposal.rule.whole and not proposal.retry_of else found
        )

    async def _unasked(self, found: Completeness, snapshot: Snapshot, proposal: Proposal) -> Completeness:
        """Add what is left of a repository that was to go as a whole and was not on its card."""
        asked = {record.item.digest for record in await self._desk.store.proposals.records(proposal.id)}
        others = [m for d, m in snapshot.manifests.items() if d not in asked and d not in snapshot.vanished]
        tags = tuple(sorted(tag for manifest in others for tag in manifest.tags))
        return replace(found, unasked=len(others), unasked_tags=tags[:_UNASKED_MOST])

    async def _bodies(self, digests: AbstractSet[str]) -> list[Body]:
        ordered = sorted(digests)
        found: list[Body] = []
        for start in range(0, len(ordered), _BATCH):
            found += (await self._desk.store.bodies.get(ordered[start : start + _BATCH])).values()
        return found


def _by_repository(records: Iterable[Record]) -> dict[str, set[str]]:
    grouped: dict[str, set[str]] = defaultdict(set)
    for record in records:
        grouped[record.item.repository].add(record.item.digest)
    return grouped
