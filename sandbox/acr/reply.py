"""Answers before they are written to a socket, and the request as handlers see it."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from sandbox.acr import errors
from sandbox.acr.principals import Scope
from sandbox.acr.routes import Route

JSON_TYPE: Final = "application/json; charset=utf-8"
NOTHING: Final = -1


@dataclass(slots=True)
class Call:
    """One request, already routed; ``path`` is decoded."""

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    accept: str
    host: str
    scheme: str
    route: Route
    chunks: AsyncIterator[bytes]
    #: Why the route can't be taken, if so.
    refusal: errors.AcrError | None = None
    #: Whether the caller's credentials cover a scope besides the one that the route needs.
    covers: Callable[[Scope], bool] = field(default=lambda _: False)
    pairs: list[tuple[str, str]] = field(init=False)
    query: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        # Several scopes may be asked for at once; of everything else the last one counts.
        self.pairs = parse_qsl(self.query_string, keep_blank_values=True)
        self.query = dict(self.pairs)

    async def read(self, limit: int) -> bytes:
        """Read the whole body; raises 413 above ``limit`` bytes."""
        body = bytearray()
        async for chunk in self.chunks:
            body += chunk
            if len(body) > limit:
                raise errors.AcrError(413, "REQUEST_TOO_LARGE", f"the body is above {limit} bytes")
        return bytes(body)


@dataclass(slots=True)
class Reply:
    """One answer. ``scope`` and ``caller`` go to the log where the handler knows better than the route."""

    status: int = 200
    body: bytes = b""
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    scope: str = ""
    caller: str = ""
    #: Size to announce for HEAD, where no body follows.
    length: int | None = None
    #: After so many bytes of the body the connection breaks; NOTHING: before the status line.
    cut: int | None = None


def json_reply(payload: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Make an answer of JSON."""
    body = json.dumps(payload, separators=(",", ":")).encode()
    return Reply(status, body, JSON_TYPE, dict(headers or {}))


def error_reply(error: errors.AcrError) -> Reply:
    """Make the answer that an error stands for."""
    return json_reply(error.payload(), error.status, error.headers)


def next_link(path: str, last: str, count: int, **others: str) -> dict[str, str]:
    """Write the ``Link`` header to the next page: relative, percent-encoded, its keys present even when empty."""
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in others.items())
    link = f"{path}?last={quote(last, safe='')}&n={count}" + (f"&{query}" if query else "")
    return {"Link": f'<{link}>; rel="next"'}
