"""How soon a command is acknowledged, at 20 commands a second, while a deletion of 10,000 manifests runs.

The app is the real one in a process of its own, reached by signed HTTP requests; its registry is in another. Slack
itself would be on another machine: here it shares the processors with both.

    python benchmarks/bench_ack.py [--small]
"""

import asyncio
import contextlib
import itertools
import json
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from bench_deletes import images
from rig import Registry, Table, folder, progress, registry, run

from sandbox.slack import Channel, Message, Person, SlackSandbox, Workspace, text_of

ROOT = Path(__file__).resolve().parents[1]
ASKER, APPROVER, ROOM = "U0RILEY", "U0SAM", "C0OPS"
A_SECOND = 20
COMMANDS = ("/acr help", "/acr untagged small", "/acr pending", "/acr history")
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH")
SLACKS_LIMIT, OURS = 3.0, 0.2


def workspace() -> Workspace:
    """Make one with somebody who asks and somebody who approves."""
    people = [Person(id=ASKER, name="riley", real_name="Riley"), Person(id=APPROVER, name="sam", real_name="Sam")]
    return Workspace(name="Contoso", people=people, channels=[Channel(id=ROOM, name="ops", members=[ASKER, APPROVER])])


@contextlib.asynccontextmanager
async def app(acr: Registry, slack: SlackSandbox, place: Path) -> AsyncIterator[None]:
    """Run the app until the end, and let Slack reach it."""
    environ = {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        **acr.environment,
        "SLACK_BOT_TOKEN": "xoxb-sandbox",
        "SLACK_SIGNING_SECRET": "sandbox-signing-secret",
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": f"sqlite:///{place}/state.db",
        "ACR_REGISTRIES": acr.url,
        "ACR_APPROVERS": APPROVER,
        "HOST": "127.0.0.1",
        "PORT": "0",
        "LOG_FORMAT": "json",
    }
    log = place / "log"
    with log.open("wb") as stream:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=ROOT, env=environ, stdout=stream, stderr=stream
        )
    try:
        async with asyncio.timeout(60):
            while not (address := _address(log)):
                assert process.returncode is None, log.read_text(encoding="utf-8")
                await asyncio.sleep(0.1)
        slack.deliver_to(f"{address}/slack/events")
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _address(log: Path) -> str:
    lines = [
        line for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{") and line.endswith("}")
    ]
    found = [line["address"] for line in map(json.loads, lines) if line.get("event") == "started"]
    return str(found[0]) if found else ""


async def approve(slack: SlackSandbox) -> Message:
    """Have the big deletion proposed and approved, and give its card."""
    asker, approver = slack.human(ASKER), slack.human(APPROVER)
    await asker.slash("/acr untagged big", channel=ROOM)
    await slack.wait_for(lambda: [m for m in asker.messages(ROOM) if "big" in text_of(m)], timeout=120)
    answer = next(m for m in asker.messages(ROOM) if "big" in text_of(m))
    await asker.click(answer, "propose")
    await slack.wait_for(lambda: approver.messages(ROOM), timeout=120)
    card = approver.messages(ROOM)[0]
    await approver.click(card, "approve")
    return card


async def commands(slack: SlackSandbox, until: asyncio.Event) -> list[float]:
    """Type commands at their rate, whether or not the last was answered; give the seconds that each ack took."""
    asker, found, under_way = slack.human(ASKER), [], set()

    async def send(text: str) -> None:
        began = time.perf_counter()
        await asker.slash(text, channel=ROOM)
        found.append(time.perf_counter() - began)

    for text in itertools.cycle(COMMANDS):
        if until.is_set():
            break
        task = asyncio.create_task(send(text))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        await asyncio.sleep(1 / A_SECOND)
    await asyncio.gather(*under_way)
    return found


async def measure(small: bool) -> Table:
    """Type while it deletes."""
    go = 200 if small else 10_000
    with folder() as place:
        async with registry() as acr, SlackSandbox(workspace(), manifest=ROOT / "manifest.yml") as slack:
            await acr.seed({"big": images(go, 10), "small": images(20, 30)})
            async with app(acr, slack, place):
                card = await approve(slack)
                over = asyncio.Event()
                began = time.perf_counter()
                typing = asyncio.create_task(commands(slack, over))
                try:
                    await slack.wait_for(lambda: "Deleted all" in text_of(card), timeout=300)
                finally:
                    taken = time.perf_counter() - began
                    over.set()
                    found = sorted(await typing)
                progress(f"deleted {go:,} in {taken:.1f} s")
    p50, p99 = statistics.median(found), found[min(len(found) - 1, int(len(found) * 0.99))]
    return Table(
        f"Acknowledging {A_SECOND} commands a second while {go:,} manifests are deleted",
        ("commands", "p50", "p99", "longest", "the deletion took"),
        [
            (
                f"{len(found):,}",
                f"{p50 * 1000:.0f} ms",
                f"{p99 * 1000:.0f} ms",
                f"{found[-1] * 1000:.0f} ms",
                f"{taken:.0f} s",
            )
        ],
        [
            (f"p99 within {OURS * 1000:.0f} ms: {p99 * 1000:.0f} ms", p99 <= OURS),
            (f"none later than Slack's 3 s: {found[-1]:.2f} s", found[-1] <= SLACKS_LIMIT),
        ],
    )


if __name__ == "__main__":
    run(measure)
