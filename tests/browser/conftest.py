"""One Chromium for all browser tests, and pages in it that fail the test on any error of the page's own."""

import shutil
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

from tests.browser.fixture_server import FixtureServer

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOOP: Final = "session"
PATIENCE = 20_000  # milliseconds; a busy machine is no fault of the page

Opener = Callable[..., Coroutine[Any, Any, Page]]


@pytest_asyncio.fixture(scope="session", loop_scope=LOOP)
async def browser() -> AsyncIterator[Browser]:
    """Start the installed Chromium, or skip where there is none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"no Chromium installed: none of {', '.join(NAMES)} is on PATH")
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope=LOOP)
async def running_server() -> AsyncIterator[FixtureServer]:
    """Serve the page for the whole session."""
    async with FixtureServer().serving() as server:
        yield server


@pytest.fixture
def server(running_server: FixtureServer) -> FixtureServer:
    """Give the test a fixture server that knows nothing of the tests before."""
    running_server.reset()
    return running_server


@pytest_asyncio.fixture(loop_scope=LOOP)
async def open_page(browser: Browser) -> AsyncIterator[Opener]:
    """Open pages of an address; what any of them logs as an error, or requests from elsewhere, fails the test."""
    faults: list[str] = []

    async with AsyncExitStack() as stack:

        async def open_(url: str, *, width: int = 1280, height: int = 800, **options: Any) -> Page:
            context = await browser.new_context(viewport={"width": width, "height": height}, **options)
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.set_default_timeout(PATIENCE)

            def note(message: ConsoleMessage) -> None:
                if message.type in {"error", "warning"}:
                    faults.append(message.text)

            origin = url.split("/", 3)[:3]
            page.on("console", note)
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on(
                "request",
                lambda request: (
                    None
                    if request.url.startswith("data:") or request.url.split("/", 3)[:3] == origin
                    else faults.append(f"fetched {request.url}")
                ),
            )
            await page.goto(url)
            return page

        yield open_
    assert faults == []
