"""chat.*: messages."""

from sandbox.slack.api.arguments import Arguments
from sandbox.slack.api.methods import method
from sandbox.slack.api.reach import known_channel, own_message, thread_parent, writable_channel
from sandbox.slack.api.shapes import message_json
from sandbox.slack.content import UPDATE_TEXT, Content, read_content
from sandbox.slack.core import Core
from sandbox.slack.errors import SlackError
from sandbox.slack.model import Json


@method("chat.postMessage", "chat:write", tier=5)
def post_message(core: Core, args: Arguments) -> Json:
    """Post to a channel, a thread or, given a person's id, their direct messages with the app."""
    (name,) = args.required("channel")
    channel = writable_channel(core, name)
    content = read_content(args, newer_blocks=core.options.newer_blocks)
    message = core.workspace.post(
        channel.id,
        core.bot,
        text=content.text or "",
        blocks=content.blocks,
        attachments=content.attachments,
        metadata=content.metadata,
        thread_ts=thread_parent(core, channel, args.text("thread_ts")),
    )
    answer: Json = {"ok": True, "channel": channel.id, "ts": message.ts, "message": message_json(core, message)}
    return _with_warning(answer, content)


@method("chat.postEphemeral", "chat:write", tier=4)
def post_ephemeral(core: Core, args: Arguments) -> Json:
    """Post what only one member of a channel sees, until they reload."""
    name, user = args.required("channel", "user")
    channel = writable_channel(core, name)
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = read_content(args, newer_blocks=core.options.newer_blocks, longest_text=UPDATE_TEXT, truncate=False)
    message = core.workspace.post(
        channel.id,
        core.bot,
        text=content.text or "",
        blocks=content.blocks,
        attachments=content.attachments,
        thread_ts=thread_parent(core, channel, args.text("thread_ts")),
        only_for=user,
    )
    return {"ok": True, "message_ts": message.ts}


@method("chat.update", "chat:write", tier=3)
def update(core: Core, args: Arguments) -> Json:
    """Change a message of the app's own. What the call leaves out stays: blocks, attachments, metadata."""
    name, ts = args.required("channel", "ts")
    channel = known_channel(core, name)
    message = own_message(core, channel, ts, "cant_update_message")
    if channel.archived:
        raise SlackError("is_inactive")
    content = read_content(args, newer_blocks=core.options.newer_blocks, longest_text=UPDATE_TEXT, truncate=False)
    core.workspace.edit(
        message,
        text=message.text if content.text is None else content.text,
        blocks=message.blocks if content.blocks is None else content.blocks,
        attachments=message.attachments if content.attachments is None else content.attachments,
        metadata=message.metadata if content.metadata is None else (content.metadata or None),
    )
    return {
        "ok": True,
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": message_json(core, message),
    }


@method("chat.delete", "chat:write", tier=3)
def delete(core: Core, args: Arguments) -> Json:
    """Delete a message of the app's own."""
    name, ts = args.required("channel", "ts")
    channel = known_channel(core, name)
    core.workspace.delete(own_message(core, channel, ts, "cant_delete_message"))
    return {"ok": True, "channel": channel.id, "ts": ts}


@method("chat.getPermalink", tier=5)
def get_permalink(core: Core, args: Arguments) -> Json:
    """Give the address of a message."""
    name, ts = args.required("channel", "message_ts")
    channel = known_channel(core, name)
    message = core.workspace.message_at(channel.id, ts)
    if message is None or message.ephemeral:
        raise SlackError("message_not_found")
    address = f"https://{core.workspace.domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    if message.thread_ts and message.thread_ts != ts:
        address += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"ok": True, "channel": channel.id, "permalink": address}


def _with_warning(answer: Json, content: Content) -> Json:
    if content.truncated:
        answer |= {"warning": "message_truncated", "response_metadata": {"warnings": ["message_truncated"]}}
    return answer
