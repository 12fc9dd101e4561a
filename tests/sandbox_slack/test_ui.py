import json
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox, text_of
from tests.sandbox_slack.bolt_app import CARD
from tests.sandbox_slack.listener import Listener

Json = dict[str, Any]


class Page:
    """The browser page's side of the conversation."""

    def __init__(self, slack: SlackSandbox, http: aiohttp.ClientSession) -> None:
        self._slack = slack
        self._http = http

    async def state(self, user: str = "U_ALICE") -> Json:
        """Fetch all that is drawn."""
        async with self._http.get(f"{self._slack.url}/_ui/state", params={"user": user}) as answer:
            state: Json = await answer.json()
            return state

    async def post(self, move: str, body: Any, **headers: str) -> tuple[int, Any]:
        """Make a move."""
        async with self._http.post(f"{self._slack.url}/_ui/{move}", json=body, headers=headers) as answer:
            return answer.status, await answer.json() if answer.content_type == "application/json" else None

    async def move(self, move: str, **body: Any) -> Json:
        """Make a move as alice, and return the answer."""
        _, answer = await self.post(move, {"user": "U_ALICE", **body})
        found: Json = answer
        return found


@pytest.fixture
def page(slack: SlackSandbox, http: aiohttp.ClientSession) -> Page:
    """Open the page."""
    return Page(slack, http)


async def test_state_is_what_one_person_sees(slack: SlackSandbox, client: AsyncWebClient, page: Page) -> None:
    """The state has the shape that the page draws, and nothing that is for others."""
    top = await client.chat_postMessage(channel="C_OPS", text="Delete?", blocks=CARD)
    await client.chat_postEphemeral(channel="C_OPS", user="U_BOB", text="psst")
    await client.files_upload_v2(channel="C_OPS", thread_ts=top["ts"], filename="a.csv", content="a,b\n")
    await client.chat_update(channel="C_OPS", ts=top["ts"], text="Deleting")
    state = await page.state()
    assert state["workspace"] == {"name": "Example"}
    assert state["app"] == {"name": "ACR Janitor", "id": "A0JANITOR", "bot_user": "U0JANITOR"}
    assert state["me"] == "U_ALICE"
    assert [person["id"] for person in state["people"]] == ["U_ALICE", "U_BOB", "U_EVE", "U0JANITOR"]
    assert state["groups"][0] == {
        "id": "S_APPROVERS",
        "handle": "approvers",
        "name": "approvers",
        "users": ["U_BOB"],
    }
    dm = slack.human("U_ALICE").dm
    assert [(c["id"], c["is_dm"], c["archived"]) for c in state["channels"]] == [
        ("C_OPS", False, False),
        ("C_ELSEWHERE", False, False),
        ("C_OLD", False, True),
        (dm, True, False),
    ]
    card, reply = state["messages"]["C_OPS"]
    assert (card["text"], card["bot"], card["reply_count"], card["ephemeral"]) == ("Deleting", True, 1, False)
    assert card["edited"]
    assert [block["type"] for block in card["blocks"]] == ["header", "section", "actions"]
    (file,) = reply["files"]
    assert (reply["thread_ts"], file["name"], file["size"], file["mimetype"]) == (card["ts"], "a.csv", 4, "text/csv")
    assert (state["views"], state["home"]) == ([], None)
    assert (await page.state(""))["me"] == "U_ALICE"
    assert (await page.state("U_NOBODY"))["ok"] is False


async def test_a_deleted_message_stays_as_a_trace_of_its_thread(client: AsyncWebClient, page: Page) -> None:
    """A deleted message is gone, except as an empty place above its replies."""
    lone = await client.chat_postMessage(channel="C_OPS", text="alone")
    top = await client.chat_postMessage(channel="C_OPS", text="top")
    await client.chat_postMessage(channel="C_OPS", text="reply", thread_ts=top["ts"])
    for posted in (lone, top):
        await client.chat_delete(channel="C_OPS", ts=posted["ts"])
    first, second = (await page.state())["messages"]["C_OPS"]
    assert (first["deleted"], first["text"], first["reply_count"]) == (True, "", 1)
    assert second["text"] == "reply"


async def test_the_whole_way_by_the_page(slack: SlackSandbox, app: AsyncApp, page: Page) -> None:
    """Typing, clicking, suggesting, submitting and the Home tab work as the page does them, over both transports."""
    assert (await page.move("slash", channel="C_OPS", text="/acr card"))["ok"]
    (card,) = await slack.wait_for(lambda: slack.human("U_ALICE").messages("C_OPS"))
    clicked = await page.move(
        "click",
        channel="C_OPS",
        ts=card.ts,
        block_id="decide",
        action_id="approve",
        value="p-1",
        state={"values": {}},
    )
    assert clicked["ok"]
    await slack.wait_for(lambda: card.text == "Approved")
    await page.move("slash", channel="C_OPS", text="/acr ask")
    (view,) = (await slack.wait_for(lambda: slack.human("U_ALICE").views))[:1]
    place = {"view_id": view.id, "block_id": "repo", "action_id": "repo"}
    options = (await page.move("suggest", **place, value="my"))["options"]
    values = {
        "repo": {"repo": {"type": "external_select", "selected_option": options[0]}},
        "days": {"days": {"type": "number_input", "value": "0"}},
        "note": {"note": {"type": "plain_text_input", "value": None}},
    }
    refused = await page.move("submit", view_id=view.id, values=values)
    assert refused == {"ok": True, "errors": {"days": "At least one day"}}
    assert (await page.state())["views"][0]["errors"] == {"days": "At least one day"}
    values["days"]["days"]["value"] = "2"
    assert (await page.move("submit", view_id=view.id, values=values))["ok"]
    assert (await page.state())["views"] == []
    assert (await page.move("home"))["ok"]
    home = await slack.wait_for(lambda: slack.human("U_ALICE").home)
    assert text_of(home) == "Hello <@U_ALICE>"
    assert (await page.state())["home"]["blocks"] == home.blocks


async def test_the_forms_own_complaints_are_shown(
    slack: SlackSandbox, client: AsyncWebClient, listener: Listener, page: Page
) -> None:
    """What the form refuses by itself shows at its fields, as the app's errors do; closing takes it away."""
    await page.move("slash", channel="C_OPS", text="/acr")
    label = {"type": "plain_text", "text": "Days"}
    element = {"type": "plain_text_input", "action_id": "days"}
    block = {"type": "input", "block_id": "days", "label": label, "element": element}
    view = {"type": "modal", "title": label, "submit": label, "blocks": [block]}
    await client.views_open(trigger_id=slack.last_delivery.payload["trigger_id"], view=view)
    view_id = (await page.state())["views"][0]["id"]
    answer = await page.move("submit", view_id=view_id, values={})
    assert answer["errors"] == {"days": "Please complete this required field."}
    assert (await page.state())["views"][0]["errors"] == answer["errors"]
    assert (await page.move("close", view_id=view_id))["ok"]
    assert (await page.move("close", view_id=view_id))["error"] == "This view is closed."


async def test_the_person_sees_what_went_wrong(slack: SlackSandbox, listener: Listener, page: Page) -> None:
    """Errors come as one would see them in Slack, and impossible moves with the reason."""
    listener.says(500)
    answer = await page.move("slash", channel="C_OPS", text="/acr")
    assert answer["error"] == '/acr failed with the error "dispatch_failed"'
    answer = await page.move("slash", channel="C_OLD", text="/acr")
    assert answer["error"] == "C_OLD is archived"
    answer = await page.move("click", channel="C_OPS", ts="1.0", action_id="approve")
    assert answer["error"] == "This message is gone."
    assert (await page.post("slash", {"user": "U_ALICE"}))[0] == 400
    assert (await page.post("slash", []))[0] == 400


async def test_a_person_writes(slack: SlackSandbox, page: Page) -> None:
    """A message of one's own shows up, in a thread too, as written by a person."""
    answer = await page.move("message", channel="C_OPS", text="hello")
    await page.move("message", channel="C_OPS", text="again", thread_ts=answer["ts"])
    first, second = (await page.state("U_BOB"))["messages"]["C_OPS"]
    assert (first["user"], first["bot"], first["reply_count"]) == ("U_ALICE", False, 1)
    assert second["thread_ts"] == first["ts"]


async def test_changes_are_streamed(
    slack: SlackSandbox, client: AsyncWebClient, http: aiohttp.ClientSession, page: Page
) -> None:
    """A change is told to the page at once, as a growing number."""
    async with http.get(f"{slack.url}/_ui/events", params={"user": "U_ALICE"}) as stream:
        assert stream.content_type == "text/event-stream"
        assert await stream.content.readline() == b": hello\n"
        numbers = []
        for text in ("one", "two"):
            await client.chat_postMessage(channel="C_OPS", text=text)
            line = await stream.content.readuntil(b"}\n")
            numbers.append(json.loads(line.strip().removeprefix(b"data: "))["n"])
        assert numbers[0] < numbers[1]


async def test_the_log_of_calls(client: AsyncWebClient, slack: SlackSandbox, http: aiohttp.ClientSession) -> None:
    """The page can show what the app called."""
    await client.auth_test()
    async with http.get(f"{slack.url}/_ui/calls") as answer:
        assert [call["method"] for call in (await answer.json())["calls"]] == ["auth.test"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Content-Type": "text/plain"},
    ],
    ids=lambda headers: next(iter(headers.items())),
)
async def test_other_sites_cannot_act(
    slack: SlackSandbox, listener: Listener, page: Page, headers: dict[str, str]
) -> None:
    """A request that another web site's page could make is refused, and nothing happens."""
    status, _ = await page.post("slash", {"user": "U_ALICE", "channel": "C_OPS", "text": "/acr"}, **headers)
    assert status in {403, 415}
    assert listener.requests == []


async def test_the_page_itself_may(slack: SlackSandbox, listener: Listener, page: Page) -> None:
    """The page's own requests, with the headers that browsers add, are taken."""
    status, answer = await page.post(
        "slash",
        {"user": "U_ALICE", "channel": "C_OPS", "text": "/acr"},
        **{"Origin": slack.url, "Sec-Fetch-Site": "same-origin"},
    )
    assert (status, answer["ok"]) == (200, True)


async def test_the_pages_files_are_served(slack: SlackSandbox, http: aiohttp.ClientSession) -> None:
    """The page and what it needs are served with their types, and nothing outside its folder is."""
    async with http.get(f"{slack.url}/") as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert answer.headers["X-Frame-Options"] == "DENY"
    async with http.get(f"{slack.url}/page/app.js") as answer:
        assert answer.content_type.endswith("/javascript")
    for outside in ("..%2fui.py", "%2e%2e%2fui.py", "nothing.js", "..%2f..%2f..%2fpyproject.toml"):
        async with http.get(f"{slack.url}/page/{outside}") as answer:
            assert answer.status == 404
