"""The demo's script: it plays the main job with the real app in a process of its own, and can fail."""

import asyncio
import os
import sys

import pytest

from sandbox.acr import Fault
from sandbox.demo import play
from sandbox.demo.stage import Demo
from tests.scenarios.stage import ROOT

pytestmark = pytest.mark.slow


async def test_the_script_plays_the_main_job() -> None:
    """``acr-janitor demo --script`` shows each step as people saw it, checks the registry, and exits with 0."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "demo", "--script"),
        cwd=ROOT,
        env=kept,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), timeout=100)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    said = output.decode()
    assert process.returncode == 0, said
    steps = [
        "Riley types /acr untagged myrepo",
        "could go",
        "Riley clicks Propose deletion",
        "Who may approve",
        "Riley clicks Approve; only Riley sees the answer",
        "somebody else has to approve it",
        "Olu clicks Approve; only Olu sees the answer",
        "not one of those who may approve",
        "Sam clicks Approve, and is asked once more",
        "Deleted all",
        "exactly those on the card",
        "Riley types /acr report",
        "checked: the report says what was cleaned, and who approved it",
        "Everything happened as promised.",
    ]
    positions = [said.find(step) for step in steps]
    assert -1 not in positions, steps[positions.index(-1)]
    assert positions == sorted(positions)
    assert "Traceback" not in said


async def test_the_script_fails_where_nothing_is_deleted(capsys: pytest.CaptureFixture[str]) -> None:
    """A registry that denies deletes makes it give 1, and it says what is not true."""
    assert await play(deny_deletes) == 1
    said = capsys.readouterr().out
    assert "FAILED: it is not true that exactly what the card listed is gone" in said
    assert "as promised" not in said


async def test_the_script_fails_where_too_much_is_deleted(capsys: pytest.CaptureFixture[str]) -> None:
    """One manifest more that is gone, in whatever repository, makes it give 1."""
    assert await play(delete_one_too_many) == 1
    said = capsys.readouterr().out
    assert "FAILED: it is not true that" in said
    assert "is untouched" in said
    assert "as promised" not in said


async def test_the_script_fails_where_the_app_ends(capsys: pytest.CaptureFixture[str]) -> None:
    """An app that takes no click any more makes it give 1."""
    assert await play(kill_the_app) == 1
    assert "FAILED: " in capsys.readouterr().out


async def deny_deletes(demo: Demo) -> None:
    """Let the registry deny every delete."""
    demo.acr.faults.add(Fault(kind="delete_manifest", status=403))


async def delete_one_too_many(demo: Demo) -> None:
    """Wait for the first delete of the run, then delete a tagged manifest of another repository."""
    registry = demo.acr.registry
    await demo.slack.wait_for(lambda: demo.acr.log.count("delete_manifest"), timeout=60)
    other = next(name for name in registry.repositories() if name != "myrepo" and registry.tags(name))
    registry.delete_manifest(other, next(iter(registry.tags(other).values())))


async def kill_the_app(demo: Demo) -> None:
    """End the app before anybody has typed anything."""
    demo.app.kill()
    await demo.app.wait()
