"""All that the page draws for one person, as JSON."""

from sandbox.slack.core import Core
from sandbox.slack.errors import NotPossibleError
from sandbox.slack.model import Channel, Json, Message, Person, View


def state_of(core: Core, user: str) -> Json:
    """Describe the workspace as a person sees it; an empty `user` means the first one there is.

    Raises NotPossibleError for somebody unknown.
    """
    workspace, app = core.workspace, core.workspace.app
    people = [person for person in workspace.people.values() if not person.deleted]
    me = user or next(person.id for person in people if not person.is_bot)
    if me not in workspace.people:
        raise NotPossibleError(f"nobody has the id {user!r}")
    workspace.dm(me)
    channels = list(workspace.channels_of(me))
    home = workspace.homes.get(me)
    return {
        "workspace": {"name": workspace.name},
        "app": {"name": app.name, "id": app.id, "bot_user": app.bot_user_id},
        "commands": [
            {"command": c.command, "description": c.description, "usage_hint": c.usage_hint}
            for c in core.commands or ()
        ],
        "me": me,
        "people": [_person(person) for person in people],
        "groups": [
            {"id": group.id, "handle": group.handle, "name": group.name or group.handle, "users": group.users}
            for group in workspace.groups.values()
        ],
        "channels": [_channel(channel) for channel in channels],
        "messages": {channel.id: _messages(core, me, channel) for channel in channels},
        "views": [_view(view) for view in workspace.modals.get(me, [])],
        "home": _view(home) if home else None,
    }


def _person(person: Person) -> Json:
    return {
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name or person.name,
        "title": person.title,
        "is_bot": person.is_bot,
    }


def _channel(channel: Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "purpose": channel.purpose,
        "is_dm": channel.im_user is not None,
        "archived": channel.archived,
    }


def _messages(core: Core, user: str, channel: Channel) -> list[Json]:
    seen = core.workspace.seen_by(user, channel.id)
    replies: dict[str, int] = {}
    for message in seen:
        if message.thread_ts and message.thread_ts != message.ts:
            replies[message.thread_ts] = replies.get(message.thread_ts, 0) + 1
    # A deleted message leaves a trace only where a thread still hangs on it.
    headless = [m for m in core.workspace.messages.get(channel.id, []) if m.deleted and m.ts in replies]
    shown = sorted([*seen, *headless], key=lambda message: float(message.ts))
    return [_message(message, replies.get(message.ts, 0)) for message in shown]


def _message(message: Message, reply_count: int) -> Json:
    gone = message.deleted
    return {
        "ts": message.ts,
        "user": message.user,
        "bot": message.by_app,
        "text": "" if gone else message.text,
        "blocks": [] if gone else message.blocks,
        "attachments": [] if gone else message.attachments,
        "ephemeral": message.ephemeral,
        "edited": message.edited,
        "deleted": gone,
        "thread_ts": message.thread_ts,
        "reply_count": reply_count,
        "files": []
        if gone
        else [
            {
                "id": file.id,
                "name": file.name,
                "size": file.size,
                "url": f"/_ui/files/{file.id}",
                "mimetype": file.mimetype,
            }
            for file in message.files
        ],
    }


def _view(view: View) -> Json:
    definition = view.definition
    return {
        "id": view.id,
        "type": view.type,
        "title": definition.get("title"),
        "submit": definition.get("submit"),
        "close": definition.get("close"),
        "blocks": view.blocks,
        "callback_id": view.callback_id,
        "private_metadata": view.private_metadata,
        "hash": view.hash,
        "errors": view.errors,
    }
