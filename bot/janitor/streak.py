"""Steps that failed in a row: when there is no sense in going on with a registry that answers."""


class Streak:
    """The steps that failed, each tried twice, since a chunk last brought a success. ``most``: so many are enough.

    The steps of a chunk go out side by side, so which of them ended first says nothing. It is asked at the end of a
    chunk: one in which anything succeeded ends the streak, whatever failed in it earlier or later.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._failed: set[str] = set()
        self._succeeded = False

    def __len__(self) -> int:
        return len(self._failed)

    def succeed(self) -> None:
        """Note that the registry has done what it was asked for."""
        self._succeeded = True

    def fail(self, key: str) -> None:
        """Note that a step failed which had been tried before."""
        self._failed.add(key)

    def end_chunk(self) -> bool:
        """Say whether there were enough by the end of this chunk, and begin the next."""
        if self._succeeded:
            self._failed.clear()
        self._succeeded = False
        return len(self._failed) >= self._most
