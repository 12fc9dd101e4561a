"""What the benchmarks share: a registry in a process of its own, the bare loop that is the limit, and tables."""

import argparse
import asyncio
import contextlib
import gc
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import aiohttp
import structlog
from azure.identity.aio import DefaultAzureCredential
from yarl import URL

LATENCY = 0.02
CONCURRENCY = 32
_AUDIENCE = "https://containerregistry.azure.net/.default"
_ACCEPTED = {200, 202}


@dataclass
class Table:
    """What a benchmark found. ``targets`` are pairs: what was asked for, and whether it was met."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    targets: list[tuple[str, bool]] = field(default_factory=list)

    def markdown(self) -> str:
        """Draw it for docs/performance.md and for the terminal alike."""
        widths = [max(len(row[n]) for row in (self.columns, *self.rows)) for n in range(len(self.columns))]

        def line(cells: Sequence[str]) -> str:
            padded = [c.rjust(w) if n else c.ljust(w) for n, (c, w) in enumerate(zip(cells, widths, strict=True))]
            return f"| {' | '.join(padded)} |"

        rule = "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])])
        found = [f"- {'met' if met else '**missed**'}: {text}" for text, met in self.targets]
        return "\n".join([line(self.columns), f"|{rule}|", *map(line, self.rows), "", *found]).rstrip()


def run(measure: Callable[[bool], Awaitable[Table]]) -> None:
    """Be a benchmark's program: measure, print the table, and with ``--json`` print that instead."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--small", action="store_true", help="a few seconds, to see that it works; its figures say nothing"
    )
    parser.add_argument("--json", action="store_true", help="print the table as JSON")
    arguments = parser.parse_args()
    # The app's own log is none of the figures.
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())

    async def measured() -> Table:
        return await measure(arguments.small)

    table = asyncio.run(measured())
    if arguments.json:
        print(json.dumps(asdict(table)))
    else:
        print(f"{table.title}\n\n{table.markdown()}")


@dataclass
class Registry:
    """The stand-in for ACR, running elsewhere. ``environment`` is that in which its managed identity signs in."""

    url: str
    host: str
    environment: dict[str, str]
    credential: DefaultAzureCredential
    pid: int
    control: aiohttp.ClientSession

    async def seed(self, repositories: dict[str, list[dict[str, Any]]]) -> None:
        """Push what a scenario describes: see sandbox/acr/README.md for its format."""
        text = json.dumps({"repositories": {name: {"images": images} for name, images in repositories.items()}})
        async with self.control.post("/_sandbox/scenario", json={"text": text}) as answer:
            assert answer.status == 204, await answer.text()

    async def untagged(self, repository: str) -> list[str]:
        """Give the digests without a tag."""
        async with self.control.get("/_sandbox/state", params={"repository": repository}) as answer:
            state = await answer.json()
        return sorted(set(state["manifests"]) - set(state["tags"].values()))

    async def count(self) -> dict[str, dict[str, int]]:
        """Give the requests since the last time, by kind and by status."""
        async with self.control.get("/_sandbox/log") as answer:
            found: dict[str, dict[str, int]] = await answer.json()
        async with self.control.delete("/_sandbox/log"):
            return found

    async def set(self, **options: float | None) -> None:
        """Change the latency (seconds) or a rate limit."""
        async with self.control.post("/_sandbox/options", json=options) as answer:
            assert answer.status == 204, await answer.text()


@contextlib.asynccontextmanager
async def registry(latency: float = LATENCY) -> AsyncIterator[Registry]:
    """Run a registry in a process of its own, and be its managed identity."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox.acr", "--latency", str(latency), "--control", "--log-limit", "0",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = json.loads(await process.stdout.readline())
        os.environ.update(said["identity_env"])
        async with aiohttp.ClientSession(said["url"]) as control, DefaultAzureCredential() as credential:
            yield Registry(said["url"], said["login_server"], said["identity_env"], credential, process.pid, control)
    finally:
        process.terminate()
        await process.wait()


class Bare:
    """The same requests by aiohttp and nothing else: what this machine and the registry allow at most."""

    def __init__(self, acr: Registry) -> None:
        self._acr = acr
        self._session = aiohttp.ClientSession(acr.url, connector=aiohttp.TCPConnector(limit=CONCURRENCY))
        self._refresh = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def sign_in(self, *scopes: str) -> dict[str, str]:
        """Give the header for some scopes."""
        if not self._refresh:
            identity = await self._acr.credential.get_token(_AUDIENCE)
            form = {"grant_type": "access_token", "service": self._acr.host, "access_token": identity.token}
            self._refresh = await self._post("/oauth2/exchange", form, "refresh_token")
        form = {"grant_type": "refresh_token", "service": self._acr.host, "refresh_token": self._refresh}
        token = await self._post("/oauth2/token", {**form, "scope": " ".join(scopes)}, "access_token")
        return {"Authorization": f"Bearer {token}"}

    async def all(self, method: str, paths: Iterable[str], header: dict[str, str]) -> None:
        """Send these, so many at once as may be."""

        async def send(path: str) -> None:
            async with self._session.request(method, path, headers=header) as answer:
                await answer.read()
                assert answer.status in _ACCEPTED, answer.status

        await side_by_side(send, paths)

    async def pages(self, path: str, header: dict[str, str]) -> list[dict[str, Any]]:
        """Walk a listing to its end; the next page's address is in the one before."""
        found = []
        while path:
            async with self._session.get(path, headers=header) as answer:
                found.append(json.loads(await answer.read()))
                path = str(URL(answer.links["next"]["url"]).relative()) if "next" in answer.links else ""
        return found

    async def _post(self, path: str, form: dict[str, str], key: str) -> str:
        async with self._session.post(path, data=form) as answer:
            return str((await answer.json())[key])


async def side_by_side(do: Callable[[str], Awaitable[object]], names: Iterable[str], most: int = CONCURRENCY) -> None:
    """Do something for each of these, so many at once."""
    left = iter(names)

    async def work() -> None:
        for name in left:
            await do(name)

    await asyncio.gather(*(work() for _ in range(most)))


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Give the seconds that something takes."""
    gc.collect()
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


def ratio(mine: Sequence[float], limit: Sequence[float]) -> float:
    """Give the median of the ratios, round by round: a machine that slows down slows both."""
    return statistics.median(a / b for a, b in zip(mine, limit, strict=True))


def fresh_names(stem: str) -> Iterable[str]:
    """Give names without end: each round has a repository of its own."""
    return (f"{stem}-{number}" for number in itertools.count())


@contextlib.contextmanager
def folder() -> Any:
    """Give a folder for as long as it is needed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as found:
        yield Path(found)


def progress(text: str) -> None:
    """Say how far it is, to whoever watches."""
    print(text, file=sys.stderr, flush=True)
