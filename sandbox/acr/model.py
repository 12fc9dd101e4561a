"""What a registry holds: repositories, manifests, tags and their locks."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self

from sandbox.acr.order import SortedKeys

_WIRE_NAMES: Final = {
    "deleteEnabled": "delete",
    "writeEnabled": "write",
    "readEnabled": "read",
    "listEnabled": "list",
}


@dataclass(frozen=True, slots=True)
class Locks:
    """The four changeable attributes of a repository, a manifest or a tag; all True means unlocked."""

    delete: bool = True
    write: bool = True
    read: bool = True
    list: bool = True

    def patched(self, attributes: Mapping[str, object]) -> Self:
        """Apply a PATCH body's flags; absent and unknown ones change nothing."""
        named = {_WIRE_NAMES[key]: bool(value) for key, value in attributes.items() if key in _WIRE_NAMES}
        return replace(self, **named)

    def wire(self) -> dict[str, bool]:
        """Write it as ``changeableAttributes``."""
        return {wire: getattr(self, name) for wire, name in _WIRE_NAMES.items()}

    @property
    def deletable(self) -> bool:
        """Whether a delete of this very thing is allowed: ``writeEnabled`` false forbids it as well."""
        return self.delete and self.write


OPEN: Final = Locks()
#: What ``--write-enabled false`` sets: neither changed nor deleted.
LOCKED: Final = Locks(write=False)


@dataclass(slots=True, eq=False)
class Manifest:
    """One manifest. Times are ticks (``sandbox.acr.clock``), sizes bytes."""

    digest: str
    body: bytes
    media_type: str
    image_size: int
    created: int
    updated: int
    tags: tuple[str, ...] = ()
    architecture: str | None = None
    os: str | None = None
    config_media_type: str | None = None
    artifact_type: str | None = None
    subject: str | None = None
    locks: Locks = OPEN
    #: Listed, yet its body answers 404, as repositories have been left by too many parallel deletes.
    lost: bool = False

    @property
    def time_key(self) -> tuple[int, str]:
        """Where it stands in listings by time."""
        return (self.updated, self.digest)


@dataclass(slots=True, eq=False)
class Tag:
    """One tag. Times are ticks."""

    name: str
    digest: str
    created: int
    updated: int
    locks: Locks = OPEN

    @property
    def time_key(self) -> tuple[int, str]:
        """Where it stands in listings by time."""
        return (self.updated, self.name)


@dataclass(slots=True, eq=False)
class Repository:
    """One repository, with its listings kept in order."""

    name: str
    created: int
    updated: int
    locks: Locks = OPEN
    manifests: dict[str, Manifest] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    #: Subject digest -> digests of its referrers. The subject itself may not be there (yet).
    referrers: dict[str, dict[str, None]] = field(default_factory=dict)
    digests: SortedKeys[str] = field(default_factory=SortedKeys)
    by_time: SortedKeys[tuple[int, str]] = field(default_factory=SortedKeys)
    tag_names: SortedKeys[str] = field(default_factory=SortedKeys)
    tags_by_time: SortedKeys[tuple[int, str]] = field(default_factory=SortedKeys)
    #: Deleted, and still listed until the tick.
    ghosts: dict[str, tuple[int, Manifest]] = field(default_factory=dict)
    ghost_tags: dict[str, tuple[int, Tag]] = field(default_factory=dict)
    #: Time keys of what is gone: a listing by time may be asked to go on after it.
    last_keys: dict[str, tuple[int, str]] = field(default_factory=dict)
