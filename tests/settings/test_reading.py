"""The settings: what is read, from where, and as what."""

from datetime import time, timedelta
from pathlib import Path

import pytest
import trustme

from bot.settings import RegistrySettings
from tests.settings.conftest import BOT_TOKEN, SIGNING_SECRET, Load


def test_three_variables_are_enough(load: Load) -> None:
    """With a token, a signing secret and a registry all else has its default."""
    loaded = load()

    assert [(registry.name, registry.endpoint, registry.login_server) for registry in loaded.registries] == [
        ("myregistry", "https://myregistry.azurecr.io", "myregistry.azurecr.io")
    ]
    assert loaded.slack.mode == "http"
    assert loaded.slack.api_url == "https://slack.com/api/"
    assert (loaded.listen.host, loaded.listen.port) == ("0.0.0.0", 3000)
    assert loaded.database_url == "sqlite+aiosqlite:///var/acr-janitor.db"
    assert loaded.approvals.approvers == ()
    assert loaded.approvals.allow_self_approval is False
    assert loaded.approvals.expires_after == timedelta(hours=72)
    assert loaded.selection.grace == timedelta(hours=24)
    assert (loaded.limits.items_per_proposal, loaded.limits.concurrency) == (10_000, 32)
    assert (loaded.log.level, loaded.log.format) == ("INFO", "json")


def test_the_environment_says_it_all(load: Load) -> None:
    """Each variable reaches its setting."""
    loaded = load(
        SLACK_APP_TOKEN="xapp-1-A1-2-f00",
        SLACK_API_URL="http://127.0.0.1:8080/api",
        HOST="127.0.0.1",
        PORT="0",
        DATABASE_URL="postgres://janitor:pass@db/janitor",
        ACR_REGISTRIES="one.azurecr.io, https://two.azurecr.io/,127.0.0.1:5000",
        ACR_APPROVERS="U0123, W0456,S0789,U0123",
        ACR_GRACE="0",
        LOG_LEVEL="debug",
        LOG_FORMAT="Console",
    )

    assert loaded.slack.mode == "socket"
    assert loaded.slack.app_token.get_secret_value() == "xapp-1-A1-2-f00"
    assert loaded.slack.api_url == "http://127.0.0.1:8080/api/"
    assert (loaded.listen.host, loaded.listen.port) == ("127.0.0.1", 0)
    assert loaded.database_url == "postgresql+psycopg://janitor:pass@db/janitor"
    assert [registry.name for registry in loaded.registries] == ["one", "two", "127.0.0.1:5000"]
    assert loaded.approvals.approvers == ("U0123", "W0456", "S0789")
    assert loaded.selection.grace == timedelta()
    assert (loaded.log.level, loaded.log.format) == ("DEBUG", "console")


def test_the_file_says_the_same_and_more(load: Load, tmp_path: Path) -> None:
    """Every key of the file reaches its setting."""
    bundle = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(bundle))
    loaded = load(
        f"""
registries:
  - {{name: main, endpoint: https://MyRegistry.azurecr.io:443/, ca_bundle: {bundle}}}
  - endpoint: registry.corp.example:5443
approvals:
  approvers: [U0123, S0456]
  allow_self_approval: yes
  expires_after: 1d 12h
selection:
  grace: 90m
  keep_tags: [1.10, "v*"]
  keep_repositories: base/*
limits: {{items_per_proposal: 500, concurrency: 8}}
rules:
  - {{name: ci-images, repositories: ["ci/*"], older_than: 14d, tags: "pr-.*", keep: 3}}
  - name: Loose
    repositories: web/app, api
    registry: MAIN
    untagged: yes
slack: {{app_token: xapp-1}}
database: {{url: "sqlite:////var/lib/janitor.db"}}
listen: {{host: "::1", port: 8443}}
log: {{level: WARNING, format: console}}
""",
        ACR_REGISTRIES="",
    )

    first, second = loaded.registries
    assert (first.name, first.endpoint, first.ca_bundle) == ("main", "https://myregistry.azurecr.io", bundle)
    assert (second.name, second.login_server) == ("registry", "registry.corp.example:5443")
    assert loaded.approvals.approvers == ("U0123", "S0456")
    assert loaded.approvals.allow_self_approval is True
    assert loaded.approvals.expires_after == timedelta(hours=36)
    assert loaded.selection.grace == timedelta(minutes=90)
    assert loaded.selection.keep_tags == ("1.10", "v*"), "a tag that looks like a number stays what it is"
    assert loaded.selection.keep_repositories == ("base/*",)
    assert (loaded.limits.items_per_proposal, loaded.limits.concurrency) == (500, 8)
    ci, loose = loaded.rules
    assert (ci.name, ci.repositories, ci.registry) == ("ci-images", ("ci/*",), "")
    assert (ci.older_than, ci.tags, ci.untagged, ci.keep) == (timedelta(days=14), "pr-.*", False, 3)
    assert (loose.name, loose.repositories, loose.registry) == ("Loose", ("web/app", "api"), "MAIN")
    assert (loose.older_than, loose.tags, loose.untagged, loose.keep) == (None, "", True, 0)
    assert loaded.slack.mode == "socket"
    assert loaded.database_url == "sqlite+aiosqlite:////var/lib/janitor.db"
    assert (loaded.listen.host, loaded.listen.port) == ("::1", 8443)
    assert (loaded.log.level, loaded.log.format) == ("WARNING", "console")


def test_the_environment_outranks_the_file(load: Load) -> None:
    """A variable replaces the file's value and leaves its neighbours alone."""
    file = """
registries: [other.azurecr.io, third.azurecr.io]
selection: {grace: 7d, keep_tags: [stable]}
"""
    loaded = load(file, ACR_GRACE="1h")

    assert [registry.name for registry in loaded.registries] == ["myregistry"]
    assert loaded.selection.grace == timedelta(hours=1)
    assert loaded.selection.keep_tags == ("stable",)


def test_a_fault_of_the_file_that_is_outranked_does_not_count(load: Load) -> None:
    """What a variable replaces is not validated."""
    assert load("registries: [':::']\n").registries[0].name == "myregistry"


@pytest.mark.parametrize("file", ["# nothing\n", "selection:\n", "selection:\n  grace: ~\n", "---\n{}\n"])
def test_a_key_without_a_value_is_not_set(load: Load, file: str) -> None:
    """A section whose lines are all commented out leaves the defaults."""
    assert load(file).selection.grace == timedelta(hours=24)


def test_settings_are_frozen(load: Load) -> None:
    """Nobody changes a setting while the app runs."""
    with pytest.raises(ValueError, match="frozen"):
        load().selection.grace = timedelta()  # type: ignore[misc]


def test_no_secret_shows(load: Load) -> None:
    """Neither repr nor str of the settings shows a token or the database's password."""
    loaded = load(SLACK_APP_TOKEN="xapp-1-secret", DATABASE_URL="postgresql://u:p%40ssword@h/d")

    for text in (repr(loaded), str(loaded), repr(loaded.slack), str(loaded.database)):
        for secret in (BOT_TOKEN, SIGNING_SECRET, "xapp-1-secret", "p%40ssword"):
            assert secret not in text
    assert set(loaded.secrets) == {BOT_TOKEN, SIGNING_SECRET, "xapp-1-secret", "p%40ssword", "p@ssword"}


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("sqlite:///var/x.db", "sqlite+aiosqlite:///var/x.db"),
        ("sqlite+aiosqlite:////abs/x.db", "sqlite+aiosqlite:////abs/x.db"),
        ("postgresql://u@h:5432/d?sslmode=require", "postgresql+psycopg://u@h:5432/d?sslmode=require"),
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql+psycopg:///d?host=/run/postgresql", "postgresql+psycopg:///d?host=/run/postgresql"),
    ],
)
def test_database_urls(load: Load, url: str, normal: str) -> None:
    """A database URL gets the driver that the app uses, whether it names it or not."""
    assert load(DATABASE_URL=url).database_url == normal


@pytest.mark.parametrize(
    ("address", "endpoint", "name"),
    [
        ("MyRegistry.azurecr.io", "https://myregistry.azurecr.io", "myregistry"),
        ("https://myregistry.azurecr.io/", "https://myregistry.azurecr.io", "myregistry"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000", "127.0.0.1:5000"),
        ("127.0.0.1:5000", "https://127.0.0.1:5000", "127.0.0.1:5000"),
        ("http://localhost:80", "http://localhost", "localhost"),
        ("http://[::1]:5000", "http://[::1]:5000", "[::1]:5000"),
        ("https://registry:5000", "https://registry:5000", "registry:5000"),
    ],
)
def test_registry_addresses(load: Load, address: str, endpoint: str, name: str) -> None:
    """A login server and a URL mean the same, and the name is the host's first label."""
    registry = load(ACR_REGISTRIES=address).registries[0]

    assert (registry.endpoint, registry.name) == (endpoint, name)


def test_a_registry_can_be_made_in_code() -> None:
    """What tests and the demo build by hand has the same shape as what is read."""
    registry = RegistrySettings(endpoint="http://127.0.0.1:5000", name="demo")

    assert (registry.name, registry.login_server, registry.ca_bundle) == ("demo", "127.0.0.1:5000", None)


def test_socket_mode_needs_no_signing_secret(load: Load) -> None:
    """Over the socket nothing is signed."""
    assert load(SLACK_SIGNING_SECRET="", SLACK_APP_TOKEN="xapp-1-a").slack.mode == "socket"


def test_commands_without_slack_need_no_tokens(load: Load) -> None:
    """A scan from the command line runs with a registry alone."""
    loaded = load(require_slack=False, SLACK_BOT_TOKEN="", SLACK_SIGNING_SECRET="")

    assert not loaded.slack.bot_token


def test_teams_are_read(load: Load, tmp_path: Path) -> None:
    """A team has its globs, its channel, its approvers and its own time of the week; the rest has a default."""
    path = tmp_path / "janitor.yml"
    path.write_text(
        """
        teams:
          - name: payments
            channel: C0123
            repositories: ["payments/*", tools]
            registries: [MyRegistry]
            approvers: [S0789]
            report: {day: Friday, at: 16:30, zone: Europe/Amsterdam}
          - {name: web, channel: C0456, repositories: "web/*"}
        """
    )
    payments, web = load(ACR_JANITOR_CONFIG=str(path)).teams

    assert (payments.name, payments.channel, payments.approvers) == ("payments", "C0123", ("S0789",))
    assert (payments.repositories, payments.registries) == (("payments/*", "tools"), ("MyRegistry",))
    assert (payments.report.day, payments.report.at, payments.report.zone) == (4, time(16, 30), "Europe/Amsterdam")
    assert (web.repositories, web.registries, web.approvers) == (("web/*",), (), ())
    assert (web.report.day, web.report.at, web.report.zone) == (0, time(9), "UTC")
