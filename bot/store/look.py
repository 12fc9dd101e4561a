"""A look at a database that changes nothing: whether it can be used, and which schema it has."""

import asyncio
import os
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.errors import StoreError
from bot.store.database import Database, parse_url
from bot.store.faults import explain

_FOLDER = Path(__file__).parent / "migrations"
_MOUNTS = Path("/proc/self/mountinfo")
# SQLite's locks do not hold on these (sqlite.org, "How To Corrupt An SQLite Database File", section 2.1).
_REMOTE = re.compile(
    r"nfs\d?|cifs|smb\w*|9p|afs|ceph|glusterfs|lustre|fuse\.(?:sshfs|glusterfs|blobfuse\w*|s3fs|rclone)"
)
_NO_TABLE = "no such table"


@dataclass(frozen=True, slots=True)
class Look:
    """``name`` and ``version`` of the database for people. ``revision``: of its schema, empty where it has none.

    ``newest`` is the revision that this program works with; ``known`` whether it knows ``revision``.
    """

    name: str
    version: str
    revision: str
    newest: str
    known: bool


async def look(url: str) -> Look:
    """Look at a database. A file that does not exist yet is as good as one without a schema.

    Raises StoreError where it is unreachable, where this user can't write to it, or where it lies on a network drive.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(str(parsed.database))
        return _look(str(path), f"SQLite {sqlite3.sqlite_version}", await asyncio.to_thread(_look_at_file, path))
    database = Database(parsed)
    try:
        async with database.read() as connection:
            version = str(await connection.scalar(text("SHOW server_version")))
            if await connection.scalar(text("SELECT pg_is_in_recovery()")):
                raise StoreError(
                    f"The database {database.name} is a replica, which takes no writes.",
                    expected="DATABASE_URL must lead to the primary server: add ?target_session_attrs=read-write.",
                )
            return _look(database.name, f"PostgreSQL {version}", await connection.run_sync(_heads))
    finally:
        await database.close()


def _look(name: str, version: str, revisions: set[str]) -> Look:
    script = ScriptDirectory(str(_FOLDER))
    known = {revision.revision for revision in script.walk_revisions()}
    return Look(name, version, ", ".join(sorted(revisions)), ", ".join(script.get_heads()), revisions <= known)


def _heads(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


def _look_at_file(path: Path) -> set[str]:
    there = next(each for each in (path, *path.parents) if each.exists())
    if path.is_dir():
        raise _unusable(path, "it is a folder")
    if there != path and not there.is_dir():
        raise _unusable(path, f"{there} is a file and no folder")
    folder = path.parent if there == path else there
    for part in dict.fromkeys((folder, there)):
        if not os.access(part, os.R_OK | os.W_OK):
            raise _unusable(path, f"{part} can't be written to by this user")
    kind = _file_system(folder)
    if _REMOTE.fullmatch(kind):
        raise _unusable(path, f"{folder} is on a network drive ({kind}), where SQLite's locks do not hold")
    return _revisions(path) if path.exists() else set()


def _unusable(path: Path, why: str) -> StoreError:
    return StoreError(
        f"The database {path} can't be used: {why}.",
        expected="SQLite needs a folder on a local disk which acr-janitor may write to.",
        example="DATABASE_URL=sqlite:///var/acr-janitor.db",
    )


def _revisions(path: Path) -> set[str]:
    # Without its log, which a clean end leaves none of, even a reader would make one; so it is told that nobody writes.
    log = path.with_name(path.name + "-wal")
    how = "mode=ro" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True)) as connection:
            return {row[0] for row in connection.execute("SELECT version_num FROM alembic_version")}
    except sqlite3.Error as error:
        if _NO_TABLE in str(error):
            return set()
        raise explain(error, str(path)) from error


def _file_system(folder: Path) -> str:
    """Name the type of the file system that a folder is on; empty where the system does not tell.

    The format is that of proc_pid_mountinfo(5): the mount point is the fifth field, the type comes after the dash.
    """
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    found = ("", "")
    for line in lines:
        fields, _, rest = line.partition(" - ")
        point = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields.split(" ")[4])
        if folder.is_relative_to(point) and len(point) >= len(found[0]):
            found = (point, rest.split(" ")[0])
    return found[1]
