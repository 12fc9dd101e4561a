"""What manifests' bodies said. They never change for a digest, so each is fetched from a registry once."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.manifest import Body, Descriptor
from bot.store.database import Database
from bot.store.many import insert_rows
from bot.store.tables import BODIES

# A batch this size costs one round trip and leaves the loop free between.
_BATCH = 1000
# What a descriptor is stored as: digest, size, media type, platform.
_PACKED = (str, int, str, str)


class Bodies:
    """A cache of bodies by digest."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, digests: Iterable[str]) -> dict[str, Body]:
        """Give the bodies that are known; what is not is left out. Raises StoreError."""
        wanted = list(dict.fromkeys(digests))
        found: dict[str, Body] = {}
        async with self._database.read() as connection:
            for start in range(0, len(wanted), _BATCH):
                query = select(BODIES).where(BODIES.c.digest.in_(wanted[start : start + _BATCH]))
                for digest, data in await connection.execute(query):
                    body = _read(digest, data)
                    if body is not None:
                        found[digest] = body
        return found

    async def put(self, bodies: Iterable[Body]) -> None:
        """Remember bodies. To put one again is harmless. Raises StoreError."""
        # In the order of their digests: two transactions that write the same rows then can't wait for each other.
        by_digest = {body.digest: body for body in bodies}
        rows = [{"digest": digest, "body": _write(by_digest[digest])} for digest in sorted(by_digest)]
        dialect = sqlite if self._database.sqlite else postgresql
        statement = dialect.insert(BODIES)
        statement = statement.on_conflict_do_update(index_elements=["digest"], set_={"body": statement.excluded.body})
        for start in range(0, len(rows), _BATCH):
            async with self._database.write() as connection:
                await insert_rows(connection, statement, rows[start : start + _BATCH])


def _write(body: Body) -> dict[str, Any]:
    # Empty parts are left out: most bodies are an image's, of which nothing but blobs matters.
    parts = {
        "children": [_pack(child) for child in body.children],
        "subject": body.subject,
        "blobs": [_pack(blob) for blob in body.blobs],
        "artifact_type": body.artifact_type,
    }
    return {name: part for name, part in parts.items() if part}


def _read(digest: str, data: Any) -> Body | None:
    # A row that does not read is as good as none: the body is fetched again and put over it.
    if not isinstance(data, dict):
        return None
    subject, artifact_type = data.get("subject", ""), data.get("artifact_type", "")
    children, blobs = _unpack(data.get("children", [])), _unpack(data.get("blobs", []))
    if children is None or blobs is None or not isinstance(subject, str) or not isinstance(artifact_type, str):
        return None
    return Body(digest, children, subject, blobs, artifact_type)


def _pack(descriptor: Descriptor) -> list[str | int]:
    return [descriptor.digest, descriptor.size, descriptor.media_type, descriptor.platform]


def _unpack(parts: Any) -> tuple[Descriptor, ...] | None:
    try:
        if any(tuple(map(type, part)) != _PACKED for part in parts):
            return None
        return tuple(Descriptor(*part) for part in parts)
    except TypeError:
        return None
