"""Sending a request at its turn, and again where the failure may pass.

This stands in the place of azure-core's retry policy, which lets each call wait by itself, without jitter, and gives
up at the fourth 429.
"""

import asyncio
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import structlog
from azure.core.exceptions import AzureError, ServiceResponseTimeoutError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy

from bot.registry.answers import THROTTLED, UNANSWERED, UNAVAILABLE, RefusalError, is_success, read_to_end
from bot.registry.faults import may_pass
from bot.registry.pace import Pace, Patience
from bot.registry.permit import READS, LapsedError, wait_for_permit

_log = structlog.get_logger(__name__)

_PASSING = frozenset({408, 500, 502, 503, 504})
_REMAINING = "X-Ms-Ratelimit-Remaining-Calls-Per-Second"
# The longest manifest that the SDK takes; what claims to be longer is not read but refused.
_MANIFEST_LIMIT = 4 * 1024 * 1024


class PacePolicy(AsyncHTTPPolicy[Any, Any]):
    """Sends each request at its turn, and again where the failure may pass."""

    def __init__(self, pace: Pace, patience: Patience) -> None:
        super().__init__()
        self._pace = pace
        self._patience = patience

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Send until it succeeds, fails for good, or patience ends; then give or raise the last outcome."""
        ticket = self._pace.ticket(writes=request.http_request.method not in READS)
        deadline = math.inf
        failures = throttles = 0
        refused: PipelineResponse[Any, Any] | AzureError | None = None
        while True:
            if ticket.writes:
                # Not in a turn: others may go on meanwhile.
                await wait_for_permit()
            async with self._pace.turn(ticket):
                began = _now()
                deadline = min(deadline, began + self._patience.total)
                outcome = await self._try(request, until=min(deadline, began + self._patience.attempt))
                status, headers = _status_and_headers(outcome)
                pause = _retry_after(headers)
                throttled = status == THROTTLED or (status == UNAVAILABLE and pause is not None)
                if throttled:
                    self._pace.throttled(ticket, began, pause or 0.0)
                elif isinstance(outcome, PipelineResponse):
                    self._pace.succeeded(ticket, _now() - began, _remaining(headers))
            if isinstance(outcome, LapsedError):
                # Nothing was sent, and how long the permit was away is not the registry's fault.
                deadline = math.inf
                continue
            if throttled:
                throttles += 1
                refused = outcome
                # A pause that was asked for is waited out, and counted, in the queue.
                wait = 0.0 if pause else self._patience.wait(throttles)
                give_up = _now() + max(wait, pause or 0.0) >= deadline
            elif status in _PASSING or (isinstance(outcome, AzureError) and status is None and may_pass(outcome)):
                failures += 1
                request.context[UNANSWERED] = True
                wait = self._patience.wait(failures)
                give_up = failures >= self._patience.tries or _now() + wait >= deadline
            else:
                give_up, wait = True, 0.0
            if give_up:
                return _final(outcome, refused, late=_now() >= deadline)
            path = urlsplit(request.http_request.url).path
            counts = {"failures": failures, "throttles": throttles}
            _log.debug("registry_retry", path=path, status=status, **counts, wait=round(wait, 2))
            await asyncio.sleep(wait)

    async def _try(self, request: PipelineRequest[Any], until: float) -> PipelineResponse[Any, Any] | AzureError:
        try:
            async with asyncio.timeout_at(until):
                response = await self.next.send(request)
                await _load(response.http_response)
                return response
        except TimeoutError as error:
            return ServiceResponseTimeoutError("The registry did not answer in time.", error=error)
        except AzureError as error:
            return error


def _final(
    outcome: PipelineResponse[Any, Any] | AzureError,
    refused: PipelineResponse[Any, Any] | AzureError | None,
    *,
    late: bool,
) -> PipelineResponse[Any, Any]:
    """Give or raise what is to be told. ``refused``: what the registry said when it last was asked too often."""
    if late and refused is not None and isinstance(outcome, ServiceResponseTimeoutError):
        # The last try was cut short by what the limit had cost before it.
        outcome = refused
    if isinstance(outcome, AzureError):
        raise outcome
    return outcome


async def _load(response: Any) -> None:
    """Read the body while time-outs and retries still hold: the SDK reads a manifest after the pipeline is through."""
    length = response.headers.get("Content-Length", "")
    if not is_success(response) or (length.isdecimal() and int(length) <= _MANIFEST_LIMIT):
        await read_to_end(response)


def _status_and_headers(outcome: PipelineResponse[Any, Any] | AzureError) -> tuple[int | None, Mapping[str, str]]:
    if isinstance(outcome, PipelineResponse):
        return outcome.http_response.status_code, outcome.http_response.headers
    if isinstance(outcome, RefusalError):
        return outcome.status_code, outcome.headers
    return None, {}


def _remaining(headers: Mapping[str, str]) -> float | None:
    try:
        remaining = float(headers.get(_REMAINING, ""))
    except ValueError:
        return None
    return remaining if math.isfinite(remaining) and remaining >= 0 else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read ``Retry-After``: seconds, or a date (RFC 9110, section 10.2.3). None where there is none to be read."""
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _now() -> float:
    return asyncio.get_running_loop().time()
