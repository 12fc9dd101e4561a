"""The settings: read from the environment and a YAML file, validated whole at start, every fault listed at once."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from bot.errors import ConfigurationError
from bot.redaction import Redactor
from bot.settings.approvals import ApprovalSettings, RepositoryApprovals
from bot.settings.faults import describe, missing
from bot.settings.model import (
    DatabaseSettings,
    LimitSettings,
    ListenSettings,
    LogSettings,
    RegistrySettings,
    SelectionSettings,
    Settings,
    SlackSettings,
)
from bot.settings.rules import RuleSettings
from bot.settings.sources import CONFIG_FILE, Layer, Place, from_environment, from_file
from bot.settings.teams import ReportSettings, TeamSettings
from bot.settings.workspaces import WorkspaceSettings, contradictions

__all__ = [
    "ApprovalSettings",
    "DatabaseSettings",
    "LimitSettings",
    "ListenSettings",
    "LogSettings",
    "RegistrySettings",
    "ReportSettings",
    "RepositoryApprovals",
    "RuleSettings",
    "SelectionSettings",
    "Settings",
    "SlackSettings",
    "TeamSettings",
    "WorkspaceSettings",
    "load_settings",
]

_SECRET_PLACES: tuple[Place, ...] = (
    ("slack", "bot_token"),
    ("slack", "signing_secret"),
    ("slack", "app_token"),
    ("slack", "client_secret"),
    ("database", "url"),
)


def load_settings(environ: Mapping[str, str], *, require_slack: bool = True) -> Settings:
    """Read and validate every setting. An environment variable outranks the file that ``ACR_JANITOR_CONFIG`` names.

    ``require_slack=False`` is for commands that never talk to Slack: its tokens may then be missing, not malformed.

    Raises ConfigurationError with all faults that were found; no secret stands in any of them.
    """
    environment = from_environment(environ)
    name = environ.get(CONFIG_FILE, "").strip()
    file = from_file(name) if name else Layer()
    tree = _merged(file.tree, environment.tree)
    origins = {
        place: origin
        for place, origin in file.origins.items()
        # what the environment replaces has its own origin, and so has all that the file says below it
        if not any(place[: len(replaced)] == replaced for replaced in environment.origins)
    } | environment.origins

    faults = [*file.faults]
    settings = None
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        # a missing top-level key is told below, together with why it is needed
        told = [
            fault
            for fault in error.errors(include_url=False)
            if fault["loc"] != ("registries",) or fault["type"] != "missing"
        ]
        hide = Redactor(str(_at(layer.tree, place)) for layer in (file, environment) for place in _SECRET_PLACES)
        faults += [describe(fault, origins, hide) for fault in told]
    faults += _missing(tree, require_slack=require_slack)
    if settings is None or faults:
        raise ConfigurationError([Redactor()(fault) for fault in dict.fromkeys(faults)])
    return settings


def _merged(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    """Lay ``high`` over ``low``, section by section; lists are replaced whole."""
    merged = dict(low)
    for key, value in high.items():
        below = merged.get(key)
        if isinstance(value, dict) and below is not None:
            # a section of the wrong shape stays as it is, so that it is told
            merged[key] = {**below, **value} if isinstance(below, dict) else below
        else:
            merged[key] = value
    return merged


def _missing(tree: Mapping[str, Any], *, require_slack: bool) -> list[str]:
    faults = []
    if _at(tree, ("registries",)) is None:
        faults.append(missing(("registries",), "and there is nothing to clean up without a registry"))
    slack = tree.get("slack", {})
    if require_slack and isinstance(slack, dict):
        by_oauth = slack.get("client_id") or slack.get("client_secret")
        if not slack.get("bot_token") and not by_oauth:
            faults.append(missing(("slack", "bot_token"), "and without it the app can't talk to Slack"))
        if not slack.get("signing_secret") and not slack.get("app_token"):
            faults.append(
                missing(
                    ("slack", "signing_secret"),
                    "and HTTP mode needs it to refuse forged requests (Socket Mode needs SLACK_APP_TOKEN instead)",
                )
            )
        faults += contradictions(tree)
    return faults


def _at(tree: Mapping[str, Any], place: Place) -> Any:
    value: Any = tree
    for key in place:
        value = value.get(key) if isinstance(value, dict) else None
    return value
