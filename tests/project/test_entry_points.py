"""The Makefile and the CI script: one entry for people and for CI."""

import os
import re
import subprocess

import pytest

from tests.project.conftest import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_every_target_is_explained() -> None:
    """`make help` lists each target that people call, with what it does."""
    targets = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert targets is not None

    answer = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout

    assert [line.split()[:2] for line in answer.splitlines()] == [["make", name] for name in targets[1].split()]
    assert all(len(line.split()) > 4 for line in answer.splitlines())


@pytest.mark.parametrize(
    "command", ["ruff format --check .", "ruff check .", "mypy", "lint-imports", "pytest --quiet tests/project"]
)
def test_check_runs_every_check(command: str) -> None:
    """`make check` is form, lint, types, layers and the project's own tests."""
    recipe = MAKEFILE.partition("\ncheck:")[2].partition("\n\n")[0]

    assert f"$(BIN)/{command}\n" in f"{recipe}\n"


def test_everything_from_outside_is_installed_with_hashes() -> None:
    """Each pip call of the Makefile takes a lock with hashes, or installs only what lies here."""
    calls = re.findall(r"\$\(PIP\) install (.*)", MAKEFILE)

    assert calls
    for call in calls:
        assert call.startswith("--require-hashes --requirement ") or (
            "--no-deps" in call and "--no-build-isolation" in call and call.endswith(" .")
        )


def test_ci_runs_the_same_entry() -> None:
    """.ci/run is a sound script that ends with the tests, whose summary is then the last thing said."""
    script = ROOT / ".ci/run"

    subprocess.run(["bash", "-n", script], check=True)
    assert os.access(script, os.X_OK)
    lines = script.read_text(encoding="utf-8").splitlines()
    assert "set -euo pipefail" in lines
    assert lines[-2:] == ["make check", "make test"]
