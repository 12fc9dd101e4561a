"""Where in Slack's payloads of clicks the things are that every listener needs."""

from typing import Any

from bot.domain.workspace import Workspace

Body = dict[str, Any]


def team_of(body: Body) -> str:
    """Give the workspace of whoever clicked."""
    # In an org-wide install "team" is null where a person of another workspace acts; the user carries the id then.
    return str((body.get("team") or {}).get("id") or body["user"].get("team_id", ""))


def workspace_of(body: Body) -> Workspace:
    """Give the workspace of whoever clicked or submitted a form, with its organisation.

    In a channel that is shared with another company, Slack sends clicks of its people under our workspace, with
    theirs beside the person's id: they are of theirs. Within an organisation a person has one id in all workspaces, so
    that they count as of the one where the app is.
    """
    team = body.get("team") or {}
    enterprise = str((body.get("enterprise") or {}).get("id") or team.get("enterprise_id") or "")
    own = str(body["user"].get("team_id") or "")
    return Workspace(team_of(body) if enterprise or not own else own, enterprise)


def workspace_of_event(body: Body) -> Workspace:
    """Give the workspace in which something has happened."""
    # In a shared channel the outer ids can be those of the other side; the authorization is ours.
    ours = next(iter(body.get("authorizations") or ()), body)
    team = ours.get("team_id") or body.get("team_id") or ""
    return Workspace(str(team), str(ours.get("enterprise_id") or body.get("enterprise_id") or ""))


def channel_of(body: Body) -> str:
    """Give the channel of the message clicked on; empty where there is none."""
    channel = body.get("channel") or {}
    return str(channel.get("id") or (body.get("container") or {}).get("channel_id", ""))


def at_home(body: Body) -> bool:
    """Whether the click was in the app's Home tab."""
    return bool((body.get("view") or {}).get("type") == "home")


def is_private(body: Body) -> bool:
    """Whether only one person sees the message clicked on: it has no thread, and nothing can be put beside it."""
    return bool((body.get("container") or {}).get("is_ephemeral"))


def message_of(body: Body) -> str:
    """Give the timestamp of the message clicked on; empty where there is none."""
    return str((body.get("container") or {}).get("message_ts", ""))


def filled_in(view: Body) -> dict[str, str]:
    """Give what is filled in in a form, by action id; what is not filled in as an empty text."""
    values = {}
    for block in ((view.get("state") or {}).get("values") or {}).values():
        for action_id, entry in block.items():
            options = entry.get("selected_options") or [entry.get("selected_option") or {}]
            values[action_id] = str(entry.get("value") or options[0].get("value") or "")
    return values
