"""conversations.* and reactions.add: channels and what is in them."""

from collections.abc import Sequence

from sandbox.slack.api.arguments import Arguments
from sandbox.slack.api.methods import method
from sandbox.slack.api.pages import page_of
from sandbox.slack.api.reach import known_channel
from sandbox.slack.api.shapes import channel_json, message_json
from sandbox.slack.core import Core
from sandbox.slack.errors import SlackError
from sandbox.slack.model import Channel, Json, Message

READ = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")


@method("conversations.open", "channels:manage", "groups:write", "im:write", "mpim:write", tier=3)
def conversations_open(core: Core, args: Arguments) -> Json:
    """Open the app's direct messages with one person. Group messages are not here."""
    if channel_id := args.text("channel"):
        channel = known_channel(core, channel_id)
        if channel.im_user is None:
            raise SlackError("method_not_supported_for_channel_type")
        return {"ok": True, "channel": {"id": channel.id}}
    users = [user for user in (args.text("users") or "").split(",") if user]
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        raise SlackError("invalid_user_combination")
    core.require("im:write")
    person = core.workspace.people.get(users[0])
    if person is None:
        raise SlackError("user_not_found")
    if person.deleted:
        raise SlackError("user_disabled")
    if person.is_bot:
        raise SlackError("cannot_dm_bot")
    channel = core.workspace.dm(person.id)
    return {"ok": True, "channel": channel_json(channel) if args.flag("return_im") else {"id": channel.id}}


@method("conversations.info", *READ, tier=3)
def conversations_info(core: Core, args: Arguments) -> Json:
    """Describe a channel."""
    channel = _readable(core, args, "read")
    return {"ok": True, "channel": channel_json(channel)}


@method("conversations.list", *READ, tier=2)
def conversations_list(core: Core, args: Arguments) -> Json:
    """List the channels of the wanted types, page by page: public ones by default."""
    kinds = set((args.text("types") or "public_channel").split(","))
    if kinds - {"public_channel", "private_channel", "im", "mpim"}:
        raise SlackError("invalid_types")
    scopes = {"public_channel": "channels:read", "private_channel": "groups:read", "im": "im:read"}
    for kind in sorted(kinds):
        core.require(scopes.get(kind, "mpim:read"))
    channels = [
        channel
        for channel in core.workspace.channels.values()
        if _kind(channel) in kinds
        and (channel.bot or not channel.private)
        and not (channel.archived and args.flag("exclude_archived"))
    ]
    page, cursor = page_of(channels, args)
    shapes = [channel_json(channel) for channel in page]
    return {"ok": True, "channels": shapes, "response_metadata": {"next_cursor": cursor}}


@method("conversations.members", *READ, tier=4)
def conversations_members(core: Core, args: Arguments) -> Json:
    """List the ids of a channel's members, page by page."""
    channel = _readable(core, args, "read")
    members = [*channel.members, *([core.bot] if channel.bot else [])]
    page, cursor = page_of(members, args)
    return {"ok": True, "members": list(page), "response_metadata": {"next_cursor": cursor}}


@method("conversations.history", *HISTORY, tier=3)
def conversations_history(core: Core, args: Arguments) -> Json:
    """List a channel's messages, newest first, replies left out."""
    channel = _readable(core, args, "history")
    if not channel.bot:
        raise SlackError("not_in_channel")
    messages = [m for m in _plain(core, channel) if m.thread_ts in {None, m.ts} and _within(args, m)]
    return _messages(core, args, messages[::-1])


@method("conversations.replies", *HISTORY, tier=3)
def conversations_replies(core: Core, args: Arguments) -> Json:
    """List a thread, its first message included, oldest first."""
    channel = _readable(core, args, "history")
    (ts,) = args.required("ts")
    messages = [m for m in _plain(core, channel) if ts in {m.ts, m.thread_ts}]
    if not messages:
        raise SlackError("thread_not_found")
    return _messages(core, args, [m for m in messages if m.ts == ts or _within(args, m)])


@method("reactions.add", "reactions:write", tier=3)
def reactions_add(core: Core, args: Arguments) -> Json:
    """Put an emoji under a message."""
    name, channel_id, timestamp = args.required("name", "channel", "timestamp")
    channel = known_channel(core, channel_id)
    message = core.workspace.message_at(channel.id, timestamp)
    if message is None or message.ephemeral:
        raise SlackError("message_not_found")
    if channel.archived:
        raise SlackError("is_archived")
    users = message.reactions.setdefault(name.strip(":"), [])
    if core.bot in users:
        raise SlackError("already_reacted")
    users.append(core.bot)
    core.workspace.changes.notify()
    return {"ok": True}


def _kind(channel: Channel) -> str:
    if channel.im_user is not None:
        return "im"
    return "private_channel" if channel.private else "public_channel"


def _readable(core: Core, args: Arguments, what: str) -> Channel:
    (channel_id,) = args.required("channel")
    channel = known_channel(core, channel_id)
    family = {"im": "im", "private_channel": "groups", "public_channel": "channels"}[_kind(channel)]
    core.require(f"{family}:{what}")
    return channel


def _plain(core: Core, channel: Channel) -> list[Message]:
    return [m for m in core.workspace.messages.get(channel.id, []) if not m.deleted and not m.ephemeral]


def _within(args: Arguments, message: Message) -> bool:
    oldest, latest = args.text("oldest") or "0", args.text("latest") or "inf"
    ts, inclusive = float(message.ts), args.flag("inclusive")
    return float(oldest) < ts < float(latest) or (inclusive and ts in {float(oldest), float(latest)})


def _messages(core: Core, args: Arguments, messages: Sequence[Message]) -> Json:
    page, cursor = page_of(messages, args)
    shapes = []
    for message in page:
        shape = message_json(core, message)
        if not args.flag("include_all_metadata"):
            shape.pop("metadata", None)
        shapes.append(shape)
    return {
        "ok": True,
        "messages": shapes,
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }
