import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import LOOP, Opener
from tests.browser.fixture_server import FixtureServer, Json
from tests.browser.gallery_forms import OPTIONS, modal
from tests.browser.kit import block, button, plain, section

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope=LOOP)]


def field(block_id: str, label: str, kind: str = "plain_text_input", **more: object) -> Json:
    """Make an input block; fields of the element and of the block are told apart by name."""
    optional = bool(more.pop("optional", False))
    element = {"type": kind, "action_id": "it", **more}
    return block("input", block_id, label=plain(label), element=element, optional=optional)


async def show(server: FixtureServer, open_page: Opener, *blocks: Json) -> Page:
    """Open a page and then, live, a modal with these blocks."""
    page = await open_page(server.url)
    await page.locator("#foot input").wait_for()
    server.state["views"] = [modal(blocks=list(blocks))]
    await server.change()
    await page.get_by_role("dialog", name="Clean up").wait_for()
    return page


async def test_a_modal_opens_live_and_holds_the_focus(server: FixtureServer, open_page: Opener) -> None:
    """The modal comes with its first field focused, Tab stays inside it, and Escape asks the server to close it."""

    async def close(_body: Json) -> Json:
        server.state["views"] = []
        return {"ok": True}

    server.answers["close"] = close
    page = await show(server, open_page, field("a", "Repository"), field("b", "Reason"))
    dialog = page.get_by_role("dialog", name="Clean up")
    await expect(dialog.get_by_label("Repository")).to_be_focused()
    for _ in range(12):
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.closest('dialog') !== null")
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    assert server.sent("close") == [{"user": "U1", "view_id": "V1"}]


async def test_a_modal_that_the_server_keeps_open_stays(server: FixtureServer, open_page: Opener) -> None:
    """Where closing is refused the modal stays, however often Escape is pressed, and says why."""

    async def refuse(_body: Json) -> Json:
        return {"ok": False, "error": "Not now."}

    server.answers["close"] = refuse
    page = await show(server, open_page, field("a", "Repository"))
    for _ in range(3):
        await page.keyboard.press("Escape")
    await expect(page.get_by_role("alert").filter(has_text="Not now.")).to_be_visible()
    await expect(page.get_by_role("dialog", name="Clean up")).to_be_visible()


async def test_a_modal_is_submitted_with_what_was_entered(server: FixtureServer, open_page: Opener) -> None:
    """Only what the person touched is sent, in Slack's shapes; while it is sent the button is busy."""
    gate = asyncio.Event()

    async def submit(_body: Json) -> Json:
        await gate.wait()
        server.state["views"] = []
        return {"ok": True}

    server.answers["submit"] = submit
    page = await show(
        server,
        open_page,
        field("a", "Repository", initial_value="team/app"),
        field("b", "Keep", "number_input"),
        field("c", "Place", "static_select", options=OPTIONS, initial_option=OPTIONS[2]),
        field("d", "Notes", "rich_text_input", optional=True),
    )
    dialog = page.get_by_role("dialog", name="Clean up")
    await expect(dialog.get_by_label("Repository")).to_have_value("team/app")
    await dialog.get_by_label("Keep").fill("5")
    await dialog.get_by_label("Notes").fill("one")
    await dialog.get_by_label("Keep").press("Enter")
    propose = dialog.get_by_role("button", name="Propose")
    await expect(propose).to_have_attribute("aria-busy", "true")
    await propose.click()
    gate.set()
    await expect(dialog).to_have_count(0)
    rich = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}],
    }
    assert server.sent("submit") == [
        {
            "user": "U1",
            "view_id": "V1",
            "values": {
                "b": {"it": {"type": "number_input", "value": "5"}},
                "d": {"it": {"type": "rich_text_input", "rich_text_value": rich}},
            },
        }
    ]


@pytest.mark.parametrize(
    ("kind", "typed", "complaint"),
    [
        ("plain_text_input", "", "Please complete this required field."),
        ("email_text_input", "nobody", "Enter a valid email address."),
        ("url_text_input", "example", "Enter a valid URL."),
        ("number_input", "many", "Enter a number."),
        ("number_input", "1", "Enter 3 or more."),
        ("number_input", "10", "Enter 9 or less."),
    ],
)
async def test_slack_complains_before_it_asks_the_app(
    server: FixtureServer, open_page: Opener, kind: str, typed: str, complaint: str
) -> None:
    """What the form can refuse by itself is refused at the field, and nothing is sent."""
    limits = {"min_value": "3", "max_value": "9"} if kind == "number_input" else {}
    page = await show(
        server, open_page, field("a", "Repository", initial_value="x"), field("b", "Value", kind, **limits)
    )
    await page.get_by_label("Value").fill(typed)
    await page.get_by_role("button", name="Propose").click()
    await expect(page.get_by_role("alert").filter(has_text=complaint)).to_be_visible()
    await expect(page.get_by_label("Value")).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_label("Value")).to_be_focused()
    assert server.sent("submit") == []


async def test_the_apps_errors_stand_at_their_fields(server: FixtureServer, open_page: Opener) -> None:
    """An error that the app answers is shown at its field and told to screen readers; what was typed stays."""

    async def complain(_body: Json) -> Json:
        server.state["views"][0] = server.state["views"][0] | {"errors": {"b": "There is no <team/shpo>."}}
        return {"ok": True}

    server.answers["submit"] = complain
    page = await show(server, open_page, field("a", "Reason"), field("b", "Repository"))
    await page.get_by_label("Reason").fill("too big")
    await page.get_by_label("Repository").fill("team/shpo")
    await page.get_by_role("button", name="Propose").click()
    repository = page.get_by_label("Repository")
    await expect(page.get_by_role("alert")).to_have_text("There is no <team/shpo>.")
    await expect(repository).to_have_value("team/shpo")
    await expect(repository).to_be_focused()
    await expect(repository).to_have_accessible_description("There is no <team/shpo>.")
    await expect(page.get_by_label("Reason")).to_have_value("too big")
    await expect(page.get_by_role("button", name="Propose")).not_to_have_attribute("aria-busy", "true")


async def test_a_submission_that_failed_is_told_in_the_modal(server: FixtureServer, open_page: Opener) -> None:
    """Where the app does not answer, the modal says so and can be submitted again."""

    async def trouble(_body: Json) -> Json:
        return {"ok": False, "error": "We had some trouble connecting. Try again?"}

    server.answers["submit"] = trouble
    page = await show(server, open_page, section("s", "Sure?"))
    for _ in range(2):
        await page.get_by_role("button", name="Propose").click()
        await expect(page.get_by_role("alert")).to_have_text("We had some trouble connecting. Try again?")
    assert len(server.sent("submit")) == 2


async def test_an_updated_modal_keeps_what_was_typed(server: FixtureServer, open_page: Opener) -> None:
    """When the app redraws the modal, fields that stay keep their text and the focus, new ones are empty."""
    page = await show(server, open_page, field("a", "Repository"))
    await page.get_by_label("Repository").fill("team/sh")
    server.state["views"] = [
        modal(title=plain("Clean up more"), blocks=[field("a", "Repository or glob"), field("b", "Reason")])
    ]
    await server.change()
    await expect(page.get_by_role("dialog", name="Clean up more")).to_be_visible()
    await expect(page.get_by_label("Repository or glob")).to_have_value("team/sh")
    await expect(page.get_by_label("Repository or glob")).to_be_focused()
    await expect(page.get_by_label("Reason")).to_have_value("")


async def test_a_pushed_modal_covers_and_uncovers(server: FixtureServer, open_page: Opener) -> None:
    """The top of the stack shows alone; when it goes, the one below is as it was left."""
    page = await show(server, open_page, field("a", "Repository"))
    await page.get_by_label("Repository").fill("team/shop")
    first = server.state["views"][0]
    server.state["views"] = [first, modal(id="V2", title=plain("Really?"), blocks=[section("s", "Really?")])]
    await server.change()
    await expect(page.get_by_role("dialog", name="Really?")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_have_count(1)
    server.state["views"] = [first]
    await server.change()
    await expect(page.get_by_label("Repository")).to_have_value("team/shop")


async def test_a_modal_without_submit_only_closes(server: FixtureServer, open_page: Opener) -> None:
    """A modal that says only something has one button, and its elements act on the modal's id."""
    page = await show(server, open_page, field("a", "Repository"))
    act = block("actions", "row", elements=[button("Refresh", "refresh")])
    server.state["views"] = [modal(id="V3", submit=None, close=None, blocks=[section("s", "Loading…"), act])]
    await server.change()
    foot = page.locator(".dialog-foot button")
    await expect(foot).to_have_text(["Close"])
    await page.get_by_role("button", name="Refresh").click()
    await expect(page.get_by_role("button", name="Refresh")).not_to_have_attribute("aria-busy", "true")
    assert server.sent("click")[0]["view_id"] == "V3"


async def test_escape_leaves_a_list_before_the_modal(server: FixtureServer, open_page: Opener) -> None:
    """Escape in an open list of options closes the list; the modal stays until it is pressed again."""
    page = await show(server, open_page, field("a", "Places", "multi_static_select", options=OPTIONS))
    await page.get_by_role("combobox", name="Places").press("ArrowDown")
    await expect(page.get_by_role("option")).to_have_count(3)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("option")).to_have_count(0)
    await expect(page.get_by_role("dialog", name="Clean up")).to_be_visible()
    assert server.sent("close") == []
    await page.keyboard.press("Escape")
    await server.arrived("close", 1)
