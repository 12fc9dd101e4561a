"""What the app's manifest says: its scopes, commands and events."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, kw_only=True)
class Command:
    """A slash command as registered."""

    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The parts of an app manifest that change how Slack treats the app.

    `commands` and `bot_events` are None where nothing limits them, that is without a manifest.
    """

    name: str | None = None
    bot_name: str | None = None
    scopes: frozenset[str] | None = None
    commands: tuple[Command, ...] | None = None
    bot_events: frozenset[str] | None = None
    home_tab: bool = True
    interactivity: bool = True
    raw: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Read `manifest.yml` (or JSON, which is YAML too)."""
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        features = raw.get("features", {})
        settings = raw.get("settings", {})
        return cls(
            name=raw.get("display_information", {}).get("name"),
            bot_name=features.get("bot_user", {}).get("display_name"),
            scopes=frozenset(raw.get("oauth_config", {}).get("scopes", {}).get("bot", ())),
            commands=tuple(
                Command(
                    command=entry["command"],
                    description=entry.get("description", ""),
                    usage_hint=entry.get("usage_hint", ""),
                    should_escape=bool(entry.get("should_escape", False)),
                )
                for entry in features.get("slash_commands", ())
            ),
            bot_events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", ())),
            home_tab=bool(features.get("app_home", {}).get("home_tab_enabled", False)),
            interactivity=bool(settings.get("interactivity", {}).get("is_enabled", False)),
            raw=raw,
        )
