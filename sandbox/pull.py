"""Pulling: an independent witness of what a registry still holds, by its public API only.

It knows nothing of how the app selects. What it can pull before a clean-up and not after, the clean-up broke.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

_ACCEPT = (
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.docker.distribution.manifest.v2+json, */*"
)
_NOT_FOUND = 404


@dataclass
class Pulled:
    """What came of pulling: each manifest with the digests of its blobs, and what was missing."""

    manifests: dict[str, tuple[str, ...]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)


class Puller:
    """Pulls from one registry as an admin user."""

    def __init__(self, session: aiohttp.ClientSession, url: str, user: str, password: str) -> None:
        self._session = session
        self._url = url
        self._headers = {"Accept": _ACCEPT, "Authorization": aiohttp.encode_basic_auth(user, password)}

    async def tags(self, repository: str) -> list[str]:
        """List a repository's tags; none where it does not exist."""
        document = await self._json(f"/v2/{repository}/tags/list?n=1000")
        return list((document or {}).get("tags") or ())

    async def exists(self, repository: str, reference: str) -> bool:
        """Whether a manifest is there."""
        path = f"{self._url}/v2/{repository}/manifests/{reference}"
        async with self._session.head(path, headers=self._headers) as answer:
            return answer.status != _NOT_FOUND

    async def pull(self, repository: str, references: Iterable[str]) -> Pulled:
        """Pull tags or digests with all that belongs to them: children, blobs, referrers, cosign signatures."""
        pulled = Pulled()
        waiting = list(references)
        seen: set[str] = set()
        known_tags = set(await self.tags(repository))
        while waiting:
            reference = waiting.pop()
            if reference in seen:
                continue
            seen.add(reference)
            digest, document = await self._manifest(repository, reference)
            if not digest:
                pulled.missing.add(reference)
                continue
            parts = [document.get("config"), *document.get("layers", []), *document.get("blobs", [])]
            blobs = tuple(part["digest"] for part in parts if part)
            pulled.manifests[digest] = blobs
            pulled.missing |= {blob for blob in blobs if not await self._has_blob(repository, blob)}
            waiting += [child["digest"] for child in document.get("manifests", [])]
            waiting += [entry["digest"] for entry in await self._referrers(repository, digest)]
            stem = digest.replace(":", "-")
            waiting += [tag for end in (".sig", ".att", ".sbom") if (tag := stem + end) in known_tags]
        return pulled

    async def _manifest(self, repository: str, reference: str) -> tuple[str, dict[str, Any]]:
        path = f"{self._url}/v2/{repository}/manifests/{reference}"
        async with self._session.get(path, headers=self._headers) as answer:
            if answer.status == _NOT_FOUND:
                return "", {}
            answer.raise_for_status()
            content = await answer.read()
            return f"sha256:{hashlib.sha256(content).hexdigest()}", await answer.json(content_type=None)

    async def _has_blob(self, repository: str, digest: str) -> bool:
        async with self._session.head(f"{self._url}/v2/{repository}/blobs/{digest}", headers=self._headers) as answer:
            return answer.status != _NOT_FOUND

    async def _referrers(self, repository: str, digest: str) -> list[dict[str, Any]]:
        document = await self._json(f"/v2/{repository}/referrers/{digest}")
        return list((document or {}).get("manifests") or ())

    async def _json(self, path: str) -> dict[str, Any] | None:
        async with self._session.get(f"{self._url}{path}", headers=self._headers) as answer:
            if answer.status == _NOT_FOUND:
                return None
            answer.raise_for_status()
            document: dict[str, Any] = await answer.json(content_type=None)
            return document
