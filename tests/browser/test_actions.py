import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser import gallery
from tests.browser.conftest import LOOP, Opener
from tests.browser.fixture_server import FixtureServer, Json, message
from tests.browser.kit import block, button, option, plain, section

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope=LOOP)]

CITIES = [option("Amsterdam", "ams"), option("Berlin", "ber", "the other one"), option("Copenhagen", "cph")]


async def show(server: FixtureServer, open_page: Opener, *elements: Json) -> Page:
    """Open a channel with one message that has these elements in a row."""
    server.say(message("", blocks=[block("actions", "row", elements=list(elements))]))
    page = await open_page(server.url)
    await page.locator("[data-block-id=row]").wait_for()
    return page


def acted(server: FixtureServer) -> list[Json]:
    """List what the page sent for clicks and choices, without where it came from."""
    where = {"user", "channel", "ts", "block_id", "state"}
    return [{key: value for key, value in body.items() if key not in where} for body in server.sent("click")]


async def test_a_click_says_who_where_and_what(server: FixtureServer, open_page: Opener) -> None:
    """A click carries the person, the message, the block, the action and the button's value."""
    page = await show(server, open_page, button("Propose", "propose", value="plan-7"))
    await page.get_by_role("button", name="Propose").click()
    await server.arrived("click", 1)
    assert server.sent("click") == [
        {
            "user": "U1",
            "channel": "C1",
            "ts": server.state["messages"]["C1"][0]["ts"],
            "block_id": "row",
            "action_id": "propose",
            "value": "plan-7",
            "state": {"values": {}},
        }
    ]


async def test_a_button_is_busy_until_it_is_answered(server: FixtureServer, open_page: Opener) -> None:
    """While a click is under way the button says so and takes no second one."""
    gate = asyncio.Event()

    async def wait(_body: Json) -> Json:
        await gate.wait()
        return {"ok": True}

    server.answers["click"] = wait
    page = await show(server, open_page, button("Propose", "propose"))
    propose = page.get_by_role("button", name="Propose")
    await propose.dblclick()
    await expect(propose).to_have_attribute("aria-busy", "true")
    gate.set()
    await expect(propose).not_to_have_attribute("aria-busy", "true")
    assert len(server.sent("click")) == 1


async def test_a_failed_click_is_told_by_slackbot(server: FixtureServer, open_page: Opener) -> None:
    """What the server says of a click that failed stands in the channel, for this person only."""

    async def fail(_body: Json) -> Json:
        return {"ok": False, "error": "This app didn't answer."}

    server.answers["click"] = fail
    page = await show(server, open_page, button("Propose", "propose"))
    await page.get_by_role("button", name="Propose").click()
    line = page.locator("#messages article").filter(has_text="Slackbot")
    await expect(line).to_contain_text("This app didn't answer.")


async def test_a_confirm_dialog_comes_before_the_click(server: FixtureServer, open_page: Opener) -> None:
    """Deny, the cross and Escape send nothing and give the focus back; only the confirm button sends the click."""
    page = await show(server, open_page, button("Approve", "approve", confirm=gallery.CONFIRM))
    approve = page.get_by_role("button", name="Approve")
    dialog = page.get_by_role("alertdialog", name="Delete 37 manifests?")
    for leave in ("Keep them", "Close", None):
        await approve.click()
        await expect(dialog.locator("strong")).to_have_text("Deleted data is gone for good")
        if leave:
            await dialog.get_by_role("button", name=leave).click()
        else:
            await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await expect(approve).to_be_focused()
    assert server.sent("click") == []
    await approve.press("Enter")
    confirm = dialog.get_by_role("button", name="Delete 37")
    await expect(confirm).to_have_class("button button-danger button-solid")
    await expect(confirm).to_be_focused()
    for name in ("Close", "Keep them", "Delete 37"):
        await page.keyboard.press("Tab")
        await expect(dialog.get_by_role("button", name=name)).to_be_focused()
    await page.keyboard.press("Enter")
    await server.arrived("click", 1)
    assert acted(server) == [{"action_id": "approve", "value": "approve"}]


async def test_a_link_button_opens_its_address_and_tells_the_app(server: FixtureServer, open_page: Opener) -> None:
    """A button with an address is a link to it, and the click is sent as well; a script is no address."""
    page = await show(
        server,
        open_page,
        button("Docs", "docs", url="mailto:nobody@example.com"),
        button("Trick", "trick", url="javascript:alert(1)"),
    )
    docs = page.get_by_role("link", name="Docs")
    await expect(docs).to_have_attribute("href", "mailto:nobody@example.com")
    await expect(docs).to_have_attribute("rel", "noopener noreferrer")
    await expect(page.get_by_role("button", name="Trick")).not_to_have_attribute("href", "javascript:alert(1)")
    await docs.evaluate("(node) => { node.removeAttribute('href'); }")
    await docs.or_(page.get_by_text("Docs")).first.click()
    await server.arrived("click", 1)
    assert acted(server) == [{"action_id": "docs", "value": "docs"}]


async def test_an_overflow_menu_works_by_keys(server: FixtureServer, open_page: Opener) -> None:
    """The menu opens, is walked by arrows, left by Escape, and an item sends itself."""
    menu: Json = {"type": "overflow", "action_id": "more", "options": CITIES}
    page = await show(server, open_page, menu)
    opener = page.get_by_role("button", name="More actions")
    await opener.press("Enter")
    items = page.get_by_role("menuitem")
    await expect(items.nth(0)).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(items.nth(0)).to_be_hidden()
    await expect(opener).to_be_focused()
    await opener.click()
    await page.keyboard.press("ArrowUp")
    await expect(items.nth(2)).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await server.arrived("click", 1)
    assert acted(server) == [{"action_id": "more", "selected_option": CITIES[1]}]
    await opener.click()
    await page.mouse.click(700, 300)
    await expect(items.nth(0)).to_be_hidden()


CHOICES: dict[str, tuple[Json, Json]] = {
    "static_select": ({"options": CITIES}, {"selected_option": CITIES[1]}),
    "static_select in groups": (
        {"option_groups": [{"label": plain("North"), "options": CITIES}]},
        {"selected_option": CITIES[1]},
    ),
    "users_select": ({}, {"selected_user": "U2"}),
    "channels_select": ({}, {"selected_channel": "C2"}),
    "conversations_select": ({}, {"selected_conversation": "U2"}),
}
PICKS = {
    "static_select": "Berlin",
    "static_select in groups": "Berlin",
    "users_select": "Sam",
    "channels_select": "# general",
    "conversations_select": "Sam",
}


@pytest.mark.parametrize("kind", CHOICES)
async def test_a_choice_is_sent_in_slacks_shape(server: FixtureServer, open_page: Opener, kind: str) -> None:
    """Each kind of select sends what was picked under the name that Slack has for it."""
    fields, expected = CHOICES[kind]
    page = await show(server, open_page, {"type": kind.split(maxsplit=1)[0], "action_id": "pick", **fields})
    await page.get_by_role("combobox", name="Choose").select_option(PICKS[kind])
    await server.arrived("click", 1)
    assert acted(server) == [{"action_id": "pick", **expected}]
    assert server.sent("click")[0]["state"]["values"]["row"]["pick"] == {"type": kind.split(maxsplit=1)[0], **expected}


async def test_dates_and_times_are_sent_in_slacks_shape(server: FixtureServer, open_page: Opener) -> None:
    """A date goes as text, a time as text, both together as Unix seconds in the reader's zone."""
    kinds: list[tuple[str, str, str, Any]] = [
        ("datepicker", "2026-11-30", "selected_date", "2026-11-30"),
        ("timepicker", "09:30", "selected_time", "09:30"),
        ("datetimepicker", "2026-11-18T11:06", "selected_date_time", 1794999960),
    ]
    elements = [{"type": kind, "action_id": kind, "placeholder": plain(kind)} for kind, *_ in kinds]
    server.say(message("", blocks=[block("actions", "row", elements=elements)]))
    page = await open_page(server.url, timezone_id="UTC")
    for count, (kind, typed, _, _) in enumerate(kinds, start=1):
        await page.get_by_label(kind, exact=True).fill(typed)
        await page.get_by_label(kind, exact=True).blur()
        await server.arrived("click", count)
    assert acted(server) == [{"action_id": kind, key: value} for kind, _, key, value in kinds]


async def test_checkboxes_and_radio_buttons_send_options(server: FixtureServer, open_page: Opener) -> None:
    """Checkboxes send all that are ticked, those preset included; radio buttons send the one."""
    page = await show(
        server,
        open_page,
        {"type": "checkboxes", "action_id": "boxes", "options": CITIES, "initial_options": [CITIES[2]]},
        {"type": "radio_buttons", "action_id": "radio", "options": CITIES},
    )
    await page.get_by_role("checkbox", name="Amsterdam").check()
    await server.arrived("click", 1)
    await page.get_by_role("radio", name="Berlin").check()
    await server.arrived("click", 2)
    assert acted(server) == [
        {"action_id": "boxes", "selected_options": [CITIES[0], CITIES[2]]},
        {"action_id": "radio", "selected_option": CITIES[1]},
    ]


async def test_a_choice_that_is_not_confirmed_is_taken_back(server: FixtureServer, open_page: Opener) -> None:
    """Where a confirm dialog is answered with no, the old choice stands again and nothing was sent."""
    page = await show(
        server,
        open_page,
        {
            "type": "static_select",
            "action_id": "pick",
            "options": CITIES,
            "initial_option": CITIES[0],
            "confirm": gallery.CONFIRM,
        },
    )
    select = page.locator("[data-block-id=row] select")
    await select.select_option("Berlin")
    await page.get_by_role("button", name="Keep them").click()
    await expect(select.locator("option:checked")).to_have_text("Amsterdam")
    assert server.sent("click") == []


async def test_several_are_chosen_by_typing(server: FixtureServer, open_page: Opener) -> None:
    """A select of several filters as one types, takes with Enter, and gives back with Backspace and the cross."""
    page = await show(server, open_page, {"type": "multi_static_select", "action_id": "pick", "options": CITIES})
    field = page.locator("[data-block-id=row]").get_by_role("combobox")
    await field.fill("ber")
    await expect(page.get_by_role("option")).to_have_count(1)
    await field.press("Enter")
    await server.arrived("click", 1)
    await field.press("ArrowDown")
    await expect(page.get_by_role("option", name="Berlin")).to_have_attribute("aria-selected", "true")
    await page.get_by_role("option", name="Copenhagen").click()
    await server.arrived("click", 2)
    await page.get_by_role("button", name="Remove Berlin").click()
    await server.arrived("click", 3)
    await field.press("Backspace")
    await server.arrived("click", 4)
    picked = [[one["value"] for one in body["selected_options"]] for body in acted(server)]
    assert picked == [["ber"], ["ber", "cph"], ["cph"], []]


async def test_an_external_select_asks_the_app(server: FixtureServer, open_page: Opener) -> None:
    """Options come from the app once enough is typed; a late answer to an old question is not shown."""
    gates = {"sho": asyncio.Event(), "shop": asyncio.Event()}

    async def suggest(body: Json) -> Json:
        await gates[body["value"]].wait()
        return {"ok": True, "options": [option(f"team/{body['value']}", body["value"], HOSTILE_NOTE)]}

    server.answers["suggest"] = suggest
    select = {"type": "external_select", "action_id": "repository", "min_query_length": 3}
    server.say(message("", blocks=[section("row", "Which?", accessory=select)]))
    page = await open_page(server.url)
    field = page.get_by_role("combobox", name="Which?")
    await field.fill("sh")
    await expect(page.get_by_text("Type 3 or more characters")).to_be_visible()
    assert server.sent("suggest") == []
    for count, typed in enumerate(("sho", "shop"), start=1):
        await field.fill(typed)
        await server.arrived("suggest", count)
    gates["shop"].set()
    await expect(page.get_by_role("option", name="team/shop")).to_be_visible()
    gates["sho"].set()
    await expect(page.get_by_role("option", name="team/shop")).to_contain_text(HOSTILE_NOTE)
    await expect(page.get_by_role("option")).to_have_count(1)
    await field.press("Enter")
    await server.arrived("click", 1)
    await expect(field).to_have_value("team/shop")
    assert acted(server)[0]["selected_option"]["value"] == "shop"
    assert server.sent("suggest")[0] | {"ts": ""} == {
        "user": "U1",
        "channel": "C1",
        "ts": "",
        "block_id": "row",
        "action_id": "repository",
        "value": "sho",
    }


HOSTILE_NOTE = "<b onclick=alert(1)>bold</b>"


async def test_what_was_entered_goes_along_with_a_click(server: FixtureServer, open_page: Opener) -> None:
    """A button sends what the person entered in the other elements of its message."""
    field = {"type": "plain_text_input", "action_id": "why"}
    server.say(
        message(
            "",
            blocks=[
                block("input", "reason", label=plain("Reason"), element=field),
                block("actions", "row", elements=[button("Reject", "reject")]),
            ],
        )
    )
    page = await open_page(server.url)
    await page.get_by_role("textbox", name="Reason").fill("still in use")
    await server.change()
    await page.get_by_role("button", name="Reject").click()
    await server.arrived("click", 1)
    values = server.sent("click")[0]["state"]["values"]
    assert values == {"reason": {"why": {"type": "plain_text_input", "value": "still in use"}}}
