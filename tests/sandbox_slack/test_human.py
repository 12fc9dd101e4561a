from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Channel, Command, NotPossibleError, SlackSandbox
from tests.sandbox_slack.bolt_app import CARD, button
from tests.sandbox_slack.conftest import Clock, make_workspace
from tests.sandbox_slack.listener import Listener, listening

MANIFEST = """
display_information: {name: Janitor}
features:
  app_home: {home_tab_enabled: true}
  bot_user: {display_name: janitor}
  slash_commands:
    - {command: /acr, description: Clean up, usage_hint: untagged REPO}
    - {command: /who, description: Ask, should_escape: true}
oauth_config: {scopes: {bot: [commands, "chat:write"]}}
settings:
  event_subscriptions: {bot_events: [app_home_opened]}
  interactivity: {is_enabled: true}
"""


def rows(*elements: object) -> list[dict[str, object]]:
    """Build one actions block."""
    return [{"type": "actions", "block_id": "row", "elements": list(elements)}]


async def test_only_what_is_on_screen_can_be_clicked(
    slack: SlackSandbox, client: AsyncWebClient, listener: Listener
) -> None:
    """Who can't see a message, or looks for what isn't there, is told so and the app hears nothing."""
    alice, bob, eve = slack.human("U_ALICE"), slack.human("U_BOB"), slack.human("U_EVE")
    await client.chat_postMessage(channel="C_OPS", text="Delete?", blocks=CARD)
    await client.chat_postEphemeral(channel="C_OPS", user="U_ALICE", text="Propose?", blocks=CARD)
    card, quiet = alice.messages("C_OPS")
    with pytest.raises(NotPossibleError, match="U_EVE can't see the message, not a member of C_OPS"):
        await eve.click(card, "approve")
    with pytest.raises(NotPossibleError, match="U_BOB can't see the message, only U_ALICE sees it"):
        await bob.click(quiet, "approve")
    with pytest.raises(NotPossibleError, match=r"no 'explode' here; there is approve \(Approve\), reject \(Reject\)"):
        await bob.click(card, "explode")
    await client.chat_delete(channel="C_OPS", ts=card.ts)
    with pytest.raises(NotPossibleError, match="the message is deleted"):
        await bob.click(card, "approve")
    with pytest.raises(NotPossibleError, match="nobody in Example has the id 'U_NOBODY'"):
        slack.human("U_NOBODY")
    assert listener.requests == []


async def test_a_click_on_a_screen_that_has_not_caught_up(
    slack: SlackSandbox, client: AsyncWebClient, listener: Listener
) -> None:
    """A button that an update took away can be clicked only as a stale screen would."""
    bob = slack.human("U_BOB")
    posted = await client.chat_postMessage(channel="C_OPS", text="Delete?", blocks=CARD)
    (card,) = bob.messages("C_OPS")
    await client.chat_update(channel="C_OPS", ts=posted["ts"], text="Done", blocks=CARD[:2])
    with pytest.raises(NotPossibleError, match="nothing to click"):
        await bob.click(card, "approve")
    assert (await bob.click(card, "approve", stale=True)).ok
    assert slack.last_delivery.payload["actions"][0]["value"] == "p-1"


async def test_an_edit_while_somebody_confirms_does_not_lose_the_click(
    slack: SlackSandbox, client: AsyncWebClient, listener: Listener
) -> None:
    """Whoever names the block as their screen shows it clicks on that, though the message has new blocks by then."""
    bob = slack.human("U_BOB")
    unnamed = [{key: value for key, value in block.items() if key != "block_id"} for block in CARD]
    posted = await client.chat_postMessage(channel="C_OPS", text="Delete?", blocks=unnamed)
    (card,) = bob.messages("C_OPS")
    block_id = next(block["block_id"] for block in card.blocks if block["type"] == "actions")
    await client.chat_update(channel="C_OPS", ts=posted["ts"], text="Delete 2?", blocks=unnamed)
    assert block_id not in {block["block_id"] for block in card.blocks}
    assert (await bob.click(card, "approve", block_id=block_id)).ok
    assert slack.last_delivery.payload["actions"][0]["value"] == "p-1"


async def test_a_click_carries_what_the_button_carries(
    slack: SlackSandbox, client: AsyncWebClient, listener: Listener
) -> None:
    """block_actions names who, where, which element with its own value, and the message."""
    bob = slack.human("U_BOB")
    await client.chat_postMessage(channel="C_OPS", text="Delete?", blocks=CARD, metadata={})
    (card,) = bob.messages("C_OPS")
    await bob.click(card, "approve")
    payload = slack.last_delivery.payload
    (action,) = payload["actions"]
    assert {key: action[key] for key in ("type", "action_id", "block_id", "value")} == {
        "type": "button",
        "action_id": "approve",
        "block_id": "decide",
        "value": "p-1",
    }
    assert payload["user"]["id"] == "U_BOB"
    assert payload["channel"] == {"id": "C_OPS", "name": "ops"}
    assert payload["container"] == {
        "type": "message",
        "message_ts": card.ts,
        "channel_id": "C_OPS",
        "is_ephemeral": False,
    }
    assert payload["message"]["blocks"] == card.blocks
    assert payload["state"] == {"values": {}}


async def test_buttons_with_one_action_id_are_told_apart(
    slack: SlackSandbox, client: AsyncWebClient, listener: Listener
) -> None:
    """The value or the block says which of several buttons is meant."""
    blocks: list[dict[str, Any]] = [
        {"type": "section", "block_id": name, "text": {"type": "plain_text", "text": name}, "accessory": accessory}
        for name, accessory in (("a", button("keep", "Keep", value="1")), ("b", button("keep", "Keep", value="2")))
    ]
    bob = slack.human("U_BOB")
    await client.chat_postMessage(channel="C_OPS", text="x", blocks=blocks)
    (message,) = bob.messages("C_OPS")
    for value, block_id, expected in (("2", None, "2"), (None, "b", "2"), (None, None, "1")):
        await bob.click(message, "keep", value=value, block_id=block_id)
        assert slack.last_delivery.payload["actions"][0]["value"] == expected
    with pytest.raises(NotPossibleError, match="no 'keep' here"):
        await bob.click(message, "keep", value="3")


async def test_choices_stay_in_the_state(slack: SlackSandbox, client: AsyncWebClient, listener: Listener) -> None:
    """What a person chose in a message goes along with their next click, and not with other people's."""
    options = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("a", "b")]
    select = {"type": "static_select", "action_id": "rule", "options": options, "initial_option": options[0]}
    menu = {"type": "overflow", "action_id": "menu", "options": options}
    day = {"type": "datepicker", "action_id": "day"}
    alice, bob = slack.human("U_ALICE"), slack.human("U_BOB")
    await client.chat_postMessage(channel="C_OPS", text="x", blocks=rows(select, menu, day, button("go", "Go")))
    (message,) = alice.messages("C_OPS")
    await alice.click(message, "rule", option="b")
    assert slack.last_delivery.payload["actions"][0]["selected_option"] == options[1]
    await alice.click(message, "day", value="2026-11-23")
    await alice.click(message, "menu", option="a")
    assert slack.last_delivery.payload["actions"][0]["selected_option"] == options[0]
    await alice.click(message, "go")
    row = slack.last_delivery.payload["state"]["values"]["row"]
    assert row == {
        "rule": {"type": "static_select", "selected_option": options[1]},
        "day": {"type": "datepicker", "selected_date": "2026-11-23"},
    }
    await bob.click(message, "go")
    assert slack.last_delivery.payload["state"]["values"]["row"]["rule"]["selected_option"] == options[0]
    with pytest.raises(NotPossibleError, match="has no option 'c'; it has 'a', 'b'"):
        await alice.click(message, "rule", option="c")


async def test_where_commands_work(slack: SlackSandbox, listener: Listener) -> None:
    """A command can be typed in one's own, living channels only."""
    for channel in ("C_SECRET", "C_OLD", "C_NOWHERE"):
        with pytest.raises(NotPossibleError):
            await slack.human("U_ALICE").slash("/acr", channel=channel)
    assert (await slack.human("U_ALICE").slash("/acr", channel=slack.human("U_ALICE").dm)).ok
    assert slack.last_delivery.payload["channel_name"] == "directmessage"


async def test_typography_is_off_by_default(slack: SlackSandbox, listener: Listener) -> None:
    """The composer leaves dashes and quotes alone unless asked to be smart."""
    alice = slack.human("U_ALICE")
    typed = """/acr untagged --min-age 2d "it's" """
    await alice.slash(typed, channel="C_OPS")
    assert slack.last_delivery.payload["text"] == """untagged --min-age 2d "it's\""""
    await alice.slash(typed, channel="C_OPS", smart=True)
    assert slack.last_delivery.payload["text"] == "untagged \u2014min-age 2d \u201cit\u2019s\u201d"


async def test_nobody_listens(slack: SlackSandbox) -> None:
    """Without a way to deliver, the error says what to call."""
    with pytest.raises(NotPossibleError, match="deliver_to"):
        await slack.human("U_ALICE").slash("/acr", channel="C_OPS")


async def test_the_manifest_says_what_the_app_may(tmp_path: Path, clock: Clock) -> None:
    """Scopes, commands, names and events are the manifest's."""
    path = tmp_path / "manifest.yml"
    path.write_text(MANIFEST, encoding="utf-8")
    async with SlackSandbox(make_workspace(), manifest=path, clock=clock) as slack, listening() as listener:
        slack.deliver_to(listener.url)
        alice = slack.human("U_ALICE")
        outcome = await alice.slash("/nope", channel="C_OPS")
        assert (outcome.sent, outcome.shown) == (False, "/nope is not a valid command.")
        await alice.slash("/acr @bob #ops", channel="C_OPS")
        assert slack.last_delivery.payload["text"] == "@bob #ops"
        await alice.slash("/who @bob in #ops, not @nobody", channel="C_OPS")
        assert slack.last_delivery.payload["text"] == "<@U_BOB|bob> in <#C_OPS|ops>, not @nobody"
        assert (await alice.open_home()).sent
        assert slack.workspace.app.name == "Janitor"
        assert slack.core.scopes == frozenset({"commands", "chat:write"})
    path.write_text(MANIFEST.replace("[app_home_opened]", "[]"), encoding="utf-8")
    async with SlackSandbox(make_workspace(), manifest=path, clock=clock) as slack:
        assert not (await slack.human("U_ALICE").open_home()).sent
    path.write_text(MANIFEST.replace("home_tab_enabled: true", "home_tab_enabled: false"), encoding="utf-8")
    async with SlackSandbox(make_workspace(), manifest=path, clock=clock) as slack:
        with pytest.raises(NotPossibleError, match="no Home tab"):
            await slack.human("U_ALICE").open_home()


async def test_commands_can_be_given_without_a_manifest(clock: Clock) -> None:
    """Commands given in code count as the manifest's would."""
    async with SlackSandbox(make_workspace(), commands=[Command(command="/acr")], clock=clock) as slack:
        outcome = await slack.human("U_ALICE").slash("/other", channel="C_OPS")
        assert outcome.shown == "/other is not a valid command."


async def test_waiting_tells_what_the_app_did(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """A wait that lapses names the app's last calls."""
    await client.auth_test()
    with pytest.raises(TimeoutError, match=r"the app's last calls: auth\.test"):
        await slack.wait_for(lambda: False, timeout=0.1)


async def test_only_this_machine(slack: SlackSandbox) -> None:
    """The sandbox refuses to listen where others could reach it."""
    other = SlackSandbox(make_workspace())
    with pytest.raises(ValueError, match="not an address of this machine alone"):
        await other.start("0.0.0.0")


def test_a_channel_can_be_added_later(slack: SlackSandbox) -> None:
    """The workspace's people, groups and channels can change while it runs."""
    slack.workspace.channels["C_NEW"] = Channel(id="C_NEW", name="new", members=["U_EVE"])
    assert slack.human("U_EVE").say("first", channel="#new").channel == "C_NEW"


async def test_every_kind_of_button_can_be_clicked(
    slack: SlackSandbox, client: AsyncWebClient, listener: Listener
) -> None:
    """Buttons within cards, carousels, containers, tables and feedback rows are found, and have an action id."""
    text = {"type": "plain_text", "text": "x"}
    feedback = {
        "type": "feedback_buttons",
        "action_id": "rate",
        "positive_button": {"text": text, "value": "good"},
        "negative_button": {"text": text, "value": "bad"},
    }
    cell = {"type": "raw_text", "text": "x"}
    row = [{"type": "action_cell", "element": button("row", "Open", value="r1")}]
    blocks: list[dict[str, Any]] = [
        {"type": "card", "title": text, "actions": [button("card", "Open")]},
        {
            "type": "carousel",
            "elements": [{"type": "card", "title": text, "actions": [{"type": "button", "text": text}]}],
        },
        {"type": "container", "title": text, "child_blocks": rows(button("inside", "Open"))},
        {"type": "data_table", "caption": "x", "rows": [[cell], row]},
        {"type": "context_actions", "elements": [feedback]},
    ]
    alice = slack.human("U_ALICE")
    await client.chat_postMessage(channel="C_OPS", text="x", blocks=blocks)
    (message,) = alice.messages("C_OPS")
    made = message.blocks[1]["elements"][0]["actions"][0]["action_id"]
    for action_id, value, sent in (
        ("card", None, None),
        (made, None, None),
        ("inside", None, None),
        ("row", "r1", "r1"),
        ("rate", "bad", "bad"),
        ("rate", None, "good"),
    ):
        assert (await alice.click(message, action_id, value=value)).ok
        (action,) = slack.last_delivery.payload["actions"]
        assert (action["action_id"], action.get("value")) == (action_id, sent)
        assert action["block_id"]
    with pytest.raises(NotPossibleError, match="no feedback button has the value 'fair'"):
        await alice.click(message, "rate", value="fair")


async def test_deactivated_people_do_nothing(slack: SlackSandbox) -> None:
    """Nobody can act as a person who is gone."""
    with pytest.raises(NotPossibleError, match="U_GONE is deactivated"):
        slack.human("U_GONE")
