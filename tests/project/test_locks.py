"""The locks: complete, hashed, in step with pyproject.toml and with each other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.project.conftest import ROOT

LOCKS = ("build", "run", "dev")


@dataclass(frozen=True)
class Pin:
    """One requirement of a lock."""

    requirement: Requirement
    hashes: tuple[str, ...]
    direct: bool

    @property
    def name(self) -> str:
        """The name as indexes compare it."""
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        """The pinned version."""
        return next(iter(self.requirement.specifier)).version


def pins(lock: str) -> Iterator[Pin]:
    """Read a lock."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    for entry in re.split(r"\n(?=\S)", text.rstrip("\n")):
        head, *rest = entry.split("\n")
        hashes = tuple(line.strip(" \\").removeprefix("--hash=") for line in rest if "--hash=" in line)
        direct = any("acr-janitor (pyproject.toml" in line for line in rest)
        yield Pin(Requirement(head.rstrip(" \\")), hashes, direct)


def declared(pyproject: dict[str, Any], lock: str) -> list[Requirement]:
    """Give what pyproject.toml asks for in that lock."""
    project, groups = pyproject["project"], pyproject["dependency-groups"]
    run = [*project["dependencies"], *project["optional-dependencies"]["postgres"]]
    texts = {"build": groups["build"], "run": run, "dev": [*run, *groups["build"], *groups["dev"]]}[lock]
    return [Requirement(text) for text in texts if isinstance(text, str)]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_and_hashed(lock: str) -> None:
    """Nothing that was not looked at is ever installed."""
    for pin in pins(lock):
        assert [specifier.operator for specifier in pin.requirement.specifier] == ["=="], pin.name
        assert pin.requirement.url is None, pin.name
        assert pin.hashes, pin.name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in pin.hashes), pin.name


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index(lock: str) -> None:
    """Where packages come from is for whoever installs to say."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")

    assert not re.search(r"://|index-url|find-links|trusted-host", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_fresh(lock: str, pyproject: dict[str, Any]) -> None:
    """What pyproject.toml asks for is what `make lock` has seen: no more, no less, and the versions fit."""
    locked = {pin.name: pin for pin in pins(lock)}
    wanted = declared(pyproject, lock)

    assert {pin.name for pin in locked.values() if pin.direct} == {canonicalize_name(each.name) for each in wanted}
    for each in wanted:
        assert each.specifier.contains(locked[canonicalize_name(each.name)].version), f"run make lock: {each}"


def test_the_locks_agree() -> None:
    """The tests run with the very versions that are shipped, built with the same back end."""
    dev = {pin.name: pin.version for pin in pins("dev")}

    for lock in ("run", "build"):
        assert {pin.name: pin.version for pin in pins(lock)}.items() <= dev.items()


def test_the_back_end_is_locked(pyproject: dict[str, Any]) -> None:
    """Building without isolation finds its back end in the build lock."""
    needed = {canonicalize_name(Requirement(text).name) for text in pyproject["build-system"]["requires"]}

    assert needed <= {pin.name for pin in pins("build")}


def test_every_dependency_has_its_reason(pyproject: dict[str, Any]) -> None:
    """docs/decisions/0002-dependencies.md says of each dependency what it is for."""
    text = (ROOT / "docs/decisions/0002-dependencies.md").read_text(encoding="utf-8").partition("**Rejected.**")[0]

    for each in declared(pyproject, "dev"):
        assert re.search(rf"(?<![\w-]){re.escape(each.name)}(?![\w-])", text), each.name
