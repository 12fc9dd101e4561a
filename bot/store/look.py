"""A look at a database that changes nothing: whether it can be used, and which schema it has."""

import asyncio
import os
import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, NullPool, create_engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StoreError
from bot.store.database import Database, parse_url
from bot.store.faults import explain
from bot.store.installations import tokens_in
from bot.store.migrate import Schema, read_schema
from bot.store.tables import SLACK_BOTS

T = TypeVar("T")

_MOUNTS = Path("/proc/self/mountinfo")
# SQLite's locks do not hold on these (sqlite.org, "How To Corrupt An SQLite Database File", section 2.1).
_REMOTE = re.compile(
    r"nfs\d?|cifs|smb\w*|9p|afs|ceph|glusterfs|lustre|fuse\.(?:sshfs|glusterfs|blobfuse\w*|s3fs|rclone)"
)


@dataclass(frozen=True, slots=True)
class Look:
    """``name`` and ``version`` of the database for people; ``made_by_run`` whether the app itself upgrades it.

    ``schema`` is None where there is no file yet.
    """

    name: str
    version: str
    made_by_run: bool
    schema: Schema | None


async def look(url: str) -> Look:
    """Look at a database. Writes nothing and takes no lock.

    Raises StoreError where it is unreachable, where this user can't write to it, where it lies on a network drive, or
    where this version can't follow its schema.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(str(parsed.database))
        schema = await asyncio.to_thread(_look_at_file, path)
        return Look(str(path), f"SQLite {sqlite3.sqlite_version}", made_by_run=True, schema=schema)
    database = Database(parsed)
    try:
        async with database.read() as connection:
            version = str(await connection.scalar(text("SHOW server_version")))
            if await connection.scalar(text("SELECT pg_is_in_recovery()")):
                raise StoreError(
                    f"The database {database.name} is a replica, which takes no writes.",
                    expected="DATABASE_URL must lead to the primary server: add ?target_session_attrs=read-write.",
                )
            schema = await connection.run_sync(read_schema, database.name)
        return Look(database.name, f"PostgreSQL {version}", made_by_run=False, schema=schema)
    finally:
        await database.close()


async def tokens(url: str, client_id: str) -> Mapping[str, str]:
    """Give the tokens of the workspaces that have installed an app; none where nothing was ever kept there.

    Writes nothing and takes no lock. Raises StoreError where the database can't be read.
    """
    parsed = parse_url(url)

    def read(connection: Connection) -> Mapping[str, str]:
        there = inspect(connection).has_table(SLACK_BOTS.name)
        return tokens_in(connection, client_id) if there else {}

    if parsed.get_backend_name() == "sqlite":
        path = Path(str(parsed.database))
        return await asyncio.to_thread(_read_file, path, read) if path.exists() else {}  # noqa: ASYNC240 - a local file
    database = Database(parsed)
    try:
        async with database.read() as connection:
            return await connection.run_sync(read)
    finally:
        await database.close()


def _look_at_file(path: Path) -> Schema | None:
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
    return _read_file(path, lambda connection: read_schema(connection, str(path))) if path.exists() else None


def _unusable(path: Path, why: str) -> StoreError:
    return StoreError(
        f"The database {path} can't be used: {why}.",
        expected="SQLite needs a folder on a local disk which acr-janitor may write to.",
        example="DATABASE_URL=sqlite:///var/acr-janitor.db",
    )


def _read_file(path: Path, read: Callable[[Connection], T]) -> T:
    # Without its log, which a clean end leaves none of, even a reader would make one; so it is told that nobody writes.
    log = path.with_name(path.name + "-wal")
    how = "mode=ro" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True, check_same_thread=False),
        poolclass=NullPool,
    )
    try:
        with engine.connect() as connection:
            return read(connection)
    except (SQLAlchemyError, sqlite3.Error) as error:
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
