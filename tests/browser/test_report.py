"""The weekly report of a team with forty repositories, as the stand-in's page shows it.

The picture in the README is of this report. ``ACR_JANITOR_PICTURES=docs/images pytest tests/browser/test_report.py``
takes it again.
"""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
import yaml
from playwright.async_api import expect

from bot.clocks import DAYS
from sandbox.slack import text_of
from tests.browser.conftest import LOOP, Opener
from tests.scenarios.stage import OLU, OPS, Stage, days_ago, make_stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope=LOOP)]

MIB = 2**20
WEEK = timedelta(days=7)
SERVICES = ("gateway", "ledger", "refunds", "invoices", "fraud-check", "webhooks", "reports", "exports")
PARTS = ("api", "worker", "web", "migrations", "cron")


@pytest_asyncio.fixture(loop_scope=LOOP)
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Run the real app with a team of the settings file; pages that show it are closed before it ends."""
    path = tmp_path / "janitor.yml"
    # In two days, and so five days ago: none comes by itself.
    day = DAYS[(datetime.now(UTC).weekday() + 2) % 7]
    team = {"name": "payments", "channel": OPS, "repositories": ["payments/*"], "report": {"day": day}}
    path.write_text(yaml.safe_dump({"teams": [team]}), encoding="utf-8")
    async with make_stage("http", settings={"ACR_JANITOR_CONFIG": str(path)}) as stage, stage.running():
        yield stage


def seed(stage: Stage) -> None:
    """Fill forty repositories: some images have gone stale for long, some of them in the last week, some never."""
    names = [f"payments/{service}-{part}" for service in SERVICES for part in PARTS]
    for number, name in enumerate(names):
        stage.registry.push_image(name, tags=["v1"], layers=[MIB], media="docker", updated=days_ago(12))
        for image in range((number * 7) % 12 + 1):
            size = (2 + (number * 13) % 37) * 20 * MIB + number * 100 + image
            # A third of them has become stale since last week.
            age = 31 + (image % 3) * 6 + (number * 11) % 150 * (image % 2)
            stage.registry.push_image(name, layers=[size], media="docker", updated=days_ago(age))


async def test_forty_repositories_are_read_at_a_glance(stage: Stage, open_page: Opener) -> None:
    """Chart, table and buttons of the 39 that have something stale are there, and nothing is wider than its column."""
    seed(stage)
    stage.clock_ahead = -WEEK
    await stage.private_after(stage.riley, stage.riley.slash("/acr report --private", channel=OPS), "stale manifests")
    stage.clock_ahead = timedelta()
    card = await stage.propose(stage.riley, "/acr untagged payments/exports-api")
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    await stage.propose(stage.riley, "/acr untagged payments/refunds-cron")
    await stage.riley.slash("/acr report", channel=OPS)

    def report() -> list[str]:
        return [text for message in stage.cards() if "stale manifests" in (text := text_of(message))]

    await stage.slack.wait_for(report, timeout=60)
    [text] = report()
    assert "more than last week" in text
    assert "and is no part" not in text

    page = await open_page(f"{stage.slack.url}/?user={OLU}", width=1100, height=1500)
    article = page.locator("#messages article").filter(has_text="Most to free in payments")
    await expect(article.locator("svg").first).to_be_visible()
    await expect(article.get_by_role("table").last.locator("tbody tr")).to_have_count(15)
    await expect(article.get_by_text("And 24 more with less to free")).to_be_visible()
    await expect(article.get_by_role("button", name="Snooze a week")).to_be_visible()
    await article.scroll_into_view_if_needed()
    for block in await article.locator("table, svg, button").all():
        inner, outer = await block.bounding_box(), await article.bounding_box()
        if inner and outer:
            assert inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 1
    folder = os.environ.get("ACR_JANITOR_PICTURES")
    if folder:
        await article.screenshot(path=str(Path(folder) / "weekly-report.png"))
