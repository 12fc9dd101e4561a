"""What monitoring sees of a running app: its probes and its metrics, over HTTP."""

from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.scenarios.stage import Stage

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def fetch(stage: Stage, path: str) -> tuple[int, str]:
    """Ask the running app for a path; give status and text."""
    async with aiohttp.ClientSession() as session, session.get(f"{stage.app.address}{path}") as answer:
        return answer.status, await answer.text()


async def readiness(stage: Stage) -> tuple[int, dict[str, Any]]:
    """Ask ``/readyz``; give status and document."""
    async with aiohttp.ClientSession() as session, session.get(f"{stage.app.address}/readyz") as answer:
        return answer.status, await answer.json()


async def scrape(stage: Stage) -> Figures:
    """Read ``/metrics`` with Prometheus' own parser: every sample by name and labels."""
    status, text = await fetch(stage, "/metrics")
    assert status == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def total(figures: Figures, name: str, **labels: str) -> float:
    """Add up the samples of a name that carry these labels."""
    return sum(value for (found, has), value in figures.items() if found == name and labels.items() <= has)
