"""``acr-janitor audit``, as people run it, beside an app that has the database open."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.domain.proposal import Deed, State
from bot.store import Store
from bot.store.events import row_of
from bot.store.tables import EVENTS
from tests.project.conftest import ROOT
from tests.store.make import HOUR, NOW, deleted, event, put


def audit(url: str, *arguments: str) -> tuple[int, str, str]:
    """Run a command on a database; give its exit code, and what it wrote and said."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    environ = {**kept, "DATABASE_URL": url, "ACR_REGISTRIES": "myregistry.azurecr.io"}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "audit", *arguments],
        check=False,
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_the_record_is_checked_and_exported(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """A whole record exits with 0 and a place to note; one line of JSON a row; a cut record exits with 3."""
    url = f"sqlite:///{tmp_path}/janitor.db" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    store = await Store.open(url)
    made = await put(store, State.RUNNING, 3)
    await store.proposals.settle("p1", 1, deleted(0, 1, 2))

    code, said, _ = audit(url, "verify")
    assert code == 0
    assert "is whole: 6 rows." in said
    place = said.rstrip().rpartition(" ")[2]

    code, lines, _ = audit(url, "export", "--format", "jsonl")
    assert code == 0
    rows = [json.loads(line) for line in lines.splitlines()]
    assert [row["deed"] for row in rows] == ["proposed", "approved", "started", "item", "item", "item"]
    assert place == f"{rows[-1]['position']}:{rows[-1]['hash']}"
    assert rows[3]["at"] == "2026-11-02T10:30:15.123456Z"
    assert rows[3]["detail"]["repository"] == "team/app"
    assert {(row["checksum"], row["revision"], row["team_id"]) for row in rows} == {(made.checksum, 1, "T1")}
    _, lines, _ = audit(url, "export", "--since", (NOW + HOUR).isoformat())
    assert len(lines.splitlines()) == 3
    _, lines, _ = audit(url, "export", "--since", "1m")
    assert lines == ""

    assert audit(url, "verify", "--known", place)[0] == 0
    code, said, _ = audit(url, "verify", "--known", place.replace(":", "0:", 1))
    assert code == 3
    assert "before the one noted: it was cut." in said
    await store.close()


async def test_what_is_in_no_chain_is_named_and_taken_in(postgres_url: str) -> None:
    """The command that mends it is named; after it the record is whole, and says what was done."""
    store = await Store.open(postgres_url)
    async with store._database.write() as connection:
        await connection.execute(insert(EVENTS), row_of(event(Deed.REFUSED)))
    code, said, _ = audit(postgres_url, "verify")
    assert code == 3
    assert "- Row 1 is in no chain" in said
    assert said.rstrip().endswith("acr-janitor audit adopt")
    assert audit(postgres_url, "adopt")[1].startswith("1 row taken into the chain")
    assert audit(postgres_url, "adopt")[1].startswith("Nothing to do")
    assert audit(postgres_url, "verify")[0] == 0
    assert [one.deed for one in await store.events.list()] == [Deed.REFUSED, Deed.ADOPTED]
    await store.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["verify"], "does not exist."),
        (["verify", "--known", "7"], "is not a place in the record. Give what an earlier check"),
        (["export", "--since", "soon"], "--since: 'soon' is not a date. Write a date (2026-11-01)"),
    ],
)
def test_what_is_wrong_is_said_in_words(tmp_path: Path, arguments: list[str], words: str) -> None:
    """A database that is not there is not made; what can't be read is answered with what can; exit code 2."""
    code, _, said = audit(f"sqlite:///{tmp_path}/none.db", *arguments)
    assert code == 2
    assert words in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []
