"""What the app asks Slack for. manifest.yml asks for the same; a test holds the two together."""

from collections.abc import Mapping

#: Each scope with what it is for, and whether the main job needs it.
SCOPES: Mapping[str, tuple[str, bool]] = {
    "commands": ("/acr itself", True),
    "chat:write": ("answers and cards", True),
    "usergroups:read": ("who belongs to a user group that may approve", True),
    "files:write": ("the whole list as a CSV file on each card", False),
    "im:write": ("private lists as CSV files", False),
    "channels:history": ("finding its own report after a crash, and channels that it is not in", False),
    "groups:history": ("the same in private channels", False),
    "users:read": ("whether an approver's account is active, and dates in the asker's own time zone", True),
}
