"""Which channels and messages the app can reach."""

from sandbox.slack.core import Core
from sandbox.slack.errors import SlackError
from sandbox.slack.model import Channel, Message


def known_channel(core: Core, name_or_id: str) -> Channel:
    """Find a channel that the app may know of: private ones it is not in don't exist for it.

    Raises SlackError `channel_not_found`.
    """
    channel = core.workspace.channel_called(name_or_id)
    if channel is None or (channel.private and not channel.bot):
        raise SlackError("channel_not_found")
    return channel


def writable_channel(core: Core, name_or_id: str) -> Channel:
    """Find a channel to post to; a person's id means the app's direct messages with them.

    Raises SlackError `channel_not_found`, `is_archived` or `not_in_channel` (scope `chat:write.public` opens the
    public ones).
    """
    person = core.workspace.people.get(name_or_id)
    if person is not None:
        if person.deleted or person.is_bot:
            raise SlackError("channel_not_found")
        return core.workspace.dm(person.id)
    channel = known_channel(core, name_or_id)
    if channel.archived:
        raise SlackError("is_archived")
    open_to_all = core.scopes is not None and "chat:write.public" in core.scopes
    if not channel.bot and not open_to_all:
        raise SlackError("not_in_channel")
    return channel


def own_message(core: Core, channel: Channel, ts: str, refusal: str) -> Message:
    """Find a message of the app's own; ephemeral ones are out of reach of the Web API.

    Raises SlackError `message_not_found`, or `refusal` for somebody else's.
    """
    message = core.workspace.message_at(channel.id, ts)
    if message is None or message.ephemeral:
        raise SlackError("message_not_found")
    if not message.by_app:
        raise SlackError(refusal)
    return message


def thread_parent(core: Core, channel: Channel, thread_ts: str | None) -> str | None:
    """Return the timestamp of a thread's first message, given any of its messages'.

    Real Slack accepts the timestamp of a message that is gone; here it is `thread_not_found`, since a reply that
    nobody sees is a fault of the app. Raises also `cannot_reply_to_message` for ephemeral ones.
    """
    if thread_ts is None:
        return None
    message = core.workspace.message_at(channel.id, thread_ts)
    if message is None:
        raise SlackError("thread_not_found")
    if message.ephemeral:
        raise SlackError("cannot_reply_to_message")
    return message.thread_ts or message.ts
