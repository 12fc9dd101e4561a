"""A look at a database that changes nothing."""

from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store import upgrade
from bot.store.look import _file_system, look
from bot.store.migrate import Schema


async def test_before_and_after_the_first_upgrade(empty_url: str) -> None:
    """What has no tables yet is told from what has them, on both databases, and looking makes none."""
    for _ in range(2):
        before = await look(empty_url)
        assert before.schema is None or (before.schema.at, before.schema.behind) == ("", True)
    await upgrade(empty_url)
    after = await look(empty_url)
    assert after.schema is not None
    assert after.schema == Schema(at=after.schema.head, head=after.schema.head, behind=False)
    assert after.version.startswith("SQLite 3" if after.made_by_run else "PostgreSQL ")


async def test_a_file_is_left_as_it_is(sqlite_url: str) -> None:
    """Looking at a file makes nothing beside it."""
    await upgrade(sqlite_url)
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    await look(sqlite_url)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


async def test_a_server_that_is_not_there() -> None:
    """It is said in words."""
    with pytest.raises(StoreError, match="failed"):
        await look("postgresql://user@127.0.0.1:9/name")


def test_the_innermost_mount_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A local disk mounted inside a network drive is local."""
    mounts = tmp_path / "mounts"
    inner, outer = tmp_path / "a" / "my disk", tmp_path / "a"
    spaced = str(inner).replace(" ", "\\040")
    mounts.write_text(
        f"1 0 0:1 / / rw - ext4 x rw\n2 1 0:2 / {outer} rw - nfs4 x rw\n3 1 0:3 / {spaced} rw - xfs x rw\n"
    )
    monkeypatch.setattr("bot.store.look._MOUNTS", mounts)
    assert [_file_system(folder) for folder in (tmp_path, outer / "b", inner / "c")] == ["ext4", "nfs4", "xfs"]
    mounts.unlink()
    assert not _file_system(inner)
