"""A tiny registry that only pulls and deletes, to judge the judge by: it knows nothing of how the product selects.

It behaves as Azure Container Registry does where that matters: a delete by digest takes all tags of the manifest with
it, and everything that has it as subject, to any depth; it is refused where a lock forbids it; and it is never refused
because something else needs the manifest.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

_NAMES_A_DIGEST = re.compile(r"sha256-([0-9a-f]{64})")


class LockedByAzureError(AssertionError):
    """The registry would have refused this delete: nothing locked may ever be asked for."""


class Registry:
    """One repository: bodies by digest, digests by tag, and what is locked."""

    def __init__(self, bodies: dict[str, bytes], tags: dict[str, str], locked: Iterable[str]) -> None:
        self.bodies: dict[str, dict[str, Any]] = {digest: json.loads(body) for digest, body in bodies.items()}
        self.tags = dict(tags)
        self.locked = frozenset(locked)

    def pull(self, digest: str) -> frozenset[str]:
        """Fetch a manifest, all its platforms to any depth, and all that is attached to any of these."""
        got: set[str] = set()
        wanted = [digest]
        while wanted:
            current = wanted.pop()
            if current in self.bodies and current not in got:
                got.add(current)
                wanted += self.listed(current)
                wanted += self.referrers(current)
                wanted += [holder for tag, holder in self.tags.items() if _named_by(tag) == current]
        return frozenset(got)

    def pull_all(self) -> dict[str, frozenset[str]]:
        """Pull everything there is, by digest."""
        return {digest: self.pull(digest) for digest in self.bodies}

    def listed(self, digest: str) -> list[str]:
        """Give what an index says it has, in its order, whether or not it is there."""
        return [entry["digest"] for entry in self.bodies[digest].get("manifests", ())]

    def there(self, digest: str) -> frozenset[str]:
        """Give which of an index's entries can be pulled."""
        return frozenset(child for child in self.listed(digest) if child in self.bodies)

    def referrers(self, digest: str) -> list[str]:
        """Answer as the referrers API does."""
        return [other for other, body in self.bodies.items() if body.get("subject", {}).get("digest") == digest]

    def delete(self, digest: str) -> None:
        """Delete by digest, as Azure does it. What is not there (404) is no error."""
        if digest not in self.bodies:
            return
        if digest in self.locked:
            raise LockedByAzureError(digest)
        referrers = self.referrers(digest)
        del self.bodies[digest]
        self.tags = {tag: holder for tag, holder in self.tags.items() if holder != digest}
        for referrer in referrers:
            self.delete(referrer)


def _named_by(tag: str) -> str:
    match = _NAMES_A_DIGEST.search(tag)
    return f"sha256:{match[1]}" if match else ""
