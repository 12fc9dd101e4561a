import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import LOOP, Opener
from tests.browser.fixture_server import FixtureServer, message

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope=LOOP)]


async def test_a_lost_server_is_told_and_found_again(browser: Browser) -> None:
    """While the server is away the page says so and loses nothing that was typed; once it is back, all goes on."""
    server = FixtureServer()
    page = await browser.new_page()
    field = page.get_by_role("combobox", name="Message #registry")
    async with server.serving():
        port = int(server.url.rsplit(":", 1)[1])
        await page.goto(server.url)
        await field.fill("half typed")
    banner = page.locator("#offline")
    await expect(banner).to_be_visible()
    await field.press("Enter")
    await expect(page.get_by_text("The server can't be reached.").first).to_be_visible()
    await expect(field).to_have_value("half typed")
    server.say(message("said meanwhile"))
    async with server.serving(port):
        await expect(page.get_by_text("said meanwhile")).to_be_visible()
        await expect(banner).to_be_hidden()
        await expect(field).to_have_value("half typed")
        await field.press("Enter")
        await expect(field).to_have_value("")
        assert [body["text"] for body in server.sent("message")] == ["half typed"]
        await page.close()


async def test_nothing_is_missed_while_the_stream_is_opened(server: FixtureServer, open_page: Opener) -> None:
    """What happens after the page was drawn and before it hears of changes is shown as soon as it does."""
    server.listening.clear()
    server.say(message("early", ago=9))
    page = await open_page(server.url)
    await expect(page.get_by_text("early")).to_be_visible()
    server.say(message("between", ago=5))
    server.listening.set()
    await expect(page.get_by_text("between")).to_be_visible()
