"""The Slack app's manifest: within Slack's limits, with the least scopes, and both modes a paste away."""

import re
from typing import Any

import pytest
import yaml

from tests.project.conftest import ROOT

TEXT = (ROOT / "manifest.yml").read_text(encoding="utf-8")


@pytest.fixture
def manifest() -> Any:
    """Read the manifest as Slack does."""
    return yaml.safe_load(TEXT)


@pytest.fixture
def http_manifest() -> Any:
    """Make the changes that the manifest's head describes for HTTP mode."""
    changed = re.sub(r"# HTTP mode: (?=\w+: https)", "", TEXT)
    return yaml.safe_load(changed.replace("socket_mode_enabled: true", "socket_mode_enabled: false"))


def test_the_texts_fit(manifest: Any) -> None:
    """Slack refuses a manifest with a longer name or text (its published manifest schema, version 2)."""
    shown = manifest["display_information"]
    bot = manifest["features"]["bot_user"]["display_name"]

    assert manifest["_metadata"] == {"major_version": 2}
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
    assert re.fullmatch(r"#[0-9a-f]{6}", shown["background_color"])
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", bot)


def test_only_known_sections(manifest: Any) -> None:
    """Slack refuses keys that it does not know."""
    assert set(manifest) == {"_metadata", "display_information", "features", "oauth_config", "settings"}
    assert set(manifest["features"]) <= {"app_home", "bot_user", "slash_commands", "shortcuts"}
    assert set(manifest["settings"]) <= {
        "event_subscriptions",
        "interactivity",
        "org_deploy_enabled",
        "socket_mode_enabled",
        "token_rotation_enabled",
    }


def test_the_command(manifest: Any) -> None:
    """One command, whose text arrives as it was typed."""
    (command,) = manifest["features"]["slash_commands"]

    assert command["command"] == "/acr"
    assert len(command["description"]) <= 2000
    assert 0 < len(command["usage_hint"]) <= 1000
    assert command["should_escape"] is False


def test_the_scopes_are_the_least(manifest: Any) -> None:
    """Exactly what the app uses, each with a comment that says for what."""
    scopes = manifest["oauth_config"]["scopes"]

    assert scopes == {
        "bot": [
            "commands",
            "chat:write",
            "files:write",
            "im:write",
            "usergroups:read",
            "channels:history",
            "groups:history",
            "users:read",
        ]
    }
    for scope in scopes["bot"]:
        assert re.search(rf"- {scope} # \S+", TEXT)


def test_the_home_tab_is_switched_on(manifest: Any) -> None:
    """Slack shows a Home tab, and tells the app when somebody opens it: without the event it would stay empty."""
    assert manifest["features"]["app_home"]["home_tab_enabled"] is True
    assert manifest["settings"]["event_subscriptions"]["bot_events"][0] == "app_home_opened"


def test_socket_mode_as_pasted(manifest: Any) -> None:
    """As it is, the manifest needs no address: Slack takes none in Socket Mode."""
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["interactivity"] == {"is_enabled": True}
    assert manifest["settings"]["event_subscriptions"] == {
        "bot_events": ["app_home_opened", "app_uninstalled", "tokens_revoked"]
    }
    assert "url" not in manifest["features"]["slash_commands"][0]


def test_http_mode_by_the_marked_lines(http_manifest: Any) -> None:
    """Uncommenting the marked lines and switching Socket Mode off gives the addresses that HTTP mode needs."""
    url = http_manifest["features"]["slash_commands"][0]["url"]

    assert url.startswith("https://")
    assert url.endswith("/slack/events")
    assert http_manifest["settings"]["interactivity"] == {
        "is_enabled": True,
        "request_url": url,
        "message_menu_options_url": url,  # what the form's repository is suggested by
    }
    assert http_manifest["settings"]["event_subscriptions"]["request_url"] == url
    assert http_manifest["settings"]["socket_mode_enabled"] is False
