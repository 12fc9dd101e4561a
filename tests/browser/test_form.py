"""The real app's form in the stand-in's page, as somebody fills it in."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot.domain.grammar import rules
from tests.browser.conftest import LOOP, Opener
from tests.scenarios.stage import RILEY, Stage, days_ago, make_stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope=LOOP)]


@pytest_asyncio.fixture(loop_scope=LOOP)
async def stage() -> AsyncIterator[Stage]:
    """Run the real app; pages that show it are closed before it ends."""
    async with make_stage("http") as stage, stage.running():
        yield stage


async def test_the_form_is_filled_in_with_suggestions(stage: Stage, open_page: Opener) -> None:
    """A part of a name brings the repository up, the rule its fields, a wrong one its words, and then the answer."""
    stage.registry.push_image("team/web-app", tags=["pr-1"], layers=[1], updated=days_ago(60))
    stage.registry.push_image("team/other", layers=[1], updated=days_ago(60))
    page = await open_page(f"{stage.slack.url}/?user={RILEY}")
    field = page.get_by_role("combobox", name="Message #ops")
    await field.fill("/acr")
    await field.press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Clean up images")

    await dialog.get_by_role("combobox", name="Repository", exact=False).first.fill("web")
    await dialog.get_by_role("option", name="team/web-app").click()
    await dialog.get_by_label("What could go").select_option(label=rules()["purge"].label)
    await dialog.get_by_label("Tags with", exact=False).fill("^pr-")
    await dialog.get_by_label("Not changed for", exact=False).fill("30days")
    await dialog.get_by_role("button", name="Look").click()
    await expect(dialog).to_contain_text("'30days' is not a length of time: write 30d.")

    await dialog.get_by_label("Not changed for", exact=False).fill("30d")
    await dialog.get_by_role("button", name="Look").click()
    await expect(dialog).to_have_count(0)
    answer = page.locator("#messages article").filter(has_text="1 tag in team/web-app could go")
    await expect(answer).to_contain_text("Only visible to you")
    await expect(answer.get_by_role("button", name="Propose removal")).to_be_visible()
