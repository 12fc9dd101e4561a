"""Counting what is asked of a registry: each try, by what it was for and how it was answered."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy

from bot.metrics import Metrics

NO_ANSWER = "none"
# What a path is about; the first that fits counts. What fits none is "other", so that the label stays bounded.
_THINGS = (
    (re.compile(r"/oauth2/(?:exchange|token)"), "token"),
    (re.compile(r"/(?:acr/v1|v2)/_catalog"), "catalog"),
    (re.compile(r"/acr/v1/.+/_manifests"), "manifests"),
    (re.compile(r"/acr/v1/.+/_manifests/[^/]+"), "manifest"),
    (re.compile(r"/acr/v1/.+/_tags"), "tags"),
    (re.compile(r"/acr/v1/.+/_tags/[^/]+"), "tag"),
    (re.compile(r"/acr/v1/.+"), "repository"),
    (re.compile(r"/v2/.+/manifests/[^/]+"), "body"),
)
_VERBS = {"GET": "get", "HEAD": "get", "DELETE": "delete", "PATCH": "update", "POST": "get"}


def kind_of(method: str, path: str) -> str:
    """Name a request for people: ``get_manifests``, ``delete_manifest``, ``update_tag``, ``get_token``."""
    path = unquote(path)
    thing = next((name for pattern, name in _THINGS if pattern.fullmatch(path)), "")
    if not thing or method not in _VERBS:
        return "other"
    # A manifest is deleted by the same path that its body is read from.
    return "delete_manifest" if (method, thing) == ("DELETE", "body") else f"{_VERBS[method]}_{thing}"


class CountPolicy(AsyncHTTPPolicy[Any, Any]):
    """Counts each request that goes to the wire, those for tokens too, and notes what the registry's clock says.

    It belongs behind the token policy, so that it sees every try.
    """

    def __init__(self, registry: str, metrics: Metrics) -> None:
        super().__init__()
        self._registry = registry
        self._metrics = metrics
        self.clock_ahead: timedelta | None = None
        self._date = ""

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Send, and count how it ended."""
        status = NO_ANSWER
        kind = kind_of(request.http_request.method, urlsplit(request.http_request.url).path)
        try:
            response = await self.next.send(request)
            status = str(response.http_response.status_code)
            self._note(response.http_response.headers.get("Date", ""))
            return response
        finally:
            self._metrics.registry_calls.labels(self._registry, kind, status).inc()

    def _note(self, date: str) -> None:
        """Compare the registry's clock with ours. ``Date`` is cut to whole seconds (RFC 9110, section 6.6.1)."""
        if date == self._date:
            return  # hundreds of answers a second say the same
        self._date = date
        try:
            said = parsedate_to_datetime(date)
        except ValueError:
            return
        if said.tzinfo is not None:
            self.clock_ahead = said - datetime.now(UTC)
