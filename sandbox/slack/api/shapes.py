"""The JSON shapes in which Slack shows what it holds."""

from sandbox.slack.core import Core
from sandbox.slack.model import Channel, File, Json, Message, Person, UserGroup, View


def message_json(core: Core, message: Message) -> Json:
    """Show a message as `chat.*` answers and interaction payloads do."""
    app = core.workspace.app
    shape: Json = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
    if message.by_app:
        shape |= {"bot_id": app.bot_id, "app_id": app.id}
    shape["team"] = core.workspace.team_id
    if message.blocks:
        shape["blocks"] = message.blocks
    if message.attachments:
        shape["attachments"] = message.attachments
    if message.thread_ts:
        shape["thread_ts"] = message.thread_ts
    if message.metadata:
        shape["metadata"] = message.metadata
    if message.edited:
        shape["edited"] = {"user": message.user, "ts": message.edited}
    if message.files:
        shape["files"] = [file_json(core, file) for file in message.files]
    if message.reactions:
        shape["reactions"] = [
            {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()
        ]
    return shape


def person_json(core: Core, person: Person) -> Json:
    """Show a person as `users.info` does. The e-mail address is there with scope `users:read.email` only."""
    profile: Json = {"real_name": person.real_name, "display_name": person.name, "title": person.title}
    if person.email and core.has_scope("users:read.email"):
        profile["email"] = person.email
    return {
        "id": person.id,
        "team_id": core.workspace.team_id,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": person.deleted,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "tz": person.tz,
        "profile": profile,
    }


def group_json(core: Core, group: UserGroup, *, with_users: bool) -> Json:
    """Show a user group as `usergroups.list` does."""
    shape: Json = {
        "id": group.id,
        "team_id": core.workspace.team_id,
        "is_usergroup": True,
        "name": group.name or group.handle,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_delete": 1 if group.disabled else 0,
        "user_count": len(group.users),
    }
    if with_users:
        shape["users"] = list(group.users)
    return shape


def channel_json(channel: Channel) -> Json:
    """Show a channel as `conversations.info` does."""
    if channel.im_user is not None:
        return {"id": channel.id, "is_im": True, "user": channel.im_user, "is_archived": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": not channel.private,
        "is_group": channel.private,
        "is_im": False,
        "is_private": channel.private,
        "is_archived": channel.archived,
        "is_member": channel.bot,
        "purpose": {"value": channel.purpose, "creator": "", "last_set": 0},
        "num_members": len(channel.members) + channel.bot,
    }


def file_json(core: Core, file: File) -> Json:
    """Show a file as it appears in messages."""
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.name.rsplit(".", 1)[-1],
        "size": file.size,
        "user": file.user,
        "created": int(file.created),
        "url_private": core.file_url(file),
        "url_private_download": core.file_url(file),
    }


def view_json(core: Core, view: View) -> Json:
    """Show a view as `views.*` answers and view payloads do."""
    definition = view.definition
    return {
        "id": view.id,
        "team_id": core.workspace.team_id,
        "type": view.type,
        "blocks": view.blocks,
        "private_metadata": view.private_metadata,
        "callback_id": view.callback_id,
        "state": {"values": view.entered},
        "hash": view.hash,
        "title": definition.get("title"),
        "clear_on_close": bool(definition.get("clear_on_close", False)),
        "notify_on_close": bool(definition.get("notify_on_close", False)),
        "close": definition.get("close"),
        "submit": definition.get("submit"),
        "previous_view_id": view.previous_id,
        "root_view_id": view.root_id,
        "app_id": core.workspace.app.id,
        "external_id": definition.get("external_id", ""),
        "app_installed_team_id": core.workspace.team_id,
        "bot_id": core.workspace.app.bot_id,
    }
