import re
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser import gallery
from tests.browser.conftest import LOOP, Opener
from tests.browser.fixture_server import FixtureServer, Json, channel, message, ts
from tests.browser.gallery_forms import modal

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope=LOOP)]


async def refuse(_body: Json) -> Json:
    """Answer like a server that won't."""
    return {"ok": False, "error": 'failed with the error "dispatch_failed" & <more>'}


async def test_messages_show_who_when_and_to_whom(server: FixtureServer, open_page: Opener) -> None:
    """A message has its author, the app a badge; private ones say so, edited ones too, deleted ones are gone."""
    server.say(
        message("from Sam", ago=4000, user="U2"),
        message("from the app", ago=3000),
        message("just for you", ago=2000, ephemeral=True),
        message("changed", ago=1000, edited=ts(500)),
        message("gone", ago=900, deleted=True),
    )
    page = await open_page(f"{server.url}/?user=U1")
    articles = page.locator("#messages article")
    await expect(articles).to_have_count(4)
    await expect(articles.nth(0).locator(".author")).to_have_text("Sam")
    await expect(articles.nth(0).locator(".badge")).to_have_count(0)
    await expect(articles.nth(1).locator(".badge")).to_have_text("APP")
    await expect(articles.nth(1).locator("time.stamp")).to_have_text(re.compile(r"^\d{1,2}:\d\d [AP]M$"))
    await expect(articles.nth(2)).to_contain_text("Only visible to you")
    await expect(articles.nth(3)).to_contain_text("(edited)")


async def test_messages_in_a_row_stand_under_one_name(server: FixtureServer, open_page: Opener) -> None:
    """A second message within five minutes has no head of its own; a private one and a later one have."""
    server.say(
        message("one", ago=1000, user="U2"),
        message("two", ago=990, user="U2"),
        message("private", ago=980, ephemeral=True),
        message("private too", ago=970, ephemeral=True),
        message("later", ago=10, user="U2"),
    )
    page = await open_page(server.url)
    await expect(page.get_by_text("later")).to_be_visible()
    assert await page.locator("#messages .author").all_inner_texts() == ["Sam", "ACR Janitor", "ACR Janitor", "Sam"]


async def test_a_thread_opens_beside_with_its_files(server: FixtureServer, open_page: Opener) -> None:
    """The count opens the replies, with the first rows of a CSV, more on demand, and the whole as a download."""
    server.files["F1"] = (gallery.CSV, "text/csv")
    server.say(*gallery.proposal())
    page = await open_page(server.url)
    await page.get_by_role("button", name="2 replies").click()
    thread = page.get_by_role("complementary", name="Thread")
    await expect(thread.get_by_text("Looks right to me")).to_be_visible()
    await expect(page.locator("#messages").get_by_text("Looks right to me")).to_have_count(0)
    rows = thread.get_by_role("region", name="First rows of plan-team-shop.csv").locator("tbody tr")
    await expect(rows).to_have_count(5)
    await expect(rows.first.locator("td").nth(1)).to_have_text('a, "b"')
    await thread.get_by_role("button", name="Show more").click()
    await expect(rows).to_have_count(37)
    async with page.expect_download() as download:
        await thread.get_by_role("link", name="Download plan-team-shop.csv").click()
    assert (await download.value).suggested_filename == "plan-team-shop.csv"
    assert "thread=" in page.url
    await page.keyboard.press("Escape")
    await expect(thread).to_be_hidden()
    await expect(page.get_by_role("button", name="2 replies")).to_be_focused()


async def test_a_reply_goes_into_its_thread(server: FixtureServer, open_page: Opener) -> None:
    """The thread's own field answers there, and a slash command in it is refused as Slack refuses it."""
    server.files["F1"] = (gallery.CSV, "text/csv")
    server.say(*gallery.proposal())
    page = await open_page(server.url)
    await page.get_by_role("button", name="2 replies").click()
    field = page.get_by_role("textbox", name="Reply…")
    await field.fill("fine with me")
    await field.press("Enter")
    await expect(field).to_have_value("")
    root = server.state["messages"]["C1"][0]["ts"]
    assert server.sent("message") == [{"user": "U1", "channel": "C1", "text": "fine with me", "thread_ts": root}]
    await field.fill("/acr help")
    await field.press("Enter")
    await expect(page.locator("#thread").get_by_text("/acr is not supported in threads. Sorry!")).to_be_visible()
    assert server.sent("slash") == []


async def test_commands_are_suggested_and_completed(server: FixtureServer, open_page: Opener) -> None:
    """A slash lists the commands; arrows and Tab choose one, its usage stays in sight, and Enter sends it."""
    page = await open_page(server.url)
    field = page.get_by_role("combobox", name="Message #registry")
    await field.press("/")
    options = page.get_by_role("option")
    await expect(options).to_have_count(2)
    await expect(options.first).to_contain_text("[untagged|stale|help] REPOSITORY")
    await field.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await field.press("ArrowUp")
    await field.press("Tab")
    await expect(field).to_have_value("/acr ")
    await expect(field).to_be_focused()
    await expect(options).to_have_count(0)
    await expect(page.locator(".command-hint")).to_contain_text("REPOSITORY")
    await field.type("untagged team/shop")
    await field.press("Enter")
    await expect(field).to_have_value("")
    assert server.sent("slash") == [{"user": "U1", "channel": "C1", "text": "/acr untagged team/shop"}]
    assert server.sent("message") == []


async def test_arrow_up_brings_back_what_was_sent(server: FixtureServer, open_page: Opener) -> None:
    """Arrow up goes back through what this person sent, arrow down returns to what was being typed."""
    page = await open_page(server.url)
    field = page.get_by_role("combobox", name="Message #registry")
    for text in ("/acr help", "hello"):
        await field.fill(text)
        await field.press("Enter")
        await expect(field).to_have_value("")
    await field.fill("half a th")
    for key, text in [
        ("ArrowUp", "hello"),
        ("ArrowUp", "/acr help"),
        ("ArrowUp", "/acr help"),
        ("ArrowDown", "hello"),
        ("ArrowDown", "half a th"),
    ]:
        await field.press(key)
        await expect(field).to_have_value(text)


async def test_what_goes_wrong_is_a_line_of_slackbot(server: FixtureServer, open_page: Opener) -> None:
    """A refused command is answered privately by Slackbot, literally, and what was typed is back in the field."""
    server.answers["slash"] = refuse
    page = await open_page(server.url)
    field = page.get_by_role("combobox", name="Message #registry")
    await field.fill("/nope")
    await field.press("Enter")
    line = page.locator("#messages article").filter(has_text="Slackbot")
    await expect(line).to_contain_text('failed with the error "dispatch_failed" & <more>')
    await expect(line).to_contain_text("Only visible to you")
    await expect(field).to_have_value("/nope")
    await page.get_by_role("radio", name="Sam").click()
    await expect(page.get_by_role("radio", name="Sam")).to_be_checked()
    await expect(line).to_have_count(0)


async def test_the_person_is_switched_and_kept_in_the_address(server: FixtureServer, open_page: Opener) -> None:
    """The switch says who is who, acts for the chosen one, and survives a reload and the back button."""
    page = await open_page(f"{server.url}/?user=U2&channel=C2")
    people = page.get_by_role("radiogroup", name="You are:")
    await expect(people.locator(".who-name")).to_have_text(["Riley (developer)", "Sam (approver)", "Olu (outsider)"])
    await expect(people.get_by_role("radio", name="Sam")).to_be_checked()
    await people.get_by_role("radio", name="Olu").click()
    await expect(people.get_by_role("radio", name="Olu")).to_be_checked()
    assert "user=U3" in page.url
    assert "channel=C2" in page.url
    field = page.get_by_role("combobox", name="Message #general")
    await field.fill("hi")
    await field.press("Enter")
    await expect(field).to_have_value("")
    assert server.sent("message")[0]["user"] == "U3"
    await page.reload()
    await expect(people.get_by_role("radio", name="Olu")).to_be_checked()
    await page.go_back()
    await expect(people.get_by_role("radio", name="Sam")).to_be_checked()
    await people.get_by_role("radio", name="Sam").press("ArrowLeft")
    await expect(people.get_by_role("radio", name="Riley")).to_be_checked()
    await expect(people.get_by_role("radio", name="Riley")).to_be_focused()


async def test_a_link_for_somebody_unknown_falls_back(server: FixtureServer, open_page: Opener) -> None:
    """An address that names nobody, or a channel that isn't there, opens as the first person in the first channel."""
    server.state["people"] = server.state["people"][1:]
    page = await open_page(f"{server.url}/?user=U2&channel=C404")
    await expect(page.get_by_role("heading", name="registry").first).to_be_visible()
    assert "channel=C1" in page.url


async def test_a_draft_belongs_to_its_person_and_channel(server: FixtureServer, open_page: Opener) -> None:
    """What is typed stays where it was typed, and comes back on return."""
    page = await open_page(server.url)
    field = page.locator("#foot").get_by_role("combobox")
    await field.fill("for the registry")
    await page.get_by_role("button", name="general").click()
    await expect(page.get_by_role("heading", name="general").first).to_be_visible()
    await expect(field).to_have_value("")
    await page.get_by_role("radio", name="Sam").click()
    await page.get_by_role("button", name="registry").click()
    await expect(field).to_have_value("")
    await page.get_by_role("radio", name="Riley").click()
    await expect(field).to_have_value("for the registry")


async def test_a_live_update_leaves_the_person_alone(server: FixtureServer, open_page: Opener) -> None:
    """New messages arrive without a reload, and typed text, its cursor, the focus and the scroll position stay."""
    server.say(*[message(f"line {number}", ago=5000 - number, user="U2") for number in range(60)])
    page = await open_page(server.url)
    field = page.get_by_role("combobox", name="Message #registry")
    await field.fill("half typed")
    await field.evaluate("(node) => node.setSelectionRange(2, 4)")
    scroller = page.locator("#scroller")
    await scroller.evaluate("(node) => { node.scrollTop = 300; }")
    await expect(page.get_by_role("button", name="New messages")).to_be_hidden()
    server.say(message("fresh", ago=1))
    await server.change()
    await expect(page.get_by_role("button", name="New messages")).to_be_visible()
    assert await scroller.evaluate("(node) => node.scrollTop") == 300
    await expect(field).to_be_focused()
    await expect(field).to_have_value("half typed")
    assert await field.evaluate("(node) => [node.selectionStart, node.selectionEnd]") == [2, 4]
    await page.get_by_role("button", name="New messages").click()
    await expect(page.get_by_text("fresh")).to_be_in_viewport()
    server.say(message("fresher", ago=0))
    await server.change()
    await expect(page.get_by_text("fresher")).to_be_in_viewport()


async def test_an_update_touches_only_what_changed(server: FixtureServer, open_page: Opener) -> None:
    """A changed message keeps its place and its unchanged blocks; the focus stays on a button that was redrawn."""
    server.say(*gallery.proposal(), message("other", ago=200))
    page = await open_page(server.url)
    approve = page.get_by_role("button", name="Approve")
    await approve.focus()
    await page.locator("[data-block-id=t]").evaluate("(node) => { node.mark = 'same'; }")
    card = server.state["messages"]["C1"][1]
    blocks: list[dict[str, Any]] = [dict(one) for one in card["blocks"]]
    blocks[1]["text"] = {"type": "mrkdwn", "text": "*Asked again*"}
    blocks[4]["block_id"] = "decide-2"
    card["blocks"] = blocks
    await server.change()
    await expect(page.get_by_text("Asked again")).to_be_visible()
    assert await page.locator("[data-block-id=t]").evaluate("(node) => node.mark") == "same"
    await expect(page.locator("[data-block-id=decide-2]").get_by_role("button", name="Approve")).to_be_focused()


async def test_unread_channels_stand_out(server: FixtureServer, open_page: Opener) -> None:
    """A channel with something new is marked until this person has looked."""
    page = await open_page(server.url)
    await expect(page.get_by_role("button", name="general")).not_to_have_class(re.compile("place-unread"))
    server.say(message("psst", user="U2", ago=1), channel="C2")
    await server.change()
    await expect(page.get_by_role("button", name="general unread")).to_be_visible()
    await page.get_by_role("button", name="general unread").click()
    await page.get_by_role("button", name="registry").click()
    await expect(page.get_by_role("button", name="general", exact=True)).to_be_visible()


async def test_nothing_can_be_sent_to_an_archived_channel(server: FixtureServer, open_page: Opener) -> None:
    """An archived channel says so instead of offering a field, and stands after the others."""
    server.state["channels"].insert(0, channel("C0", "attic", "") | {"archived": True})
    server.state["messages"]["C0"] = []
    page = await open_page(f"{server.url}/?channel=C0")
    await expect(page.get_by_text("This channel is archived")).to_be_visible()
    await expect(page.locator("#foot").get_by_role("combobox")).to_have_count(0)
    names = await page.locator("#channels .place-name").all_inner_texts()
    assert names == ["general", "registry", "attic", "old-images"]


async def test_the_apps_place_has_its_tabs(server: FixtureServer, open_page: Opener) -> None:
    """The app's Home is asked for when it is opened and drawn when it comes; its messages are the tab beside it."""
    server.say(message("Your request was approved."), channel="D1")
    page = await open_page(server.url)
    await page.get_by_role("button", name="ACR Janitor Home").click()
    await expect(page.get_by_text("has not published a Home tab yet")).to_be_visible()
    await expect(page.get_by_role("tab", name="Home")).to_have_attribute("aria-selected", "true")
    assert server.sent("home") == [{"user": "U1"}]
    server.state["home"] = modal(id="VH", type="home", submit=None, blocks=gallery.CARD)
    await server.change()
    await expect(page.get_by_role("heading", name="Delete 37 untagged manifests")).to_be_visible()
    server.answers["click"] = refuse
    await page.get_by_role("button", name="Reject").click()
    await expect(page.get_by_role("alert").filter(has_text="dispatch_failed")).to_be_visible()
    assert server.sent("click")[0]["view_id"] == "VH"
    await page.get_by_role("tab", name="Messages").click()
    await expect(page.get_by_text("Your request was approved.")).to_be_visible()


async def test_a_mention_of_a_channel_leads_there(server: FixtureServer, open_page: Opener) -> None:
    """Clicking a channel's name in a message opens it; one that isn't there leads nowhere."""
    server.say(message("see <#C2> and <#C404|gone>"))
    page = await open_page(server.url)
    await page.get_by_text("#gone").click()
    await expect(page.get_by_role("heading", name="registry").first).to_be_visible()
    await page.get_by_text("#general").click()
    await expect(page.get_by_role("heading", name="general").first).to_be_visible()


async def test_a_permalink_leads_to_its_message(server: FixtureServer, open_page: Opener) -> None:
    """A link to a message that is here opens it in the page, a reply in its thread; others are left to the browser."""
    server.files["F1"] = (gallery.CSV, "text/csv")
    server.say(*gallery.proposal(), *[message(f"line {number}", ago=50 - number, user="U2") for number in range(40)])
    root, _, reply = (one for one in server.state["messages"]["C1"] if "line" not in one["text"])
    root_id, reply_id = root["ts"].replace(".", ""), reply["ts"].replace(".", "")
    archives = "https://example.slack.com/archives"
    server.say(
        message(f"<{archives}/C1/p{root_id}|card> <{archives}/C1/p{reply_id}?thread_ts={root['ts']}|reply>"),
        message(f"<{archives}/C9/p1|elsewhere>"),
        channel="C2",
    )
    page = await open_page(f"{server.url}/?channel=C2")
    await expect(page.get_by_role("link", name="elsewhere")).to_have_attribute("target", "_blank")
    await page.get_by_role("link", name="card").click()
    await expect(page.get_by_role("heading", name="Delete 37 untagged manifests")).to_be_in_viewport()
    await page.get_by_role("button", name="general").click()
    await page.get_by_role("link", name="reply").click()
    thread = page.get_by_role("complementary", name="Thread")
    await expect(thread.get_by_text("Looks right to me")).to_be_in_viewport()


async def test_whoever_just_types_writes_into_the_channel(server: FixtureServer, open_page: Opener) -> None:
    """Typing with the focus nowhere, or on a button, goes into the composer, as in Slack; shortcuts do not."""
    server.say(*gallery.proposal()[:1])
    page = await open_page(server.url)
    await page.get_by_role("button", name="Reject").focus()
    await page.keyboard.press("Control+c")
    await expect(page.get_by_role("button", name="Reject")).to_be_focused()
    await page.keyboard.type("/acr help")
    await expect(page.get_by_role("combobox", name="Message #registry")).to_have_value("/acr help")


async def test_a_phone_has_the_channels_in_a_drawer(server: FixtureServer, open_page: Opener) -> None:
    """On a narrow window the menu button brings the channels; choosing one, or clicking beside them, puts them away."""
    page = await open_page(server.url, width=390, height=844)
    general = page.get_by_role("button", name="general")
    await expect(general).to_be_hidden()
    await page.get_by_role("button", name="Conversations").click()
    await general.click()
    await expect(page.get_by_role("heading", name="general").first).to_be_visible()
    await expect(general).to_be_hidden()
    await page.get_by_role("button", name="Conversations").click()
    await expect(general).to_be_visible()
    await page.mouse.click(370, 400)
    await expect(general).to_be_hidden()
