"""Looking at one tag or one lock that somebody names: what is there, and what stands against the change."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.graph import Graph
from bot.domain.lookup import find_manifest
from bot.domain.manifest import Locks, Manifest, Snapshot, Tag
from bot.domain.plan import Action, Item, Plan
from bot.domain.reason import Reason, Why, short
from bot.domain.reference import Reference
from bot.domain.rule import Protection
from bot.domain.tag_requests import Lock, Unlock, Untag
from bot.domain.untag import tags_by_name, why_it_stays
from bot.errors import ConflictError, JanitorError, RefusedError, RepositoryNotFoundError
from bot.janitor.desk import ReadingDesk
from bot.registry import explain_missing, take_snapshot


@dataclass(frozen=True, slots=True)
class Named:
    """What a reference names in a registry: a repository, and one manifest or one tag of it where it names that.

    ``repository`` has the locks of the repository. ``tag`` is None where none was named.
    """

    registry: str
    reference: Reference
    taken: datetime
    repository: Locks
    manifest: Manifest | None = None
    tag: Tag | None = None
    stays: Reason | None = None

    @property
    def digest(self) -> str:
        """The digest that is meant; empty for a repository."""
        return self.manifest.digest if self.manifest else ""

    @property
    def locks(self) -> Locks:
        """The locks of what is named itself."""
        if self.tag:
            return self.tag.locks
        return self.manifest.locks if self.manifest else self.repository

    @property
    def others(self) -> dict[str, Locks]:
        """The locks of what it is in, or points to, by what people call that."""
        found: dict[str, Locks] = {}
        if self.tag and self.manifest:
            found[f"{self.reference.repository}@{short(self.digest)}"] = self.manifest.locks
        if self.manifest:
            found[self.reference.repository] = self.repository
        return found


async def find(desk: ReadingDesk, request: Untag | Lock | Unlock) -> Named:
    """Find what a request names.

    Raises BadInputError or RegistryError where it is not there or can't be read, ConflictError for a tag that has
    moved since the request was looked at first.
    """
    try:
        return await _find(desk, request)
    except JanitorError as error:
        # Never an example that changes what was not asked for.
        error.about("/acr explain")
        if request.registry and error.example.startswith("/acr ") and "--registry" not in error.example:
            error.example += f" --registry {request.registry}"
        raise


async def _find(desk: ReadingDesk, request: Untag | Lock | Unlock) -> Named:
    client = desk.registry(request.registry)
    reference, now = request.reference, desk.clock()
    try:
        if not (reference.tag or reference.digest):
            return Named(client.name, reference, now, (await client.repository(reference.repository)).locks)
        snapshot = await take_snapshot(client, desk.bodies, reference.repository, now)
    except RepositoryNotFoundError as error:
        raise await explain_missing(client, reference.repository) from error
    # Pure computation; in a thread it can't hold up the answers that Slack wants within three seconds.
    found = await asyncio.to_thread(_named, snapshot, client.name, reference)
    if request.digest and found.digest != request.digest:
        raise ConflictError(
            f"{reference} is another manifest now than in the answer that you saw.",
            expected=f"It was {short(request.digest)} and is {short(found.digest)}. Nothing was proposed; ask again.",
            example=str(request),
        )
    return found


def _named(snapshot: Snapshot, registry: str, reference: Reference) -> Named:
    manifest = snapshot.manifests[find_manifest(snapshot, Graph(snapshot), reference)]
    named = Named(registry, reference, snapshot.taken, snapshot.locks, manifest)
    if not reference.tag:
        return named
    tag = tags_by_name(snapshot)[reference.tag]
    return replace(named, tag=tag, stays=why_it_stays(snapshot, tag))


async def look_at_tag(desk: ReadingDesk, request: Untag) -> tuple[Untag, Plan]:
    """Find the tag that is to be removed. Raises RefusedError where it must stay, and what ``find`` raises."""
    found = await find(desk, request)
    if found.stays is not None:
        raise _must_stay(request, found.stays)
    plan = _plan(found, Action.UNTAG, request.rule(found.taken, desk.policy.protection).protection)
    return replace(request, digest=found.digest), plan


async def look_at_lock(desk: ReadingDesk, request: Unlock) -> tuple[Unlock, Plan]:
    """Find the lock that is to be lifted. Raises ConflictError where there is none, and what ``find`` raises."""
    found = await find(desk, request)
    if not found.locks.forbid_delete:
        locked = [name for name, locks in found.others.items() if locks.forbid_delete]
        raise ConflictError(
            f"{request.reference} is not locked.",
            expected=(
                f"But {' and '.join(locked)} {'is' if len(locked) == 1 else 'are'}, each by a lock of its own."
                if locked
                else "There is nothing to unlock."
            ),
            example=f"/acr unlock {locked[0]}" if locked else "",
        )
    plan = _plan(found, Action.UNLOCK, request.rule(found.taken, desk.policy.protection).protection)
    return replace(request, digest=found.digest), plan


def _must_stay(request: Untag, reason: Reason) -> RefusedError:
    name = request.reference
    if reason.why is Why.ATTACHED:
        return RefusedError(
            f"{name} is how a signature or another attachment of {short(reason.because)}, which is here, is found.",
            expected="Without the tag, whoever verifies that image finds nothing: that would be deleting it. It goes "
            "when its image does.",
            example=f"/acr explain {name.repository}@{short(reason.because)}",
        )
    whole = "whole repository" in reason.detail
    what = name.repository if whole else str(name)
    return RefusedError(
        f"{what} is locked, so {'no tag of it' if whole else 'it'} can be removed.",
        expected="Somebody may propose to unlock it first.",
        example=f"/acr unlock {what}",
    )


def _plan(found: Named, action: Action, protection: Protection) -> Plan:
    manifest, reference = found.manifest, found.reference
    item = Item(
        position=0,
        rank=0,
        repository=reference.repository,
        digest=found.digest,
        media_type=manifest.media_type if manifest else "",
        platform=manifest.platform if manifest else "",
        size=manifest.size if manifest else 0,
        created=manifest.created if manifest else found.taken,
        updated=manifest.updated if manifest else found.taken,
        why=Why.NAMED,
        reason=str(Reason(Why.NAMED)),
        tags=manifest.tags if manifest else (),
        action=action,
        tag=found.tag.name if found.tag else "",
    )
    rule = Untag(reference).rule(found.taken, protection)
    return Plan(found.registry, reference.repository, rule, (item,), found.taken, (reference.repository,))
