import json

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Options, SlackSandbox
from tests.sandbox_slack.bolt_app import CARD
from tests.sandbox_slack.conftest import Clock, error_of, make_workspace, refusal

HELLO = [{"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}]


# who calls


async def test_calls_need_the_right_token(slack: SlackSandbox) -> None:
    """No token, a wrong one and the other kind of token each have their error."""

    def using(token: str | None) -> AsyncWebClient:
        return AsyncWebClient(token=token, base_url=slack.api_url)

    assert await error_of(using(None).auth_test()) == "not_authed"
    assert await error_of(using("xoxb-wrong").auth_test()) == "invalid_auth"
    assert await error_of(using(slack.core.app_token).auth_test()) == "not_allowed_token_type"
    assert (await error_of(using(slack.core.bot_token).apps_connections_open(app_token=slack.core.bot_token))) == (
        "not_allowed_token_type"
    )
    assert (await using(slack.core.bot_token).auth_test())["user_id"] == slack.core.bot
    assert (await using(None).api_test())["ok"]


async def test_unknown_methods_are_named(client: AsyncWebClient) -> None:
    """A method that isn't there is unknown_method."""
    assert await error_of(client.api_call("chat.postTelegram")) == "unknown_method"


async def test_arguments_come_as_json_form_or_query(slack: SlackSandbox, http: aiohttp.ClientSession) -> None:
    """A call means the same as JSON, as a form with JSON inside, and with the token in the form."""
    url, token = f"{slack.api_url}chat.postMessage", slack.core.bot_token
    arguments = {"channel": "C_OPS", "text": "hello", "blocks": HELLO}
    form = {**arguments, "blocks": json.dumps(HELLO), "token": token}
    bearer = {"Authorization": f"Bearer {token}"}
    async with http.post(url, json=arguments, headers=bearer) as answer:
        assert (await answer.json())["ok"]
    async with http.post(url, data=form) as answer:
        assert (await answer.json())["ok"]
    first, second = slack.human("U_ALICE").messages("C_OPS")
    assert first.blocks[0]["text"] == second.blocks[0]["text"]
    async with http.post(url, data="{", headers={**bearer, "Content-Type": "application/json"}) as answer:
        assert (await answer.json())["error"] == "invalid_json"
    async with http.post(url, json=[], headers=bearer) as answer:
        assert (await answer.json())["error"] == "json_not_object"
    async with http.post(url, data={**form, "blocks": "[{"}) as answer:
        assert (await answer.json())["error"] == "invalid_blocks_format"


async def test_scopes_are_needed(clock: Clock) -> None:
    """A call without its scope says which one is needed and which there are."""
    async with SlackSandbox(make_workspace(), scopes={"chat:write", "commands"}, clock=clock) as slack:
        client = AsyncWebClient(token=slack.core.bot_token, base_url=slack.api_url)
        answer = await refusal(client.usergroups_list())
        assert answer["error"] == "missing_scope"
        assert answer["needed"] == "usergroups:read"
        assert answer["provided"] == "chat:write,commands"
        assert await error_of(client.conversations_open(users="U_ALICE")) == "missing_scope"
        assert await error_of(client.files_upload_v2(content="x", filename="x", channel="C_OPS")) == "missing_scope"
        assert await error_of(client.reactions_add(channel="C_OPS", name="eyes", timestamp="1")) == "missing_scope"
        assert (await client.chat_postMessage(channel="C_OPS", text="fine"))["ok"]
        await client.views_publish(user_id="U_ALICE", view={"type": "home", "blocks": HELLO})


# messages


async def test_posting_refuses_what_slack_refuses(client: AsyncWebClient) -> None:
    """Each way to post what or where one can't has Slack's name for it."""
    post = client.chat_postMessage
    assert await error_of(post(channel="C_NOWHERE", text="x")) == "channel_not_found"
    assert await error_of(post(channel="C_SECRET", text="x")) == "channel_not_found"
    assert await error_of(post(channel="C_OLD", text="x")) == "is_archived"
    assert await error_of(post(channel="U_GONE", text="x")) == "channel_not_found"
    assert await error_of(client.api_call("chat.postMessage", json={"channel": "C_OPS", "text": ""})) == "no_text"
    assert await error_of(post(channel="C_OPS", text="x", markdown_text="y")) == "markdown_text_conflict"
    assert await error_of(post(channel="C_OPS", markdown_text="y" * 12_001)) == "msg_too_long"
    assert await error_of(post(channel="C_OPS", text="x", attachments=[{"text": "x"}] * 101)) == "too_many_attachments"
    assert await error_of(post(channel="C_OPS", text="x", thread_ts="1.000000")) == "thread_not_found"
    assert await error_of(post(channel="C_OPS", text="x", metadata={"event_type": "x"})) == "invalid_metadata_schema"
    assert await error_of(client.api_call("chat.postMessage", json={"text": "x"})) == "invalid_arguments"


async def test_invalid_blocks_are_explained(client: AsyncWebClient) -> None:
    """Blocks past a limit are refused with the places and the reasons."""
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    answer = await refusal(client.chat_postMessage(channel="C_OPS", text="x", blocks=blocks))
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}
    twice = client.chat_postMessage(channel="C_OPS", text="x", blocks=[table, table])
    assert await error_of(twice) == "invalid_attachments"


async def test_a_rollout_not_yet_here(clock: Clock) -> None:
    """A workspace can refuse the newer blocks with invalid_blocks."""
    block = {"type": "plan", "title": "x", "tasks": [{"task_id": "1", "title": "y", "status": "pending"}]}
    async with SlackSandbox(make_workspace(), clock=clock, options=Options(newer_blocks=False)) as slack:
        client = AsyncWebClient(token=slack.core.bot_token, base_url=slack.api_url)
        assert await error_of(client.chat_postMessage(channel="C_OPS", text="x", blocks=[block])) == "invalid_blocks"


async def test_a_public_channel_without_the_bot(clock: Clock) -> None:
    """Posting where the bot isn't takes an invitation, or the scope chat:write.public."""
    for scopes, error in (({"chat:write"}, "not_in_channel"), ({"chat:write", "chat:write.public"}, None)):
        async with SlackSandbox(make_workspace(), scopes=scopes, clock=clock) as slack:
            client = AsyncWebClient(token=slack.core.bot_token, base_url=slack.api_url)
            call = client.chat_postMessage(channel="#elsewhere", text="x")
            assert (await error_of(call) if error else (await call)["ok"]) == (error or True)


async def test_long_text_is_cut(client: AsyncWebClient) -> None:
    """chat.postMessage cuts text at 40,000 characters and warns."""
    answer = await client.chat_postMessage(channel="C_OPS", text="x" * 40_001)
    assert len(answer["message"]["text"]) == 40_000
    assert answer["warning"] == "message_truncated"


async def test_updates_make_versions(slack: SlackSandbox, client: AsyncWebClient, clock: Clock) -> None:
    """An update keeps what it doesn't name; every version stays to be looked at, with its time."""
    metadata = {"event_type": "proposal", "event_payload": {"id": "1"}}
    posted = await client.chat_postMessage(channel="C_OPS", text="one", blocks=CARD, metadata=metadata)
    clock.now += 10
    changed = await client.chat_update(channel="C_OPS", ts=posted["ts"], text="two")
    assert changed["text"] == "two"
    (message,) = slack.human("U_BOB").messages("C_OPS")
    assert message.edited == f"{clock.now:.6f}"
    assert message.metadata == metadata
    assert len(message.blocks) == 3
    await client.chat_update(channel="C_OPS", ts=posted["ts"], text="three", blocks=[], metadata={})
    assert [(version.text, len(version.blocks)) for version in message.versions] == [
        ("one", 3),
        ("two", 3),
        ("three", 0),
    ]
    assert message.versions[1].at - message.versions[0].at == 10
    assert message.metadata is None


async def test_updating_refuses_what_slack_refuses(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """Gone, foreign, ephemeral and too long messages can't be updated, foreign ones not deleted."""
    alice = slack.human("U_ALICE")
    theirs = alice.say("hello", channel="C_OPS")
    quiet = await client.chat_postEphemeral(channel="C_OPS", user="U_ALICE", text="psst")
    posted = await client.chat_postMessage(channel="C_OPS", text="one")
    update = client.chat_update
    assert await error_of(update(channel="C_OPS", ts="1.000000", text="x")) == "message_not_found"
    assert await error_of(update(channel="C_OPS", ts=quiet["message_ts"], text="x")) == "message_not_found"
    assert await error_of(update(channel="C_OPS", ts=theirs.ts, text="x")) == "cant_update_message"
    assert await error_of(client.chat_delete(channel="C_OPS", ts=theirs.ts)) == "cant_delete_message"
    assert await error_of(update(channel="C_OPS", ts=posted["ts"], text="x" * 4001)) == "msg_too_long"
    empty = client.api_call("chat.update", json={"channel": "C_OPS", "ts": posted["ts"], "text": ""})
    assert await error_of(empty) == "no_text"
    await client.chat_delete(channel="C_OPS", ts=posted["ts"])
    assert await error_of(update(channel="C_OPS", ts=posted["ts"], text="x")) == "message_not_found"
    assert posted["ts"] not in [message.ts for message in alice.messages("C_OPS")]


async def test_ephemeral_messages_are_for_one(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """An ephemeral message is seen by one member, gone on reload, and refused for others than members."""
    alice, bob = slack.human("U_ALICE"), slack.human("U_BOB")
    await client.chat_postEphemeral(channel="C_OPS", user="U_ALICE", text="psst")
    assert [message.text for message in alice.messages("C_OPS")] == ["psst"]
    assert bob.messages("C_OPS") == []
    alice.reload()
    assert alice.messages("C_OPS") == []
    refused = client.chat_postEphemeral(channel="C_OPS", user="U_EVE", text="psst")
    assert await error_of(refused) == "user_not_in_channel"


async def test_direct_messages(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """A person's id as channel means their direct messages; conversations.open gives the same channel."""
    opened = await client.conversations_open(users="U_EVE")
    posted = await client.chat_postMessage(channel="U_EVE", text="just you")
    assert posted["channel"] == opened["channel"]["id"] == slack.human("U_EVE").dm
    assert [message.text for message in slack.human("U_EVE").messages(posted["channel"])] == ["just you"]
    assert slack.human("U_BOB").messages(posted["channel"]) == []
    assert await error_of(client.conversations_open(users="U_GONE")) == "user_disabled"
    assert await error_of(client.conversations_open(users="U_NOBODY")) == "user_not_found"
    assert await error_of(client.conversations_open(users=slack.core.bot)) == "cannot_dm_bot"
    assert await error_of(client.conversations_open(users="")) == "users_list_not_supplied"


async def test_threads(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """A reply is in the thread, not in the channel; a reply to a reply is in the same thread."""
    alice = slack.human("U_ALICE")
    top = await client.chat_postMessage(channel="C_OPS", text="top")
    reply = await client.chat_postMessage(channel="C_OPS", text="reply", thread_ts=top["ts"])
    await client.chat_postMessage(channel="C_OPS", text="again", thread_ts=reply["ts"])
    assert [message.text for message in alice.messages("C_OPS")] == ["top"]
    assert [message.text for message in alice.thread("C_OPS", top["ts"])] == ["top", "reply", "again"]
    link = await client.chat_getPermalink(channel="C_OPS", message_ts=reply["ts"])
    assert link["permalink"].endswith(f"?thread_ts={top['ts']}&cid=C_OPS")
    answer = await client.conversations_replies(channel="C_OPS", ts=top["ts"])
    assert [message["text"] for message in answer["messages"]] == ["top", "reply", "again"]


async def test_history_shows_metadata_when_asked(client: AsyncWebClient) -> None:
    """conversations.history gives the newest first, page by page, and metadata only where asked for."""
    metadata = {"event_type": "report", "event_payload": {"slot": "2026-11-23"}}
    for number in range(3):
        await client.chat_postMessage(channel="C_OPS", text=str(number), metadata=metadata)
    pages = [
        page["messages"]
        async for page in await client.conversations_history(channel="C_OPS", limit=2, include_all_metadata=True)
    ]
    assert [[message["text"] for message in page] for page in pages] == [["2", "1"], ["0"]]
    assert pages[0][0]["metadata"] == metadata
    plain = await client.conversations_history(channel="C_OPS")
    assert "metadata" not in plain["messages"][0]


async def test_reactions(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """A reaction is seen on the message, and can be given once."""
    posted = await client.chat_postMessage(channel="C_OPS", text="x")
    await client.reactions_add(channel="C_OPS", name="eyes", timestamp=posted["ts"])
    assert slack.human("U_BOB").messages("C_OPS")[0].reactions == {"eyes": [slack.core.bot]}
    again = client.reactions_add(channel="C_OPS", name="eyes", timestamp=posted["ts"])
    assert await error_of(again) == "already_reacted"


# people and channels


async def test_user_groups(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """Groups are listed with members when asked; disabled ones answer only when asked."""
    listed = await client.usergroups_list(include_users=True)
    assert [(group["id"], group["users"]) for group in listed["usergroups"]] == [("S_APPROVERS", ["U_BOB"])]
    assert (await client.usergroups_users_list(usergroup="S_APPROVERS"))["users"] == ["U_BOB"]
    assert await error_of(client.usergroups_users_list(usergroup="S_FORMER")) == "no_such_subteam"
    assert (await client.usergroups_users_list(usergroup="S_FORMER", include_disabled=True))["users"] == ["U_EVE"]
    assert await error_of(client.usergroups_users_list(usergroup="S_NONE")) == "no_such_subteam"


async def test_user_groups_need_a_paid_plan(clock: Clock) -> None:
    """On a free plan the look-up of groups fails."""
    async with SlackSandbox(make_workspace(), clock=clock, options=Options(user_groups=False)) as slack:
        client = AsyncWebClient(token=slack.core.bot_token, base_url=slack.api_url)
        assert await error_of(client.usergroups_users_list(usergroup="S_APPROVERS")) == "plan_upgrade_required"


async def test_people(client: AsyncWebClient) -> None:
    """People are described, deactivated ones as such, and listed page by page."""
    assert (await client.users_info(user="U_GONE"))["user"]["deleted"]
    assert (await client.users_info(user="U_ALICE"))["user"]["profile"]["email"] == "alice@example.com"
    assert await error_of(client.users_info(user="U_NOBODY")) == "user_not_found"
    names = [member["name"] async for page in await client.users_list(limit=2) for member in page["members"]]
    assert sorted(names) == ["acr-janitor", "alice", "bob", "eve", "gone"]
    assert await error_of(client.users_list(cursor="nonsense")) == "invalid_cursor"


async def test_channels(client: AsyncWebClient) -> None:
    """Channels are described and listed; private ones without the bot don't exist for it."""
    assert (await client.conversations_info(channel="C_OPS"))["channel"]["is_member"]
    assert not (await client.conversations_info(channel="C_ELSEWHERE"))["channel"]["is_member"]
    assert await error_of(client.conversations_info(channel="C_SECRET")) == "channel_not_found"
    listed = await client.conversations_list(exclude_archived=True)
    assert [channel["id"] for channel in listed["channels"]] == ["C_OPS", "C_ELSEWHERE"]
    assert await error_of(client.conversations_list(types="telegram")) == "invalid_types"
    members = (await client.conversations_members(channel="C_OPS"))["members"]
    assert members == ["U_ALICE", "U_BOB", "U0JANITOR"]


async def test_the_apps_scopes_are_told(clock: Clock) -> None:
    """Answers carry the token's scopes in X-OAuth-Scopes, so that an app can check what it was given."""
    async with SlackSandbox(make_workspace(), scopes={"commands", "chat:write"}, clock=clock) as slack:
        client = AsyncWebClient(token=slack.core.bot_token, base_url=slack.api_url)
        assert (await client.auth_test()).headers["X-OAuth-Scopes"] == "chat:write,commands"


async def test_a_token_in_json_counts_for_nothing(slack: SlackSandbox, http: aiohttp.ClientSession) -> None:
    """With a JSON body the token must be in the header."""
    body = {"token": slack.core.bot_token}
    async with http.post(f"{slack.api_url}auth.test", json=body) as answer:
        assert (await answer.json())["error"] == "not_authed"
