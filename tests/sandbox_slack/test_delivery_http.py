import json
import time
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from sandbox.slack import Channel, Options, Person, SlackSandbox, Workspace
from tests.sandbox_slack import bolt_app
from tests.sandbox_slack.conftest import Clock, make_workspace
from tests.sandbox_slack.listener import Listener, listening


async def test_a_command_is_a_signed_form(slack: SlackSandbox, listener: Listener) -> None:
    """A slash command comes as form fields, with a signature that slack_sdk verifies."""
    await slack.human("U_ALICE").slash("/acr untagged team/app --min-age 2d", channel="C_OPS")
    headers, body = listener.requests[0]
    assert SignatureVerifier(slack.core.signing_secret).is_valid_request(body, headers)
    fields = {key: value for key, (value,) in parse_qs(body.decode(), keep_blank_values=True).items()}
    assert set(fields) == {
        "api_app_id",
        "channel_id",
        "channel_name",
        "command",
        "is_enterprise_install",
        "response_url",
        "team_domain",
        "team_id",
        "text",
        "token",
        "trigger_id",
        "user_id",
        "user_name",
    }
    assert fields["text"] == "untagged team/app --min-age 2d"
    assert (fields["user_id"], fields["channel_name"]) == ("U_ALICE", "ops")


async def test_an_organisation_is_named(clock: Clock) -> None:
    """On Enterprise Grid the payloads name the organisation."""
    workspace = Workspace(
        people=[Person(id="U_ALICE", name="alice")],
        channels=[Channel(id="C_OPS", name="ops", members=["U_ALICE"])],
        enterprise_id="E0ORG",
    )
    async with SlackSandbox(workspace, clock=clock) as slack, listening() as listener:
        slack.deliver_to(listener.url)
        alice = slack.human("U_ALICE")
        await alice.slash("/acr", channel="C_OPS")
        assert slack.last_delivery.payload["enterprise_id"] == "E0ORG"
        await alice.open_home()
        assert slack.last_delivery.payload["authorizations"][0]["enterprise_id"] == "E0ORG"


async def test_forged_and_late_requests_are_refused_by_bolt(slack: SlackSandbox, http: aiohttp.ClientSession) -> None:
    """Requests signed with another secret, or five minutes ago, or changed on the way, get 401 from the app."""
    app = bolt_app.build(slack)
    runner = web.AppRunner(app.web_app())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    body = json.dumps({"type": "event_callback", "event": {"type": "app_home_opened", "user": "U_ALICE"}}).encode()
    tries = {
        "fine": (body, slack.signed(body)),
        "late": (body, slack.signed(body, timestamp=int(time.time()) - 400)),
        "forged": (body, slack.signed(body, secret="guessed")),
        "changed": (body + b" ", slack.signed(body)),
    }
    statuses = {}
    for name, (content, headers) in tries.items():
        async with http.post(url, data=content, headers={**headers, "Content-Type": "application/json"}) as answer:
            statuses[name] = answer.status
    await runner.cleanup()
    assert statuses == {"fine": 200, "late": 401, "forged": 401, "changed": 401}


async def test_a_replay_is_the_same_bytes(slack: SlackSandbox, listener: Listener) -> None:
    """A replayed delivery has the same body and signature as the first."""
    await slack.human("U_ALICE").slash("/acr", channel="C_OPS")
    again = await slack.replay(slack.last_delivery)
    assert again.status == 200
    (first_headers, first_body), (second_headers, second_body) = listener.requests
    assert first_body == second_body
    assert first_headers["X-Slack-Signature"] == second_headers["X-Slack-Signature"]
    assert len(slack.deliveries) == 2


async def test_silence_fails_after_the_time_limit(clock: Clock) -> None:
    """An app that doesn't answer in time makes the command fail with what Slack shows."""
    options = Options(ack_seconds=0.1)
    async with SlackSandbox(make_workspace(), clock=clock, options=options) as slack, listening() as listener:
        slack.deliver_to(listener.url)
        listener.says(5.0)
        outcome = await slack.human("U_ALICE").slash("/acr", channel="C_OPS")
        assert (outcome.ok, outcome.failure) == (False, "http_timeout")
        assert outcome.shown == '/acr failed with the error "operation_timeout"'


async def test_errors_of_the_app(slack: SlackSandbox, listener: Listener) -> None:
    """A status other than 2xx, or nobody there, fails with dispatch_failed."""
    alice = slack.human("U_ALICE")
    listener.says(500)
    outcome = await alice.slash("/acr", channel="C_OPS")
    assert (outcome.failure, outcome.status) == ("http_error", 500)
    slack.deliver_to("http://127.0.0.1:9/slack/events")
    outcome = await alice.slash("/acr", channel="C_OPS")
    assert outcome.failure == "connection_failed"
    assert outcome.shown == '/acr failed with the error "dispatch_failed"'


async def test_events_are_tried_four_times(slack: SlackSandbox, listener: Listener) -> None:
    """An event that isn't taken comes again up to three times, with its number and the reason, and the same id."""
    listener.says(500)
    outcome = await slack.human("U_ALICE").open_home()
    assert not outcome.ok
    await slack.wait_for(lambda: len(listener.requests) == 4)
    await slack.settle()
    assert len(listener.requests) == 4
    retries = [(h.get("X-Slack-Retry-Num"), h.get("X-Slack-Retry-Reason")) for h, _ in listener.requests]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert len({json.loads(body)["event_id"] for _, body in listener.requests}) == 1


async def test_events_stop_once_taken(slack: SlackSandbox, listener: Listener) -> None:
    """After a 2xx no further try is made."""
    listener.says(500, 200)
    await slack.human("U_ALICE").open_home()
    await slack.wait_for(lambda: len(listener.requests) == 2)
    await slack.settle()
    assert len(listener.requests) == 2


async def test_an_app_can_ask_for_no_retry(slack: SlackSandbox, listener: Listener) -> None:
    """X-Slack-No-Retry: 1 ends the tries."""
    listener.answers = [web.Response(status=500, headers={"X-Slack-No-Retry": "1"})]
    await slack.human("U_ALICE").open_home()
    await slack.settle()
    assert len(listener.requests) == 1


async def test_any_event_can_be_sent(slack: SlackSandbox, listener: Listener) -> None:
    """Other events of the Events API go out in the same envelope."""
    delivery = await slack.send_event({"type": "app_uninstalled"})
    assert delivery.status == 200
    assert delivery.payload["event"] == {"type": "app_uninstalled"}
    assert delivery.payload["api_app_id"] == slack.workspace.app.id


async def test_a_listener_that_never_acknowledges(slack: SlackSandbox, app: AsyncApp) -> None:
    """Bolt sends no acknowledgement for a listener that doesn't call ack(), and Slack says so to the person."""
    outcome = await slack.human("U_ALICE").slash("/acr silent", channel="C_OPS")
    assert not outcome.ok
    assert outcome.shown is not None
    assert outcome.shown.startswith("/acr failed with the error")
