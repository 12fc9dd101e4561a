"""What all parts of the stand-in share: the workspace, the app's secrets and permissions, the logs."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol

from sandbox.slack.errors import SlackError
from sandbox.slack.manifest import Command, Manifest
from sandbox.slack.model import File, Json
from sandbox.slack.triggers import Triggers
from sandbox.slack.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Options:
    """How strict and how patient this Slack is. All times in seconds."""

    ack_seconds: float = 3.0
    trigger_seconds: float = 3.0
    event_retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    newer_blocks: bool = True
    rate_limits: bool = False
    user_groups: bool = True
    ping_seconds: float = 10.0
    socket_seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a Web API method as it was answered. `at` in Unix seconds by the sandbox's clock."""

    method: str
    arguments: Json
    at: float
    status: int
    response: Any


@dataclass(kw_only=True)
class Fault:
    """An answer prepared by a test in place of the real one."""

    method: str
    error: str | None
    status: int
    retry_after: int | None
    delay: float
    match: Callable[[Json], bool] | None
    left: int

    @property
    def only_slow(self) -> bool:
        """Say whether the real answer comes after all, only late."""
        return bool(self.delay) and self.error is None and self.status == HTTPStatus.OK

    def takes(self, method: str, arguments: Json) -> bool:
        """Say whether this fault is for that call."""
        return self.left > 0 and self.method in {method, "*"} and (self.match is None or self.match(arguments))


@dataclass(kw_only=True)
class Upload:
    """An upload URL given out: what was announced, and the bytes once they came."""

    filename: str
    length: int
    content: bytes | None = None


@dataclass(kw_only=True)
class Delivery:
    """One payload brought to the app, and what it said.

    `kind` is Socket Mode's word for it: `slash_commands`, `interactive` or `events_api`. `answer` is the
    acknowledgement's payload, None for an empty one. `failure` is None when the app acknowledged in time, else
    `http_timeout`, `http_error`, `connection_failed`, `too_many_redirects` or `no_socket`.
    """

    kind: str
    payload: Json
    transport: str
    at: float
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    envelope_id: str = ""
    retry_num: int = 0
    status: int | None = None
    answer: Json | None = None
    failure: str | None = None
    seconds: float = 0.0
    no_retry: bool = False


class Transport(Protocol):
    """A way to reach the app."""

    async def send(self, kind: str, payload: Json, *, retry_num: int = 0, retry_reason: str = "") -> Delivery:
        """Bring a payload to the app and wait for its acknowledgement, `Options.ack_seconds` at most."""

    async def replay(self, delivery: Delivery) -> Delivery:
        """Send the very same bytes again."""


class Core:
    """The state that the Web API, the deliveries, the people and the page share."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        signing_secret: str,
        bot_token: str,
        app_token: str,
        scopes: frozenset[str] | None,
        manifest: Manifest,
        commands: tuple[Command, ...] | None,
        clock: Callable[[], float] = time.time,
        options: Options,
    ) -> None:
        self.workspace = workspace
        self.signing_secret = signing_secret
        self.bot_token = bot_token
        self.app_token = app_token
        self.scopes = scopes
        self.manifest = manifest
        self.commands = commands
        self.clock = clock
        self.options = options
        self.base_url = ""
        self.triggers = Triggers(clock, options.trigger_seconds)
        self.uploads: dict[str, Upload] = {}
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.deliveries: list[Delivery] = []
        self.transport: Transport | None = None
        self.new_socket_url: Callable[[], str] = str

    @property
    def bot(self) -> str:
        """The bot's user id."""
        return self.workspace.app.bot_user_id

    def require(self, *scopes: str) -> None:
        """Raise `missing_scope` unless the app has one of these scopes."""
        if self.scopes is None or not scopes or self.scopes.intersection(scopes):
            return
        raise SlackError("missing_scope", needed=",".join(scopes), provided=",".join(sorted(self.scopes)))

    def has_scope(self, scope: str) -> bool:
        """Say whether the app has a scope; without a manifest or a set of scopes it has them all."""
        return self.scopes is None or scope in self.scopes

    def file_url(self, file: File) -> str:
        """Return the address of a file's bytes."""
        return f"{self.base_url}/_ui/files/{file.id}"
