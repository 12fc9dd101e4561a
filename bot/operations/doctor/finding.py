"""What the doctor says: one finding a check, and what to do where something is wrong."""

import enum
from dataclasses import dataclass


class Level(enum.StrEnum):
    """How it is. Only a fault keeps the app, or an important part of it, from working."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


class Check(enum.StrEnum):
    """What is looked at. ``docs/operations.md`` explains each; a test holds the two together."""

    SETTINGS = "settings"
    MODE = "mode"
    SIGNING_SECRET = "signing-secret"  # noqa: S105 - the name of a check
    SLACK_TOKEN = "slack-token"  # noqa: S105 - likewise
    SLACK_SCOPES = "slack-scopes"
    APP_TOKEN = "app-token"  # noqa: S105 - likewise
    APPROVERS = "approvers"
    SIGN_IN = "registry-sign-in"
    LIST = "registry-list"
    READ = "registry-read"
    DELETE = "registry-delete"
    CLOCK = "clock"
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of a check. ``about`` says of what, where there may be several; ``remedy`` is what to do."""

    check: Check
    level: Level
    found: str
    remedy: str = ""
    about: str = ""


def ok(check: Check, found: str, *, about: str = "") -> Finding:
    """Say that all is well."""
    return Finding(check, Level.OK, found, about=about)


def warning(check: Check, found: str, remedy: str, *, about: str = "") -> Finding:
    """Say that something works less well than it could, or can't be looked at."""
    return Finding(check, Level.WARNING, found, remedy, about)


def fault(check: Check, found: str, remedy: str, *, about: str = "") -> Finding:
    """Say that something does not work."""
    return Finding(check, Level.FAULT, found, remedy, about)
