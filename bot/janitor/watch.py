"""Watching a repository between two looks: whether anything has changed that the run itself did not do."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

import structlog

from bot.domain.manifest import Manifest, Snapshot
from bot.errors import RegistryError
from bot.registry import RegistryClient

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

log = structlog.get_logger(__name__)


class Watch:
    """What the last look at a repository saw, and what the run has done to it since."""

    def __init__(self, client: RegistryClient, repository: str) -> None:
        self._client = client
        self._repository = repository
        self._seen: Mapping[str, datetime] = {}
        self._latest = _LONG_AGO
        self._touched: Mapping[str, Manifest] = {}
        self._untagged: dict[str, set[str]] = defaultdict(set)

    def looked(self, snapshot: Snapshot, touched: Collection[str]) -> None:
        """Remember a look. ``touched``: the digests that the run will remove tags of."""
        self._seen = {digest: manifest.updated for digest, manifest in snapshot.manifests.items()}
        self._latest = max(self._seen.values(), default=snapshot.taken)
        self._touched = {digest: snapshot.manifests[digest] for digest in touched if digest in snapshot.manifests}
        self._untagged.clear()

    def untagged(self, digest: str, tag: str) -> None:
        """Remember that the run itself has removed a tag."""
        self._untagged[digest].add(tag)

    async def has_news(self) -> bool:
        """Whether anything was pushed, tagged, untagged or locked since the last look, or that can't be told.

        One listing, the latest first, down to the latest change that is known: a run over thousands takes minutes, and
        what somebody puts to use meanwhile must not go.
        """
        try:
            return any(map(self._is_news, await self._client.changes(self._repository, self._latest)))
        except RegistryError as error:
            log.warning("changes_unknown", repository=self._repository, problem=error.problem)
            return True

    def _is_news(self, manifest: Manifest) -> bool:
        if self._seen.get(manifest.digest) == manifest.updated:
            return False
        known, ours = self._touched.get(manifest.digest), self._untagged.get(manifest.digest)
        if known is None or ours is None:
            return True
        return manifest.locks != known.locks or set(manifest.tags) != set(known.tags) - ours  # more than what we did
