"""Where in Slack's payloads of clicks the things are that every listener needs."""

from typing import Any

Body = dict[str, Any]


def team_of(body: Body) -> str:
    """Give the workspace of whoever clicked."""
    # In an org-wide install "team" is null where a person of another workspace acts; the user carries the id then.
    return str((body.get("team") or {}).get("id") or body["user"].get("team_id", ""))


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
