"""What the tests of the project itself read: its root, its metadata, the files that git knows."""

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def pyproject() -> dict[str, Any]:
    """pyproject.toml as nested dictionaries."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def tracked() -> tuple[Path, ...]:
    """Every file that git knows and that is there, relative to the root."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(path for name in names.split("\0") if name and (ROOT / (path := Path(name))).is_file())
