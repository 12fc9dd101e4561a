"""Reading single values: the text that somebody wrote in, the value that the app works with out.

Each function raises ValueError with what is wrong. What would be right stands with the setting, in ``model``.
"""

import ipaddress
import re
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from bot.durations import parse_duration
from bot.patterns import compile_pattern, instead

_SHOWN = 60
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_HOST_LENGTH = 253
_REGISTRY_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
# The characters of names, and of globs over them.
_REPOSITORIES = re.compile(r"[a-z0-9*?\[][a-z0-9._/*?\[\]!-]{0,255}")
_WORKSPACE = re.compile(r"T[A-Z0-9]{2,}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}")
_TEAM_NAME_LENGTH = 80
_TAG_PATTERN_LENGTH = 1000
_APPROVER = re.compile(r"[UWS][A-Z0-9]{2,}")
_TOKEN = re.compile(r"[\x21-\x7e]+")


def shown(value: Any) -> str:
    """Quote a value for a message: cut where long, with what a terminal can't print escaped."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = str(value)
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}…"


def listed(value: Any) -> Any:
    """Split a comma-separated text; leave a list as it is. Repeats and empty entries are dropped."""
    if isinstance(value, str):
        value = [part for part in (part.strip() for part in value.split(",")) if part]
    if isinstance(value, (list, tuple)) and all(isinstance(entry, str) for entry in value):
        return list(dict.fromkeys(value))
    return value


def some(value: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a list that is empty."""
    if not value:
        raise ValueError("It is empty.")
    return value


def duration(value: Any) -> Any:
    """Read ``2w``, ``1d12h``, ``90m`` or ``0`` as a timedelta."""
    return parse_duration(value) if isinstance(value, str) else value


def positive_duration(value: Any) -> Any:
    """Read a duration that can't be switched off."""
    length = duration(value)
    if length == timedelta():
        raise ValueError(f"{shown(value)} leaves no time at all.")
    return length


def endpoint(value: str) -> str:
    """Read a login server or a URL as ``https://host[:port]``, or ``http://`` on loopback."""
    parts = _split(value if "://" in value else f"https://{value}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("The address holds a user name or a password; the app signs in with its Azure identity.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"{shown(value)} names more than a server.")
    host = _host(parts, value)
    if "://" not in value and parts.port is None and "." not in host and ":" not in host and host != "localhost":
        raise ValueError(f"{shown(value)} is not a whole login server; did you mean {host}.azurecr.io?")
    return _server(parts, value, host)


def web_address(value: str) -> str:
    """Read the base URL of an API; it ends with a slash, as the Slack SDK needs it."""
    parts = _split(value)
    if parts.username is not None or parts.password is not None:
        raise ValueError("The address holds a user name or a password.")
    if parts.query or parts.fragment:
        raise ValueError(f"{shown(value)} holds more than an address.")
    return f"{_server(parts, value, _host(parts, value))}{parts.path.rstrip('/')}/"


def login_server(address: str) -> str:
    """Give ``host[:port]`` of what ``endpoint`` returned."""
    return address.partition("://")[2]


def default_name(address: str) -> str:
    """Give the name of a registry that has none: the first label of its host; an IP address or localhost whole."""
    server = login_server(address)
    host = urlsplit(address).hostname or ""
    return host.partition(".")[0] if "." in host and not _is_ip(host) else server


def typed_name(value: str) -> str:
    """Check a name that people type in Slack."""
    if not _REGISTRY_NAME.fullmatch(value):
        raise ValueError(f"{shown(value)} can't be typed as a name in Slack.")
    return value


def ca_bundle(value: Path) -> Path:
    """Check that a file with CA certificates can be read now, not at the first call."""
    try:
        ssl.create_default_context(cafile=str(value))
    except ssl.SSLError as error:
        raise ValueError(f"{shown(value)} holds no certificate that can be read.") from error
    except OSError as error:
        raise ValueError(f"{shown(value)} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise ValueError(f"{shown(value)} is not the name of a file.") from error
    return value


def approver(value: str) -> str:
    """Check the id of a Slack user (``U…``, ``W…`` on Enterprise Grid) or user group (``S…``)."""
    if not _APPROVER.fullmatch(value):
        raise ValueError(f"{shown(value)} is neither the id of a user nor of a user group.")
    return value


def channel(value: str) -> str:
    """Check the id of a Slack channel (``C…``, ``G…`` for older private ones)."""
    if not _CHANNEL.fullmatch(value):
        raise ValueError(f"{shown(value)} is not the id of a channel.")
    return value


def workspace(value: str) -> str:
    """Check the id of a Slack workspace (``T…``)."""
    if not _WORKSPACE.fullmatch(value):
        raise ValueError(f"{shown(value)} is not the id of a workspace.")
    return value


def team_name(value: str) -> str:
    """Check a name that stands in the first line of a report."""
    if not value or len(value) > _TEAM_NAME_LENGTH or not value.isprintable():
        raise ValueError(f"{shown(value)} is not a name for a team.")
    return value


def repositories(value: str) -> str:
    """Check what stands for repositories of any registry: a name or a glob, without a host, a tag or a digest."""
    first, slash, _ = value.partition("/")
    if slash and ("." in first or ":" in first):
        raise ValueError(f"{shown(value)} names a registry as well; a key of its own says which.")
    if not _REPOSITORIES.fullmatch(value):
        raise ValueError(f"{shown(value)} stands for no repository.")
    return value


def pattern(value: str) -> str:
    """Check a glob: anything but nothing."""
    if not value:
        raise ValueError("A pattern is empty.")
    return value


def tag_pattern(value: str) -> str:
    """Check a regular expression for tags by the library that will match it."""
    if not value:
        raise ValueError("The pattern is empty.")
    if len(value) > _TAG_PATTERN_LENGTH:
        raise ValueError(f"The pattern has {len(value):,} characters, and {_TAG_PATTERN_LENGTH:,} are the most.")
    try:
        compile_pattern(value)
    except ValueError as error:
        raise ValueError(f"{error} {instead(value)}") from error
    return value


def bind_host(value: str) -> str:
    """Check what a server can bind: an IP address or a host name."""
    if not (_is_ip(value) or _is_host(value.lower())):
        raise ValueError(f"{shown(value)} is neither an IP address nor a host name.")
    return value


def secret(value: str, prefix: str = "") -> str:
    """Check a token by its form alone. The value never stands in a message."""
    if not value.startswith(prefix):
        raise ValueError(f"The value does not start with {prefix}.")
    if not _TOKEN.fullmatch(value) or value == prefix:
        raise ValueError("The value holds a blank or a character that no token has.")
    return value


def database_url(value: str) -> str:
    """Read a database URL as SQLAlchemy's, with the asyncio driver. It may hold a password: no message shows it."""
    scheme, _, rest = value.partition("://")
    dialect, _, driver = scheme.lower().partition("+")
    if dialect == "sqlite" and driver in {"", "aiosqlite"}:
        return f"sqlite+aiosqlite://{_sqlite_file(rest)}"
    if dialect in {"postgres", "postgresql"} and driver in {"", "psycopg"} and rest:
        _check_port(rest)
        return f"postgresql+psycopg://{rest}"
    raise ValueError("The value is neither an SQLite nor a PostgreSQL URL.")


def _sqlite_file(rest: str) -> str:
    if not rest.startswith("/"):
        raise ValueError(
            "The SQLite URL has the wrong number of slashes: three before a relative path, four before an absolute one."
        )
    path, _, query = rest.partition("?")
    if path in {"/", "/:memory:"} or "mode=memory" in query:
        raise ValueError("The SQLite URL names no file, and a database in memory would forget approved work.")
    return rest


def _check_port(rest: str) -> None:
    try:
        _ = urlsplit(f"//{rest}").port
    except ValueError as error:
        raise ValueError("The PostgreSQL URL has a host or a port that can't be read.") from error


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ValueError("The address can't be read: its host or its port is not one.") from error
    return parts


def _host(parts: SplitResult, value: str) -> str:
    host = parts.hostname or ""
    if not (_is_ip(host) or _is_host(host)) or parts.port == 0:
        raise ValueError(f"{shown(value)} is not the address of a server.")
    return host


def _server(parts: SplitResult, value: str, host: str) -> str:
    if parts.scheme not in {"https", "http"}:
        raise ValueError(f"{shown(value)} is neither https:// nor http://.")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError(f"{shown(value)} is plain http://, which is allowed only on loopback (127.0.0.1, localhost).")
    usual = {"https": 443, "http": 80}[parts.scheme]
    port = "" if parts.port in {None, usual} else f":{parts.port}"
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def _is_host(text: str) -> bool:
    return len(text) <= _HOST_LENGTH and _HOST.fullmatch(text) is not None


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)
