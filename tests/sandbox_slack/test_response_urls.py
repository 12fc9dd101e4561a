from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from sandbox.slack import Message, SlackSandbox, text_of
from tests.sandbox_slack.bolt_app import CARD
from tests.sandbox_slack.conftest import Clock
from tests.sandbox_slack.listener import Listener


async def command_url(slack: SlackSandbox) -> AsyncWebhookClient:
    """Let alice type a command, and return a client of its response URL."""
    await slack.human("U_ALICE").slash("/acr", channel="C_OPS")
    return AsyncWebhookClient(slack.last_delivery.payload["response_url"])


async def action_url(slack: SlackSandbox, card: Message) -> AsyncWebhookClient:
    """Let alice click on a card, and return a client of the response URL."""
    await slack.human("U_ALICE").click(card, "approve")
    return AsyncWebhookClient(slack.last_delivery.payload["response_url"])


@pytest.fixture
async def card(slack: SlackSandbox, client: AsyncWebClient) -> Message:
    """Post a card into the channel."""
    await client.chat_postMessage(channel="C_OPS", text="Delete?", blocks=CARD)
    return slack.human("U_ALICE").messages("C_OPS")[0]


async def test_five_uses(slack: SlackSandbox, listener: Listener) -> None:
    """A response URL takes five answers; the sixth is 404 used_url."""
    url = await command_url(slack)
    for number in range(5):
        answer = await url.send(text=str(number))
        assert (answer.status_code, answer.body) == (200, "ok")
    answer = await url.send(text="too many")
    assert (answer.status_code, answer.body) == (404, '{"ok": false, "error": "used_url"}')
    assert [text_of(message) for message in slack.human("U_ALICE").messages("C_OPS")] == ["0", "1", "2", "3", "4"]
    assert [call.status for call in slack.calls_of("response_url")] == [200] * 5 + [404]


async def test_thirty_minutes(slack: SlackSandbox, listener: Listener, clock: Clock) -> None:
    """A response URL takes answers for thirty minutes; later ones are 404 expired_url."""
    url = await command_url(slack)
    clock.now += 30 * 60
    assert (await url.send(text="just in time")).status_code == 200
    clock.now += 1
    answer = await url.send(text="too late")
    assert (answer.status_code, answer.body) == (404, '{"ok": false, "error": "expired_url"}')


async def test_who_sees_the_answer(slack: SlackSandbox, listener: Listener) -> None:
    """An answer is for the one who asked, unless it says in_channel."""
    url = await command_url(slack)
    await url.send(text="for you")
    await url.send(text="for all", response_type="in_channel")
    assert [text_of(message) for message in slack.human("U_ALICE").messages("C_OPS")] == ["for you", "for all"]
    assert [text_of(message) for message in slack.human("U_BOB").messages("C_OPS")] == ["for all"]


async def test_a_command_answer_can_be_replaced_and_deleted(slack: SlackSandbox, listener: Listener) -> None:
    """replace_original changes the last answer to the command, delete_original takes it away."""
    alice = slack.human("U_ALICE")
    url = await command_url(slack)
    await url.send(text="looking …", replace_original=True)
    await url.send(text="found it", replace_original=True)
    (message,) = alice.messages("C_OPS")
    assert [version.text for version in message.versions] == ["looking …", "found it"]
    await url.send(delete_original=True)
    assert alice.messages("C_OPS") == []
    answer = await url.send(text="again", replace_original=True)
    assert (answer.status_code, answer.body) == (404, '{"ok": false, "error": "message_not_found"}')


async def test_an_action_replaces_what_was_clicked(slack: SlackSandbox, listener: Listener, card: Message) -> None:
    """On an action, replace_original and even an answer that says nothing take the place of the message clicked on."""
    await (await action_url(slack, card)).send(text="Approved", blocks=CARD[:2], replace_original=True)
    assert [block["type"] for block in card.blocks] == ["header", "section"]
    slack.workspace.edit(card, text="Delete?", blocks=CARD, attachments=[], metadata=None)
    await (await action_url(slack, card)).send(text="Gone is the card")
    assert text_of(card) == "Gone is the card"


async def test_an_action_can_be_answered_beside(slack: SlackSandbox, listener: Listener, card: Message) -> None:
    """replace_original false, or a response_type, leaves the message clicked on alone."""
    alice, bob = slack.human("U_ALICE"), slack.human("U_BOB")
    url = await action_url(slack, card)
    await url.send(text="you may not", replace_original=False)
    await url.send(text="not you", response_type="ephemeral")
    assert [text_of(message) for message in alice.messages("C_OPS")[1:]] == ["you may not", "not you"]
    assert bob.messages("C_OPS") == [card]
    assert len(card.versions) == 1


async def test_an_ephemeral_message_is_changed_by_its_own_click(
    slack: SlackSandbox, client: AsyncWebClient, listener: Listener
) -> None:
    """A click on an ephemeral message carries no message, and its response URL is the way to change it."""
    alice = slack.human("U_ALICE")
    await client.chat_postEphemeral(channel="C_OPS", user="U_ALICE", text="Propose?", blocks=CARD)
    (quiet,) = alice.messages("C_OPS")
    url = await action_url(slack, quiet)
    payload = slack.last_delivery.payload
    assert payload["container"]["is_ephemeral"]
    assert "message" not in payload
    await url.send(text="Proposed", replace_original=True)
    assert text_of(quiet) == "Proposed"
    assert quiet.ephemeral


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x", "blocks": [{"type": "hologram"}]}, "invalid_blocks"),
    ],
)
async def test_answers_are_checked(slack: SlackSandbox, listener: Listener, body: dict[str, Any], error: str) -> None:
    """What chat.postMessage refuses, a response URL refuses with 400."""
    answer = await (await command_url(slack)).send_dict(body)
    assert answer.status_code == 400
    assert f'"error": "{error}"' in answer.body


async def test_a_bad_acknowledgement(slack: SlackSandbox, listener: Listener) -> None:
    """An acknowledgement whose blocks are refused shows the person an error."""
    listener.says({"text": "x", "blocks": [{"type": "hologram"}]})
    outcome = await slack.human("U_ALICE").slash("/acr", channel="C_OPS")
    assert not outcome.ok
    assert outcome.shown == '/acr failed with the error "invalid_command_response"'


async def test_faults_reach_response_urls(slack: SlackSandbox, listener: Listener) -> None:
    """A prepared fault answers a response URL too."""
    slack.fail("response_url", status=429, retry_after=7)
    answer = await (await command_url(slack)).send(text="x")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "7"
