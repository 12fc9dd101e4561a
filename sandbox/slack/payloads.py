"""The payloads that Slack sends to an app."""

from collections.abc import Mapping
from typing import Any

from sandbox.slack.api.shapes import message_json, view_json
from sandbox.slack.core import Core
from sandbox.slack.elements import Found, Values, action
from sandbox.slack.model import Channel, Json, Message, View

VERIFICATION_TOKEN = "legacy-verification-token"


def slash_command(
    core: Core, *, user: str, channel: Channel, command: str, text: str, trigger_id: str, response_url: str
) -> Json:
    """Build the form fields of a slash command. All values are text, as in a form."""
    workspace = core.workspace
    fields = {
        "token": VERIFICATION_TOKEN,
        "team_id": workspace.team_id,
        "team_domain": workspace.domain,
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": user,
        "user_name": workspace.people[user].name,
        "command": command,
        "text": text,
        "api_app_id": workspace.app.id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }
    if workspace.enterprise_id:
        fields |= {"enterprise_id": workspace.enterprise_id, "enterprise_name": workspace.name}
    return fields


def block_actions(
    core: Core,
    *,
    user: str,
    surface: Message | View,
    found: Found,
    chosen: Mapping[str, Any] | None,
    state: Values,
    trigger_id: str,
    response_url: str | None,
) -> Json:
    """Build the payload of a click or a choice."""
    payload = _interaction(core, "block_actions", user) | _where(core, surface)
    payload["trigger_id"] = trigger_id
    if response_url is not None:
        payload["response_url"] = response_url
    if isinstance(surface, View):
        payload["view"] = view_json(core, surface) | {"state": {"values": state}}
    else:
        payload["state"] = {"values": state}
    payload["actions"] = [action(found, dict(chosen) if chosen else None, core.workspace.new_ts())]
    return payload


def view_submission(core: Core, *, user: str, view: View, state: Values, trigger_id: str) -> Json:
    """Build the payload of a modal's submission."""
    return _interaction(core, "view_submission", user) | {
        "trigger_id": trigger_id,
        "view": view_json(core, view) | {"state": {"values": state}},
        "response_urls": [],
    }


def view_closed(core: Core, *, user: str, view: View, cleared: bool) -> Json:
    """Build the payload of a modal's closing."""
    return _interaction(core, "view_closed", user) | {"view": view_json(core, view), "is_cleared": cleared}


def block_suggestion(core: Core, *, user: str, surface: Message | View, found: Found, typed: str) -> Json:
    """Build the payload that asks for the options of an external select."""
    return (
        _interaction(core, "block_suggestion", user)
        | _where(core, surface)
        | {
            "action_id": found.action_id,
            "block_id": found.block_id,
            "value": typed,
        }
    )


def event_callback(core: Core, event: Json) -> Json:
    """Wrap an event for the Events API."""
    workspace = core.workspace
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": workspace.team_id,
        "enterprise_id": workspace.enterprise_id,
        "api_app_id": workspace.app.id,
        "event": event,
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(core.clock()),
        "authorizations": [
            {
                "enterprise_id": workspace.enterprise_id,
                "team_id": workspace.team_id,
                "user_id": core.bot,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
    }


def app_home_opened(core: Core, user: str) -> Json:
    """Build the event of somebody opening the app's Home tab."""
    event: Json = {
        "type": "app_home_opened",
        "user": user,
        "channel": core.workspace.dm(user).id,
        "event_ts": core.workspace.new_ts(),
        "tab": "home",
    }
    home = core.workspace.homes.get(user)
    if home is not None:
        event["view"] = view_json(core, home)
    return event


def _interaction(core: Core, kind: str, user: str) -> Json:
    workspace = core.workspace
    person = workspace.people[user]
    enterprise = {"id": workspace.enterprise_id, "name": workspace.name} if workspace.enterprise_id else None
    return {
        "type": kind,
        "team": {"id": workspace.team_id, "domain": workspace.domain},
        "user": {"id": user, "username": person.name, "name": person.name, "team_id": workspace.team_id},
        "api_app_id": workspace.app.id,
        "token": VERIFICATION_TOKEN,
        "enterprise": enterprise,
        "is_enterprise_install": False,
    }


def _where(core: Core, surface: Message | View) -> Json:
    if isinstance(surface, View):
        return {"container": {"type": "view", "view_id": surface.id}, "view": view_json(core, surface)}
    channel = core.workspace.channels[surface.channel]
    container: Json = {
        "type": "message",
        "message_ts": surface.ts,
        "channel_id": surface.channel,
        "is_ephemeral": surface.ephemeral,
    }
    if surface.thread_ts:
        container["thread_ts"] = surface.thread_ts
    where: Json = {"container": container, "channel": {"id": channel.id, "name": _channel_name(channel)}}
    if not surface.ephemeral:  # Slack doesn't keep ephemeral messages, so it can't send one along
        where["message"] = message_json(core, surface)
    return where


def _channel_name(channel: Channel) -> str:
    if channel.im_user is not None:
        return "directmessage"
    return "privategroup" if channel.private else channel.name
