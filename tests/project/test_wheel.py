"""The wheel: what is shipped is complete."""

import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.project.conftest import ROOT

PACKAGES = ("bot", "handlers", "sandbox")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """Build the wheel, with the back end that the Makefile and the Dockerfile use."""
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("dist")), versions=["standard"])
    return zipfile.Path(built)


def test_every_file_of_the_packages_is_in_the_wheel(wheel: zipfile.Path, tracked: tuple[Path, ...]) -> None:
    """Code, type markers, pages, migrations and scenarios: what works from a checkout works when installed."""
    names = set(wheel.root.namelist())
    wanted = {path.as_posix() for path in tracked if path.parts[0] in PACKAGES}

    assert wanted <= names
    assert {f"{package}/py.typed" for package in PACKAGES} <= names


def test_nothing_else_is_in_the_wheel(wheel: zipfile.Path) -> None:
    """No tests, no settings of somebody's machine."""
    tops = {name.split("/")[0] for name in wheel.root.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_the_metadata(wheel: zipfile.Path, pyproject: dict[str, Any]) -> None:
    """The wheel carries the licence, the console script and the run dependencies."""
    (info,) = (path for path in wheel.iterdir() if path.name.endswith(".dist-info"))
    metadata = Parser().parsestr((info / "METADATA").read_text(encoding="utf-8"))

    assert metadata["License-Expression"] == "MIT"
    assert (info / "licenses" / "LICENSE").is_file()
    assert "acr-janitor = bot.__main__:main" in (info / "entry_points.txt").read_text(encoding="utf-8")
    required = [each for each in metadata.get_all("Requires-Dist", []) if "extra ==" not in each]
    assert len(required) == len(pyproject["project"]["dependencies"])
