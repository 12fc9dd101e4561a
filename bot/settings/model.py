"""What can be set. Each field says in its description what it expects, and has an example that works as it stands.

``docs/configuration.md`` explains the same settings to people; a test holds the two together.
"""

from datetime import time, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from bot.clocks import parse_time, parse_weekday, parse_zone
from bot.settings import values
from bot.settings.approvals import ApprovalSettings, check_approvals
from bot.settings.rules import RuleSettings, check_rules
from bot.settings.section import Section
from bot.settings.teams import TeamSettings, check_teams
from bot.settings.workspaces import WorkspaceSettings, check_workspaces

Duration = Annotated[timedelta, BeforeValidator(values.duration)]
PositiveDuration = Annotated[timedelta, BeforeValidator(values.positive_duration)]
Day = Annotated[int, BeforeValidator(lambda value: parse_weekday(value) if isinstance(value, str) else value)]
Clock = Annotated[time, BeforeValidator(lambda value: parse_time(value) if isinstance(value, str) else value)]
Pattern = Annotated[str, AfterValidator(values.pattern)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(values.listed)]


def _secret(check: Any) -> BeforeValidator:
    """Check a secret's form where one is given: the empty default stands for none."""
    return BeforeValidator(lambda value: check(value) if isinstance(value, str) and value else value)


class RegistrySettings(Section):
    """One registry. ``endpoint`` is ``https://host[:port]``; ``name`` is how people name it in Slack."""

    endpoint: Annotated[str, AfterValidator(values.endpoint)] = Field(
        description="the login server of a registry or its https:// URL; plain http:// only on loopback",
        examples=["https://myregistry.azurecr.io"],
    )
    name: Annotated[str, AfterValidator(values.typed_name)] = Field(
        default="",
        description="up to 64 letters, digits, dots, dashes and underscores",
        examples=["myregistry"],
    )
    ca_bundle: Annotated[Path, AfterValidator(values.ca_bundle)] | None = Field(
        default=None,
        description="a PEM file with the certificates of a private authority",
        examples=["/etc/ssl/certs/ca-certificates.crt"],
    )

    @model_validator(mode="before")
    @classmethod
    def _from_address(cls, value: Any) -> Any:
        return {"endpoint": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _named_by_its_host(self) -> "RegistrySettings":
        if not self.name:
            object.__setattr__(self, "name", values.default_name(self.endpoint))
        return self

    @property
    def login_server(self) -> str:
        """``myregistry.azurecr.io``, with the port where it is not the usual one."""
        return values.login_server(self.endpoint)


class SelectionSettings(Section):
    """What is never proposed, whatever anybody asks for, and what lists call stale. The patterns are globs."""

    grace: Duration = Field(
        default=timedelta(hours=24),
        description="a length of time such as 30d, 36h or 1d12h; 0 switches it off",
        examples=["24h"],
    )
    stale_after: Duration = Field(
        default=timedelta(days=30),
        description="a length of time such as 30d, 36h or 1d12h; 0 calls everything stale that could go",
        examples=["30d"],
    )
    keep_tags: Patterns = Field(
        default=("latest",), description="a list of globs over tags", examples=["latest", "release-*"]
    )
    keep_repositories: Patterns = Field(
        default=(), description="a list of globs over repositories", examples=["base/*"]
    )
    keep_last_tagged: bool = Field(default=True, description="true or false", examples=["true"])


class QuietSettings(Section):
    """Hours in which nothing is deleted. Without days there are none. ``days``: 0 is Monday."""

    days: Annotated[tuple[Day, ...], BeforeValidator(values.listed)] = Field(
        default=(), description="a list of days: mon, tue, wed, thu, fri, sat, sun", examples=["mon", "fri"]
    )
    start: Clock = Field(default=time(18), description="a time of 24 hours", examples=['"18:00"'])
    end: Clock = Field(default=time(8), description="a time of 24 hours", examples=['"08:00"'])
    zone: Annotated[str, AfterValidator(parse_zone)] = Field(
        default="UTC", description="the name of a time zone, such as Europe/Amsterdam", examples=["Europe/Amsterdam"]
    )


class LimitSettings(Section):
    """How much at a time. ACR's own tools stop at 32 calls at once."""

    items_per_proposal: int = Field(
        default=10_000, ge=1, le=100_000, description="a whole number from 1 to 100000", examples=["10000"]
    )
    quiet_hours: QuietSettings = QuietSettings()
    tagged_share: int = Field(
        default=50, ge=0, le=100, description="a whole number of percent from 0 to 100", examples=["50"]
    )
    concurrency: int = Field(default=32, ge=1, le=32, description="a whole number from 1 to 32", examples=["16"])


class SlackSettings(Section):
    """The workspace. An empty secret is one that is not set."""

    bot_token: Annotated[SecretStr, _secret(partial(values.secret, prefix="xoxb-"))] = Field(
        default=SecretStr(""),
        description="the bot user's OAuth token of the installed app",
        examples=["xoxb-…"],
    )
    signing_secret: Annotated[SecretStr, _secret(values.secret)] = Field(
        default=SecretStr(""),
        description="the signing secret of the app's Basic Information page",
        examples=["8f742231b10e8888abcd99yyyzzz85a5"],
    )
    app_token: Annotated[SecretStr, _secret(partial(values.secret, prefix="xapp-"))] = Field(
        default=SecretStr(""),
        description="an app-level token with connections:write",
        examples=["xapp-…"],
    )
    client_id: str = Field(
        default="",
        description="the client id of the app's Basic Information page",
        examples=["1234567890.9876543210"],
    )
    client_secret: Annotated[SecretStr, _secret(values.secret)] = Field(
        default=SecretStr(""),
        description="the client secret of the app's Basic Information page",
        examples=["5b1f0c2f7d2b4a1f9c3e8d7a6b5c4d3e"],
    )
    redirect_url: Annotated[str, AfterValidator(lambda value: value and values.web_address(value).rstrip("/"))] = Field(
        default="",
        description="the address of /slack/oauth_redirect, as the app's page OAuth & Permissions has it",
        examples=["https://acr-janitor.example.com/slack/oauth_redirect"],
    )
    api_url: Annotated[str, AfterValidator(values.web_address)] = Field(
        default="https://slack.com/api/",
        description="the base URL of Slack's Web API; plain http:// only on loopback",
        examples=["https://slack.com/api/"],
    )

    @property
    def by_oauth(self) -> bool:
        """Whether workspaces install the app by themselves; else it has the token of one."""
        return bool(self.client_id)

    @property
    def mode(self) -> Literal["socket", "http"]:
        """Socket Mode where an app token is set, HTTP mode otherwise."""
        return "socket" if self.app_token else "http"


class DatabaseSettings(Section):
    """Where the state lives. The URL may hold a password."""

    url: Annotated[SecretStr, _secret(values.database_url)] = Field(
        default=SecretStr("sqlite+aiosqlite:///var/acr-janitor.db"),
        description="sqlite:///file (sqlite:////absolute/file) or postgresql://user@host/name",
        examples=["sqlite:///var/acr-janitor.db"],
    )


class ListenSettings(Section):
    """Where the app listens: for Slack in HTTP mode, and for health checks in both modes."""

    host: Annotated[str, AfterValidator(values.bind_host)] = Field(
        default="0.0.0.0",  # noqa: S104 - a container is reached from outside of it
        description="an IP address or a host name of this machine",
        examples=["127.0.0.1"],
    )
    port: int = Field(
        default=3000,
        ge=0,
        le=65_535,
        description="a whole number from 0 to 65535; with 0 the system picks one",
        examples=["3000"],
    )


def _one_of(*options: str) -> BeforeValidator:
    """Take one of the words in any case; what is none of them is left for the fault."""

    def read(value: Any) -> Any:
        return next(
            (word for word in options if isinstance(value, str) and value.strip().lower() == word.lower()), value
        )

    return BeforeValidator(read)


class LogSettings(Section):
    """What is logged, and in which form."""

    level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], _one_of("DEBUG", "INFO", "WARNING", "ERROR")] = (
        Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR", examples=["INFO"])
    )
    format: Annotated[Literal["json", "console"], _one_of("json", "console")] = Field(
        default="json", description="json or console", examples=["console"]
    )


def _distinct(registries: tuple[RegistrySettings, ...]) -> tuple[RegistrySettings, ...]:
    if not registries:
        raise ValueError("No registry is named.")
    for kind in ("name", "login_server"):
        known = set()
        for registry in registries:
            value = getattr(registry, kind).lower()
            if value in known:
                raise ValueError(f"Two registries have the {kind.replace('_', ' ')} {value}.")
            known.add(value)
    return registries


class Settings(Section):
    """Every setting, validated. The first registry is the default one."""

    registries: Annotated[tuple[RegistrySettings, ...], BeforeValidator(values.listed), AfterValidator(_distinct)] = (
        Field(
            description="login servers or https:// URLs of registries, each once, the first is the default",
            examples=["myregistry.azurecr.io"],
        )
    )
    approvals: Annotated[ApprovalSettings, AfterValidator(check_approvals)] = ApprovalSettings()
    selection: SelectionSettings = SelectionSettings()
    limits: LimitSettings = LimitSettings()
    rules: Annotated[tuple[RuleSettings, ...], AfterValidator(check_rules)] = Field(
        default=(),
        description="a list of standing rules, each with a name, repositories, and what could go from them",
        examples=['{name: ci-images, repositories: ["ci/*"], older_than: 14d}'],
    )
    slack: SlackSettings = SlackSettings()
    database: DatabaseSettings = DatabaseSettings()
    listen: ListenSettings = ListenSettings()
    log: LogSettings = LogSettings()
    workspaces: Annotated[tuple[WorkspaceSettings, ...], AfterValidator(check_workspaces)] = Field(
        default=(),
        description="a list of workspaces, each with its id and its approvers",
        examples=["{id: T0123ABCD, approvers: [U0123ABCD]}"],
    )
    teams: Annotated[tuple[TeamSettings, ...], AfterValidator(check_teams)] = Field(
        default=(),
        description="a list of teams",
        examples=["{name: payments, channel: C0123ABCD, repositories: [payments/*]}"],
    )

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL with an asyncio driver. It may hold a password: don't show it."""
        return self.database.url.get_secret_value()

    @property
    def secrets(self) -> tuple[str, ...]:
        """All that must never be shown, for a ``Redactor``."""
        slack = (self.slack.bot_token, self.slack.signing_secret, self.slack.app_token, self.slack.client_secret)
        try:
            password = urlsplit(self.database_url).password or ""
        except ValueError:
            password = ""
        found = (*(secret.get_secret_value() for secret in slack), password, unquote(password))
        return tuple(secret for secret in found if secret)
