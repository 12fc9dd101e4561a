"""What one repository holds, in figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.freed import Ledger
from bot.domain.manifest import Body, Kind, Snapshot
from bot.domain.selection import Judgement


@dataclass(frozen=True, slots=True)
class Holding:
    """The figures of one repository; sizes in bytes.

    ``untagged`` counts all that carries no tag, parts of multi-arch images and attachments too. ``size`` adds up what
    ACR says of each manifest, so layers that manifests share count once for each; an index adds nothing to its parts.
    ``stale`` and ``stale_size`` are the same of what the rule of stale things selects. ``stored`` counts each layer
    once, ``stored_stale`` those that nothing but stale manifests refers to; both are upper bounds where the layers of
    ``unread`` manifests are not known. ``oldest``: since when the oldest of the stale has not changed, None where
    nothing is stale. ``pushed``: when the newest manifest came, None where there is none. ``fault`` says why nothing
    was judged, where that is so; then ``stale`` says nothing.
    """

    repository: str
    manifests: int = 0
    tags: int = 0
    untagged: int = 0
    size: int = 0
    stale: int = 0
    stale_size: int = 0
    stored: int = 0
    stored_stale: int = 0
    unread: int = 0
    oldest: datetime | None = None
    pushed: datetime | None = None
    fault: str = ""


def holding_of(snapshot: Snapshot, judgement: Judgement, more: Mapping[str, Body] | None = None) -> Holding:
    """Add a repository up.

    ``judgement`` is by the rule of stale things; ``more`` has bodies that judging can do without.
    """
    bodies = {**snapshot.bodies, **(more or {})}
    live = [manifest for digest, manifest in snapshot.manifests.items() if digest not in snapshot.vanished]
    stale = {verdict.manifest.digest for verdict in judgement.going}
    everything, going = Ledger(), Ledger()
    size = stale_size = unread = unread_size = unread_stale = 0
    for manifest in live:
        counted = 0 if manifest.kind is Kind.INDEX else manifest.size
        size += counted
        goes = manifest.digest in stale
        stale_size += counted if goes else 0
        body = bodies.get(manifest.digest)
        if body is not None:
            everything.goes([body])
            if goes:
                going.goes([body])
        elif manifest.kind is not Kind.INDEX:
            unread += 1
            unread_size += counted
            unread_stale += counted if goes else 0
    going.survives(bodies[m.digest] for m in live if m.digest not in stale and m.digest in bodies)
    return Holding(
        repository=snapshot.repository,
        manifests=len(live),
        tags=len({tag for manifest in live for tag in manifest.tags}),
        untagged=sum(not manifest.tags for manifest in live),
        size=size,
        stale=len(stale),
        stale_size=stale_size,
        stored=everything.close().freed + unread_size,
        stored_stale=going.close().freed + unread_stale,
        unread=unread,
        oldest=min((verdict.manifest.updated for verdict in judgement.going), default=None),
        pushed=max((manifest.created for manifest in live), default=None),
        fault=judgement.fault,
    )
