"""One process at a time on an SQLite file: a lock that ends with the process, however that ends."""

import fcntl
import os
from pathlib import Path

from bot.errors import StoreError


class FileHold:
    """``flock`` on a file beside an SQLite database. The kernel frees it when the process ends, by ``kill -9`` too.

    The file stays when the lock goes: to remove it would let two processes lock two files of one name.
    """

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(database.name + ".lock")
        self._database = database
        self._file: int | None = None

    def take(self) -> None:
        """Make the folder, then take the lock. Raises StoreError, which says who has it."""
        try:
            self._file = self._open()
        except OSError as error:
            raise StoreError(
                f"The lock file {self.path} can't be used: {error.strerror}.",
                expected="SQLite needs a folder on a local disk which acr-janitor may write to.",
                example="DATABASE_URL=sqlite:///var/acr-janitor.db",
            ) from error

    def release(self) -> None:
        """Close the file, which frees the lock."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _open(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(file, 32).decode("ascii", "replace").strip()
            os.close(file)
            raise StoreError(
                f"The database {self._database} is in use by process {holder or '(unknown)'} (lock file {self.path}).",
                expected="Only one acr-janitor may run on an SQLite database: stop that one first."
                " Several need PostgreSQL.",
            ) from error
        except OSError:
            os.close(file)
            raise
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        return file
