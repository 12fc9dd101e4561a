import time
from typing import Any

import aiohttp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Options, SlackSandbox
from tests.sandbox_slack.conftest import Clock, error_of, make_workspace, refusal


async def test_files_go_into_threads(slack: SlackSandbox, client: AsyncWebClient, http: aiohttp.ClientSession) -> None:
    """files_upload_v2 puts files, with their bytes, into a thread in one message."""
    top = await client.chat_postMessage(channel="C_OPS", text="top")
    uploads: list[dict[str, Any]] = [
        {"filename": "a.csv", "content": "a"},
        {"filename": "b.bin", "content": b"\x00", "title": "B"},
    ]
    answer = await client.files_upload_v2(file_uploads=uploads, channel="C_OPS", thread_ts=top["ts"])
    assert len(answer["files"]) == 2
    reply = slack.human("U_ALICE").thread("C_OPS", top["ts"])[1]
    assert [(file.name, file.title, file.content) for file in reply.files] == [
        ("a.csv", "a.csv", b"a"),
        ("b.bin", "B", b"\x00"),
    ]
    async with http.get(slack.core.file_url(reply.files[1])) as response:
        assert await response.read() == b"\x00"
        assert response.headers["Content-Disposition"] == "attachment"


async def test_uploads_are_checked(slack: SlackSandbox, client: AsyncWebClient, http: aiohttp.ClientSession) -> None:
    """An upload of another length than announced, or never sent, is refused; so is a channel without the bot."""
    given = await client.files_getUploadURLExternal(filename="a.csv", length=3)
    async with http.post(given["upload_url"], data=b"four") as response:
        assert response.status == 400
    complete = client.files_completeUploadExternal
    assert await error_of(complete(files=[{"id": given["file_id"]}], channel_id="C_OPS")) == "file_not_found"
    async with http.post(given["upload_url"], data=b"abc") as response:
        assert await response.text() == "OK - 3"
    async with http.post(given["upload_url"], data=b"abc") as response:
        assert response.status == 404
    assert await error_of(complete(files=[{"id": "F_NONE"}], channel_id="C_OPS")) == "file_not_found"
    assert await error_of(complete(files=[{"id": given["file_id"]}], channel_id="C_NOWHERE")) == "channel_not_found"
    assert (await complete(files=[{"id": given["file_id"]}], channel_id="C_OPS"))["ok"]
    assert await error_of(client.files_getUploadURLExternal(filename="a", length=0)) == "invalid_arguments"


async def test_an_upload_may_be_a_form(
    slack: SlackSandbox, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    """An upload URL takes a form's file as well as bare bytes."""
    given = await client.files_getUploadURLExternal(filename="a.csv", length=3)
    form = aiohttp.FormData()
    form.add_field("filename", b"abc", filename="a.csv")
    async with http.post(given["upload_url"], data=form) as response:
        assert await response.text() == "OK - 3"


async def test_a_429_is_honoured_by_the_sdk(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """After a 429 the SDK's retry handler waits for Retry-After and then succeeds."""
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    slack.fail("chat.postMessage", status=429, retry_after=0)
    assert (await client.chat_postMessage(channel="C_OPS", text="x"))["ok"]
    assert [call.status for call in slack.calls_of("chat.postMessage")] == [429, 200]


async def test_a_429_names_the_wait(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """Without a retry handler, the error says ratelimited and how long to wait."""
    slack.fail("chat.postMessage", status=429, retry_after=30)
    answer = await refusal(client.chat_postMessage(channel="C_OPS", text="x"))
    assert answer["error"] == "ratelimited"
    assert answer.headers["Retry-After"] == "30"


async def test_faults_pick_their_calls(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """A fault applies so many times, to the calls that it matches."""
    slack.fail("chat.postMessage", "channel_not_found", times=2, match=lambda call: call["text"] == "bad")
    post = client.chat_postMessage
    assert (await post(channel="C_OPS", text="good"))["ok"]
    assert await error_of(post(channel="C_OPS", text="bad")) == "channel_not_found"
    assert await error_of(post(channel="C_OPS", text="bad")) == "channel_not_found"
    assert (await post(channel="C_OPS", text="bad"))["ok"]


async def test_a_broken_gateway_answers_no_json(slack: SlackSandbox, http: aiohttp.ClientSession) -> None:
    """A 5xx without an error name is a gateway's: text, no JSON."""
    slack.fail("*", status=502)
    async with http.post(f"{slack.api_url}api.test") as response:
        assert response.status == 502
        assert response.content_type == "text/plain"


async def test_tiers_are_enforced_when_asked(clock: Clock) -> None:
    """With rate limits on, a tier's calls a minute are counted, and a channel gets about a message a second."""
    async with SlackSandbox(make_workspace(), clock=clock, options=Options(rate_limits=True)) as slack:
        client = AsyncWebClient(token=slack.core.bot_token, base_url=slack.api_url)
        for _ in range(20):
            await client.usergroups_list()
        answer = await refusal(client.usergroups_list())
        assert answer["error"] == "ratelimited"
        assert answer.headers["Retry-After"] == "60"
        clock.now += 60
        assert (await client.usergroups_list())["ok"]
        for _ in range(5):
            await client.chat_postMessage(channel="C_OPS", text="x")
        assert await error_of(client.chat_postMessage(channel="C_OPS", text="x")) == "ratelimited"
        clock.now += 5
        assert (await client.chat_postMessage(channel="C_OPS", text="x"))["ok"]


async def test_every_call_is_logged(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """The log holds each call's method, arguments, time, status and answer, and no token."""
    await client.chat_postMessage(channel="C_OPS", text="x")
    (call,) = slack.calls
    assert (call.method, call.arguments, call.status) == ("chat.postMessage", {"channel": "C_OPS", "text": "x"}, 200)
    assert call.at == slack.core.clock()
    assert call.response["ok"]
    assert slack.core.bot_token not in repr(slack.calls)


async def test_a_slow_answer_is_the_real_one(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """A fault that is nothing but a delay lets the call through, late, and once."""
    slack.fail("auth.test", delay=0.05)
    before = time.monotonic()
    assert (await client.auth_test())["ok"]
    assert time.monotonic() - before >= 0.05
