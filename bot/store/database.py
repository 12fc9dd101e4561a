"""An engine with what each of the two databases needs, and transactions whose errors are fit for people."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import StoreError
from bot.store.faults import explain

_BUSY_SECONDS = 30
_EXAMPLE = "DATABASE_URL=sqlite:///var/acr-janitor.db"
# A server that vanishes without a word is noticed within a minute; what the URL says goes first.
_LIBPQ = {
    "application_name": "acr-janitor",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    # While something is on its way to the server nothing else would notice.
    "tcp_user_timeout": 60_000,
}
SILENCE = timedelta(seconds=10)
"""How long a transaction may wait for its own process: one that is frozen must not keep its rows from others."""

_to_json = partial(json.dumps, separators=(",", ":"))


def parse_url(text: str) -> URL:
    """Read a database URL, with or without a driver's name, and give it our driver.

    Raises StoreError for any other database and for SQLite in memory, which would forget proposals.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise StoreError(
            "The database URL can't be read.", expected="It starts with sqlite:/// or postgresql://.", example=_EXAMPLE
        ) from error
    kind = url.get_backend_name()
    if kind == "sqlite":
        file = url.database or ""
        if file in {"", ":memory:"} or file.startswith("file:"):
            raise StoreError(
                "SQLite needs a file: what is in memory is lost with the process.",
                expected="The URL ends in a path.",
                example=_EXAMPLE,
            )
        # One name for one file, so that two ways to write it meet at the same lock.
        return url.set(drivername="sqlite+aiosqlite", database=str(Path(file).resolve()))
    if kind in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    raise StoreError(
        f"acr-janitor can't keep its state in {kind}.", expected="It knows SQLite and PostgreSQL.", example=_EXAMPLE
    )


def name_of(url: URL) -> str:
    """Name a database for people, without its password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    host = url.host or url.query.get("host") or "localhost"
    return f"{url.database or url.username} on {host}" + (f":{url.port}" if url.port else "")


def libpq(url: URL) -> dict[str, Any]:
    """Give what psycopg needs to connect to a PostgreSQL, our defaults included."""
    _, named = url.get_dialect()().create_connect_args(url)
    return {**_LIBPQ, **named}


def end_when_silent(silence: timedelta) -> str:
    """Give the statement that lets PostgreSQL end a session which is silent within a transaction for so long."""
    return f"SET idle_in_transaction_session_timeout = {round(silence.total_seconds() * 1000)}"


class Database:
    """One database. ``sqlite`` tells the dialects apart, ``name`` is for people; ``silence`` as SILENCE."""

    def __init__(self, url: URL, silence: timedelta = SILENCE) -> None:
        self.url = url
        self.silence = silence
        self.name = name_of(url)
        self.sqlite = url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.sqlite else _postgres_engine(url, silence)
        self._writing = self.engine.execution_options(janitor_writes=True)
        # SQLite has one writer at a time. Its own way to wait is to sleep and ask again, which is not fair: under load
        # one of many could wait out its time. A queue in front of it is.
        self._turn = asyncio.Lock() if self.sqlite else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection that sees one state of the database. Raises StoreError."""
        with self.explaining():
            async with self.engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection in a transaction: committed at the end, rolled back on any error. Raises StoreError."""
        with self.explaining():
            async with AsyncExitStack() as stack:
                if self._turn is not None:
                    await stack.enter_async_context(self._turn)
                yield await stack.enter_async_context(self._writing.begin())

    async def prepare(self) -> None:
        """Open the file for the first time: make it, find out what is wrong with it, and give it a write-ahead log.

        Not by the engine: a connection of aiosqlite that fails leaves a thread behind, which may outlive the loop.
        Raises StoreError.
        """
        if self.sqlite:
            with self.explaining():
                await asyncio.to_thread(_prepare_file, str(self.url.database))

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Turn the errors of SQLAlchemy and of the driver into StoreError."""
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise explain(error, self.name) from error

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _prepare_file(path: str) -> None:
    with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
        # Readers and the writer don't wait for each other. The file remembers it.
        connection.execute("PRAGMA journal_mode = WAL")


def _sqlite_engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(url, connect_args={"timeout": _BUSY_SECONDS}, json_serializer=_to_json)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # The driver would begin transactions late, and never for DDL: we say BEGIN ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {_BUSY_SECONDS * 1000}",
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred transaction that reads and then writes fails at once when another wrote between: no time-out helps.
        writes = connection.get_execution_options().get("janitor_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(url: URL, silence: timedelta) -> AsyncEngine:
    engine = _plain_postgres_engine(url)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(end_when_silent(silence))
        cursor.close()
        connection.commit()

    return engine


def _plain_postgres_engine(url: URL) -> AsyncEngine:
    try:
        return create_async_engine(
            url,
            # Connections that a restart of the server or a firewall cut are found out before they are used.
            pool_pre_ping=True,
            # Each move is one UPDATE that looks again after waiting for a row; stricter levels would fail instead.
            isolation_level="READ COMMITTED",
            connect_args={name: value for name, value in _LIBPQ.items() if name not in url.query},
            json_serializer=_to_json,
        )
    except ModuleNotFoundError as error:
        raise StoreError(
            "PostgreSQL needs the driver psycopg, which is not installed.",
            expected="Install the extra.",
            example="pip install 'acr-janitor[postgres]'",
        ) from error
