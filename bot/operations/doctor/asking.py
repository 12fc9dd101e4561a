"""Asking Slack, so that every way to fail comes back as an answer, with what its clock says."""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import SlackSettings

_TIMEOUT_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one call: ``body``, or Slack's word in ``error``, or in ``unreachable`` why there was no answer.

    ``scopes`` are those of the token, None where the answer does not tell.
    """

    body: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    unreachable: str = ""
    scopes: frozenset[str] | None = None

    @property
    def good(self) -> bool:
        """Whether Slack did what was asked."""
        return not (self.error or self.unreachable)


class Slack:
    """A client that asks and never posts. ``now`` is this machine's clock, ``token`` that of the bot."""

    def __init__(self, settings: SlackSettings, now: Callable[[], datetime], token: str) -> None:
        self._now = now
        #: How far Slack's clock is ahead of ours, to a second; None before the first answer.
        self.clock_ahead: timedelta | None = None
        self.client = AsyncWebClient(
            token=token,
            base_url=settings.api_url,
            timeout=_TIMEOUT_SECONDS,
            ssl=ssl.create_default_context() if settings.api_url.startswith("https:") else None,
            # The lookup of a user group is limited to some 20 calls a minute.
            retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=3)],
        )

    async def ask(self, call: Awaitable[Any]) -> Answer:
        """Await a call of the client."""
        try:
            response = await call
        except SlackApiError as error:
            headers = getattr(error.response, "headers", {})
            self._note(headers)
            return Answer(error=str(error.response.get("error", "nothing that makes sense")), scopes=_scopes(headers))
        except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return Answer(unreachable=str(error) or type(error).__name__)
        self._note(response.headers)
        return Answer(body=response.data, scopes=_scopes(response.headers))

    def _note(self, headers: Mapping[str, str]) -> None:
        try:
            said = parsedate_to_datetime(headers.get("Date", ""))
        except ValueError:
            return
        if said.tzinfo is not None:
            self.clock_ahead = said - self._now()


def _scopes(headers: Mapping[str, str]) -> frozenset[str] | None:
    listed = headers.get("x-oauth-scopes")
    return None if listed is None else frozenset(scope.strip() for scope in listed.split(",") if scope.strip())
