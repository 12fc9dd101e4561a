"""What a deletion really frees: the blobs that no surviving manifest refers to, each counted once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.manifest import Body


@dataclass(frozen=True, slots=True)
class Freed:
    """The measure of a deletion, in bytes.

    ``freed``: blobs that only deleted manifests refer to. ``shared``: blobs of deleted manifests that surviving ones
    refer to as well. ``unread``: how many manifests could not be read; where there are some, ``freed`` is an upper
    bound: whatever goes unread counts in full.
    """

    freed: int
    shared: int
    unread: int = 0

    def to_json(self) -> dict[str, int]:
        """Give a form that JSON can hold; ``from_json`` reads it back."""
        return {"freed": self.freed, "shared": self.shared, "unread": self.unread}

    @classmethod
    def from_json(cls, data: Mapping[str, int]) -> "Freed":
        """Read what ``to_json`` gave."""
        return cls(data["freed"], data["shared"], data["unread"])


class Ledger:
    """Works out a ``Freed`` from bodies in any order of repositories, without holding the survivors.

    First tell it all that goes, then all that survives: a layer that is mounted in several repositories is stored once
    in a registry, so a survivor anywhere in the registry keeps it.
    """

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}
        self._total = 0
        self._unread = 0
        self._guessed = 0

    def goes(self, bodies: Iterable[Body]) -> None:
        """Count the blobs of manifests that go, each once."""
        for body in bodies:
            for blob in body.blobs:
                if blob.digest not in self._sizes:
                    self._sizes[blob.digest] = blob.size
                    self._total += blob.size

    def survives(self, bodies: Iterable[Body]) -> None:
        """Take off what surviving manifests refer to."""
        for body in bodies:
            for blob in body.blobs:
                self._sizes.pop(blob.digest, None)

    def unread(self, count: int) -> None:
        """Note manifests that survive and whose body could not be had: they may share more."""
        self._unread += count

    def goes_unread(self, sizes: Iterable[int]) -> None:
        """Note manifests that go and whose body could not be had, by the sizes that the listing gives them."""
        for size in sizes:
            self._unread += 1
            self._guessed += size

    @property
    def settled(self) -> bool:
        """Whether no further survivor can change the result: nothing is left that would be freed."""
        return not self._sizes

    def close(self) -> Freed:
        """Give the result."""
        left = sum(self._sizes.values())
        return Freed(freed=left + self._guessed, shared=self._total - left, unread=self._unread)
