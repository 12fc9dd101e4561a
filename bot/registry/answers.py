"""What comes back on the wire: answers read to their end, and refusals told from successes."""

import enum
import json
import zlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import SansIOHTTPPolicy

OK, UNAUTHORIZED, NOT_FOUND, THROTTLED, UNAVAILABLE = 200, 401, 404, 429, 503
NO_REPOSITORY = "NAME_UNKNOWN"
_NO_MANIFEST = "MANIFEST_UNKNOWN"
_NO_TAG = "TAG_UNKNOWN"


UNANSWERED = "acr_janitor.unanswered"
"""In a request's context: whether an earlier try of it may have been carried out, as its answer was lost."""


class Deletion(enum.Enum):
    """What came of asking for a deletion. The registry's word that something is gone can also be a proxy's."""

    DONE = enum.auto()
    GONE = enum.auto()
    """It is said to be gone, and not by us."""
    LOST = enum.auto()
    """It is said to be gone, and an earlier try of this very call got no answer: most likely that one did it."""


class RefusalError(HttpResponseError):
    """An answer other than success. ``code`` is ACR's, such as MANIFEST_UNKNOWN; empty where the body has none.

    ``signing_in`` tells that it came while getting a token for the call, not from the call; ``unanswered`` that an
    earlier try of the call may have been carried out.
    """

    def __init__(self, response: Any, *, signing_in: bool = False, unanswered: bool = False) -> None:
        super().__init__(message=f"The registry answered {response.status_code}.", response=response)
        self.code, self.text = _code_and_text(response)
        self.headers: Mapping[str, str] = response.headers
        self.signing_in = signing_in
        self.unanswered = unanswered

    @property
    def says_gone(self) -> bool:
        """Whether the registry says that the thing asked for does not exist.

        Any other 404 (a proxy's page, a wrong address) must not be taken for that: a manifest that counts as gone
        protects nothing any more.
        """
        return self._says({_NO_MANIFEST, NO_REPOSITORY})

    @property
    def says_tag_gone(self) -> bool:
        """Whether the registry says that the tag asked for, or all that it could be in, does not exist."""
        return self._says({_NO_TAG, _NO_MANIFEST, NO_REPOSITORY})

    def _says(self, codes: AbstractSet[str]) -> bool:
        return self.status_code == NOT_FOUND and self.code in codes and not self.signing_in


class RefusalPolicy(SansIOHTTPPolicy[Any, Any]):
    """Raises RefusalError for each answer that is no success.

    Before the SDK looks at it, since the SDK takes a 404 to a DELETE for a success whoever sent it, and fails on the
    content type of an error page before it looks at its status.
    """

    def on_response(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> None:  # noqa: ARG002 - the SDK passes it
        """Let only success pass."""
        if not is_success(response.http_response):
            raise RefusalError(response.http_response, unanswered=bool(response.context.get(UNANSWERED)))


def is_success(response: Any) -> bool:
    """Whether the status of an HTTP response is one of the 2xx."""
    return 200 <= int(response.status_code) < 300  # noqa: PLR2004 - the class of success


async def read_to_end(response: Any) -> None:
    """Read a body that is still on its way. azure-core's older kind of response comes with its body."""
    if not getattr(response, "is_stream_consumed", True):
        await response.read()


def _code_and_text(response: Any) -> tuple[str, str]:
    """Read ACR's own error document: ``{"errors": [{"code", "message", "detail"}]}``."""
    try:
        error = json.loads(response.text())["errors"][0]
        code, text = error["code"], error.get("message")
    except (ValueError, TypeError, LookupError, AttributeError, AzureError, zlib.error):
        return "", ""
    return (code if isinstance(code, str) else ""), (text if isinstance(text, str) else "")
