"""The real app's form that chooses what of a proposal goes, in the stand-in's page."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from sandbox.slack import text_of
from tests.browser.conftest import LOOP, Opener
from tests.scenarios.stage import SAM, Stage, days_ago, make_stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope=LOOP)]


@pytest_asyncio.fixture(loop_scope=LOOP)
async def stage() -> AsyncIterator[Stage]:
    """Run the real app; pages that show it are closed before it ends."""
    async with make_stage("http") as stage, stage.running():
        yield stage


async def test_boxes_are_unticked_page_by_page(stage: Stage, open_page: Opener) -> None:
    """What is unticked stays so from page to page, a wrong age is told at its field, and then the card is another."""
    for number in range(60):
        tags = [f"v1.{number}", f"build-{number}"]
        stage.registry.push_image("team/web-app", tags=tags, layers=[number + 1], updated=days_ago(200 - number))
    card = await stage.propose(stage.riley, "/acr old team/web-app --older-than 30d")
    page = await open_page(f"{stage.slack.url}/?user={SAM}")
    await page.locator("#messages").get_by_role("button", name="Choose …").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("1 to 50 of 60 · all ticked")
    box = dialog.get_by_role("checkbox", name="build-3, v1.3 (", exact=False)
    await expect(box).to_be_checked()
    await box.uncheck()
    await dialog.get_by_role("button", name="Next").click()
    await expect(dialog).to_contain_text("51 to 60 of 60 · 1 unticked so far")
    await dialog.get_by_role("button", name="Previous").click()
    await expect(dialog).to_contain_text("1 to 50 of 60")
    await expect(box).not_to_be_checked()

    await dialog.get_by_label("Find in the list", exact=False).fill("build-1")
    await dialog.get_by_label("Find in the list", exact=False).press("Enter")
    await expect(dialog).to_contain_text("1 to 11 of 11 with build-1, of 60 in all")
    await dialog.get_by_role("button", name="Untick all 11").click()
    await expect(dialog).to_contain_text("12 unticked so far")
    await dialog.get_by_label("Only what last changed", exact=False).fill("soon")
    await dialog.get_by_role("button", name="Change the proposal").click()
    await expect(dialog).to_contain_text("'soon' is not a length of time.")
    await dialog.get_by_label("Only what last changed", exact=False).fill("")
    await dialog.get_by_role("button", name="Change the proposal").click()
    await expect(dialog).to_contain_text("Revision 2 is on the card, with 48 items. You took 12 items off.")
    await stage.until(card, "Revision 2:")
    assert "Delete 48 old manifests" in text_of(card)
