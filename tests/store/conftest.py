"""Each test runs on SQLite and on PostgreSQL."""

import tempfile
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.store import Store
from tests.conftest import memory


@pytest.fixture
def sqlite_url() -> Iterator[str]:
    """Name a file that does not exist yet, in a folder that does not either."""
    with tempfile.TemporaryDirectory(prefix="acr-janitor-", dir=memory()) as folder:
        yield f"sqlite:///{folder}/var/janitor.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Name a database without any rows, on each of the two in turn."""
    found: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """Name a database without any tables, on each of the two in turn."""
    found: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_empty")
    return found


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """Open a database without any rows."""
    opened = await Store.open(url)
    yield opened
    await opened.close()
