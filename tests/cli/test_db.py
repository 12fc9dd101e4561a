"""``acr-janitor db``, as people run it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.project.conftest import ROOT


def db(url: str, command: str) -> tuple[int, str]:
    """Run a command on a database; give its exit code and all that it said."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    environ = {**kept, "DATABASE_URL": url, "ACR_REGISTRIES": "myregistry.azurecr.io"}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "db", command],
        check=False,
        cwd=ROOT,
        env=environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.returncode, done.stdout.strip()


def test_a_new_database_on_postgresql(postgres_empty: str) -> None:
    """It has no tables; the upgrade makes them; after that there is nothing to do, and nothing is done."""
    code, said = db(postgres_empty, "current")
    assert code == 3
    assert "has no tables yet; this version needs" in said
    assert said.endswith("Run: acr-janitor db upgrade")
    code, said = db(postgres_empty, "upgrade")
    assert code == 0
    assert said.endswith("now (it was empty).")
    for command in ("upgrade", "current"):
        code, said = db(postgres_empty, command)
        assert code == 0
        assert "which this version can work with" in said


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """To look at a database of SQLite makes none; the upgrade does."""
    url = f"sqlite:///{tmp_path}/var/janitor.db"
    assert db(url, "current") == (0, f"{tmp_path}/var/janitor.db does not exist yet; acr-janitor run makes it.")
    assert not (tmp_path / "var").exists()
    assert db(url, "upgrade")[0] == 0
    assert db(url, "current")[0] == 0


def test_what_is_wrong_is_said_in_words() -> None:
    """A server that is not there gives a sentence and exit code 2, no stack trace and no password."""
    code, said = db("postgresql+psycopg://janitor:s3cretword@127.0.0.1:1/acr", "upgrade")
    assert code == 2
    assert said.startswith("acr-janitor: The database acr on 127.0.0.1:1 failed:")
    assert "Traceback" not in said
    assert "s3cretword" not in said
