"""The benchmarks: each still runs. What they measure is looked at by people, and never asserted on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.conftest import ROOT

PROGRAMS = sorted((ROOT / "benchmarks").glob("bench_*.py"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_each_benchmark_runs_at_a_small_size(program: Path) -> None:
    """It ends well and gives a table whose rows have all columns."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(program), "--small", "--json"]
    done = subprocess.run(command, capture_output=True, check=False, text=True, env=environ, timeout=110)

    assert done.returncode == 0, done.stderr
    table = json.loads(done.stdout.splitlines()[-1])
    assert table["rows"]
    assert all(len(row) == len(table["columns"]) for row in table["rows"])


def test_the_page_has_a_place_for_the_figures() -> None:
    """``make bench`` writes between two marks, each of which is there once."""
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    for mark in ("<!-- figures: begin -->", "<!-- figures: end -->"):
        assert page.count(mark) == 1
