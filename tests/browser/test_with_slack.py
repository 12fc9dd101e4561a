from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Page, expect

from sandbox.slack import Channel, Command, Options, Person, SlackSandbox, Workspace
from tests.browser import janitor
from tests.browser.conftest import LOOP, Opener

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope=LOOP)]


@pytest_asyncio.fixture(loop_scope=LOOP)
async def slack() -> AsyncIterator[SlackSandbox]:
    """Run the real stand-in with a small Bolt app behind it."""
    workspace = Workspace(
        "Harbour Works",
        people=[
            Person(id="U_RILEY", name="riley", real_name="Riley", title="developer"),
            Person(id="U_SAM", name="sam", real_name="Sam", title="approver"),
            Person(id="U_OLU", name="olu", real_name="Olu", title="outsider"),
        ],
        channels=[Channel(id="C_REG", name="registry", members=["U_RILEY", "U_SAM", "U_OLU"], purpose="Images")],
    )
    names = ("/acr", "/acr-form", "/broken")
    commands = [Command(command=name, description="What it does", usage_hint="REPOSITORY") for name in names]
    async with SlackSandbox(workspace, commands=commands, options=Options(ack_seconds=2.0)) as sandbox:
        runner = web.AppRunner(janitor.build(sandbox).web_app())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        sandbox.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
        yield sandbox
        await runner.cleanup()


async def type_in(page: Page, text: str) -> None:
    """Type a line into the channel and send it."""
    field = page.get_by_role("combobox", name="Message #registry")
    await field.fill(text)
    await field.press("Enter")


async def test_a_deletion_is_asked_for_refused_and_approved(slack: SlackSandbox, open_page: Opener) -> None:
    """Two people, two pages: a private answer, a card for both, a refusal for one, an approval that both see live."""
    riley = await open_page(f"{slack.url}/?user=U_RILEY")
    sam = await open_page(f"{slack.url}/?user=U_SAM")
    await type_in(riley, "/acr team/shop")
    answer = riley.locator("#messages article").filter(has_text="3 manifests in team/shop could go")
    await expect(answer).to_contain_text("Only visible to you")
    await expect(answer.locator(".badge")).to_have_text("APP")
    await answer.get_by_role("button", name="Propose deletion").click()
    for page in (riley, sam):
        await expect(page.get_by_text("Delete 3 manifests? Asked by @riley.")).to_be_visible()
        await expect(page.get_by_role("button", name="1 reply")).to_be_visible()
    await expect(answer).to_have_count(0)
    await expect(sam.get_by_text("could go")).to_have_count(0)

    await riley.get_by_role("button", name="Approve").click()
    await riley.get_by_role("button", name="Delete 3").click()
    await expect(riley.get_by_text("Only @sam can approve this.")).to_be_visible()
    await expect(sam.get_by_text("can approve this")).to_have_count(0)

    await sam.get_by_role("button", name="Approve").click()
    await expect(sam.get_by_role("alertdialog", name="Delete 3 manifests?")).to_contain_text("Gone is gone.")
    await sam.get_by_role("button", name="Keep them").click()
    assert not slack.calls_of("chat.update")
    await sam.get_by_role("button", name="Approve").click()
    await sam.get_by_role("button", name="Delete 3").click()
    for page in (riley, sam):
        await expect(page.get_by_text("Deleted 3 manifests. Approved by @sam.")).to_be_visible()
        await expect(page.get_by_role("button", name="Approve")).to_have_count(0)

    await riley.get_by_role("button", name="1 reply").click()
    thread = riley.get_by_role("complementary", name="Thread")
    await expect(thread.get_by_text("The whole list")).to_be_visible()
    await expect(thread.get_by_role("region", name="First rows of plan.csv").locator("tbody tr")).to_have_count(3)
    async with riley.expect_download() as download:
        await thread.get_by_role("link", name="Download plan.csv").click()
    assert (await (await download.value).path()).read_text().startswith("digest,size\n")


async def test_a_form_is_filled_in_corrected_and_sent(slack: SlackSandbox, open_page: Opener) -> None:
    """Options come from the app as one types; its complaint stands at the field; a better answer goes through."""
    page = await open_page(f"{slack.url}/?user=U_RILEY")
    await type_in(page, "/acr-form")
    dialog = page.get_by_role("dialog", name="Clean up")
    repository = dialog.get_by_role("combobox", name="Repository")
    await expect(repository).to_be_focused()
    await repository.fill("img")
    await page.get_by_role("option", name=janitor.REPOSITORIES[2]).click()
    await expect(repository).to_have_value(janitor.REPOSITORIES[2])
    days = dialog.get_by_label("Older than, in days")
    await days.fill("3")
    await dialog.get_by_role("button", name="Look").click()
    await expect(dialog.get_by_role("alert")).to_have_text("The youngest 7 days always stay.")
    await expect(days).to_have_value("3")
    await expect(repository).to_have_value(janitor.REPOSITORIES[2])
    await days.fill("30")
    await days.press("Enter")
    await expect(dialog).to_have_count(0)
    await page.get_by_role("button", name="ACR Janitor APP").click()
    said = page.get_by_text(f"Looking at {janitor.REPOSITORIES[2]}, older than 30 days.")
    await expect(said).to_be_visible()


async def test_a_form_is_left_with_escape(slack: SlackSandbox, open_page: Opener) -> None:
    """Escape closes the modal on the server too, so that it does not come back."""
    page = await open_page(f"{slack.url}/?user=U_RILEY")
    await type_in(page, "/acr-form")
    dialog = page.get_by_role("dialog", name="Clean up")
    await expect(dialog).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    assert slack.human("U_RILEY").views == []


async def test_what_slack_itself_says_when_it_fails(slack: SlackSandbox, open_page: Opener) -> None:
    """A command that nobody registered, and one that the app leaves unanswered, are told in Slack's words."""
    page = await open_page(f"{slack.url}/?user=U_RILEY")
    await type_in(page, "/unknown thing")
    await expect(page.get_by_text("/unknown is not a valid command.")).to_be_visible()
    await type_in(page, "/broken")
    await expect(page.get_by_text("/broken failed with the error")).to_be_visible()
    await expect(page.locator("#messages .author").first).to_have_text("Slackbot")


async def test_the_home_tab_is_published_when_it_is_opened(slack: SlackSandbox, open_page: Opener) -> None:
    """Opening the Home tab asks the app, and what it publishes appears; so it does from the address alone."""
    for query in ("user=U_SAM", "user=U_OLU&tab=home"):
        page = await open_page(f"{slack.url}/?{query}")
        if "tab" not in query:
            await page.get_by_role("button", name="ACR Janitor Home").click()
        await expect(page.locator("#home")).to_contain_text("nothing waits for you.")


async def test_people_talk_and_see_it_live(slack: SlackSandbox, open_page: Opener) -> None:
    """What one person writes another reads without a reload, markup and all, and can answer in a thread."""
    riley = await open_page(f"{slack.url}/?user=U_RILEY")
    sam = await open_page(f"{slack.url}/?user=U_SAM")
    await type_in(riley, "is *this* <b>safe</b>?")
    article = sam.locator("#messages article").filter(has_text="safe")
    await expect(article.locator("strong")).to_have_text("this")
    await article.hover()
    await article.get_by_role("button", name="Reply in thread").click()
    reply = sam.get_by_role("textbox", name="Reply…")
    await reply.fill("yes")
    await reply.press("Enter")
    await expect(riley.get_by_role("button", name="1 reply")).to_be_visible()
