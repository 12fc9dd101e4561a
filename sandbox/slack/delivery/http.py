"""Deliveries by HTTP: signed requests to the app's request URL, three seconds each."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from urllib.parse import urlencode

import aiohttp

from sandbox.slack.core import Core, Delivery
from sandbox.slack.model import Json

FORM = "application/x-www-form-urlencoded"
REDIRECTS = 2


def sign(body: bytes, secret: str, timestamp: int) -> dict[str, str]:
    """Return the headers that prove a request to be Slack's: `v0` over `v0:{timestamp}:{body}`."""
    digest = hmac.new(secret.encode(), b"v0:%d:%s" % (timestamp, body), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": f"v0={digest}"}


def encode(kind: str, payload: Json) -> tuple[bytes, str]:
    """Return the body of a delivery and its content type, which depend on its kind."""
    if kind == "slash_commands":
        return urlencode(payload).encode(), FORM
    text = json.dumps(payload, ensure_ascii=False)
    if kind == "interactive":
        return urlencode({"payload": text}).encode(), FORM
    return text.encode(), "application/json"


class HttpTransport:
    """Sends deliveries to one URL."""

    def __init__(
        self, core: Core, url: str, session: aiohttp.ClientSession, wall_clock: Callable[[], float] = time.time
    ) -> None:
        self._core = core
        self._url = url
        self._session = session
        # Signatures are proofs between two machines: the app compares them with its own clock, not the sandbox's.
        self._wall_clock = wall_clock

    async def send(self, kind: str, payload: Json, *, retry_num: int = 0, retry_reason: str = "") -> Delivery:
        """Send a payload and wait for the answer."""
        body, content_type = encode(kind, payload)
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        headers |= sign(body, self._core.signing_secret, int(self._wall_clock()))
        if retry_num:
            headers |= {"X-Slack-Retry-Num": str(retry_num), "X-Slack-Retry-Reason": retry_reason}
        return await self._post(
            Delivery(
                kind=kind,
                payload=payload,
                transport="http",
                at=self._core.clock(),
                url=self._url,
                headers=headers,
                body=body,
                retry_num=retry_num,
            )
        )

    async def replay(self, delivery: Delivery) -> Delivery:
        """Send the very same request again."""
        return await self._post(
            Delivery(
                kind=delivery.kind,
                payload=delivery.payload,
                transport="http",
                at=self._core.clock(),
                url=delivery.url,
                headers=delivery.headers,
                body=delivery.body,
                retry_num=delivery.retry_num,
            )
        )

    async def _post(self, delivery: Delivery) -> Delivery:
        self._core.deliveries.append(delivery)
        started = time.monotonic()
        try:
            async with (
                asyncio.timeout(self._core.options.ack_seconds),
                self._session.post(
                    delivery.url, data=delivery.body, headers=delivery.headers, max_redirects=REDIRECTS
                ) as answer,
            ):
                delivery.status = answer.status
                text = await answer.text()
                delivery.no_retry = answer.headers.get("X-Slack-No-Retry") == "1"
                if answer.ok:
                    delivery.answer = _answer(text, answer.content_type)
                else:
                    delivery.failure = "http_error"
        except TimeoutError:
            delivery.failure = "http_timeout"
        except aiohttp.TooManyRedirects:
            delivery.failure = "too_many_redirects"
        except aiohttp.ClientError:
            delivery.failure = "connection_failed"
        delivery.seconds = time.monotonic() - started
        self._core.workspace.changes.notify()
        return delivery


def _answer(text: str, content_type: str) -> Json | None:
    if not text.strip():
        return None
    if content_type == "application/json":
        try:
            value = json.loads(text)
        except ValueError:
            return {"text": text}
        return value if isinstance(value, dict) and value else None
    return {"text": text}
