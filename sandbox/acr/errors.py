"""The service's error answers: ``{"errors": [{"code", "message", "detail"}]}`` with their status and headers.

Codes and texts as seen in recorded sessions of the Azure SDK's tests and in issues of acr-cli, unless a comment says
that one is assumed.
"""

from collections.abc import Mapping
from typing import Any

_AUTH_HELP = "authentication required, visit https://aka.ms/acr/authorization for more information."
_LOCKED_HELP = (
    "The operation is disallowed on this registry, repository or image. View troubleshooting steps at "
    "https://aka.ms/acr/faq/#why-does-my-pull-or-push-request-fail-with-disallowed-operation"
)


class AcrError(Exception):
    """An answer other than success; the server turns it into its status, headers and JSON body."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        detail: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.detail = {} if detail is None else detail
        self.headers: dict[str, str] = dict(headers or {})

    def payload(self) -> dict[str, Any]:
        """Give the body as the service sends it."""
        return {"errors": [{"code": self.code, "message": self.message, "detail": self.detail}]}


def name_unknown(repository: str) -> AcrError:
    """404: there is no such repository."""
    return AcrError(404, "NAME_UNKNOWN", "repository name not known to registry", {"name": repository})


def name_invalid(repository: str) -> AcrError:
    """400: the repository's name breaks the distribution specification's grammar."""
    return AcrError(400, "NAME_INVALID", "invalid repository name", {"name": repository})


def manifest_unknown(repository: str, reference: str) -> AcrError:
    """404: no manifest under this digest or tag."""
    detail = {"Name": repository, "Revision": reference}
    return AcrError(404, "MANIFEST_UNKNOWN", f"manifest {reference} is not found", detail)


def tag_unknown(repository: str, tag: str) -> AcrError:
    """404: no such tag (text assumed)."""
    detail = {"name": repository, "tag": tag}
    return AcrError(404, "TAG_UNKNOWN", "the specified tag does not exist", detail)


def blob_unknown(digest: str) -> AcrError:
    """404: the repository holds no such blob."""
    return AcrError(404, "BLOB_UNKNOWN", "blob unknown to registry", {"digest": digest})


def manifest_invalid(reason: str) -> AcrError:
    """400: the pushed manifest is not one."""
    return AcrError(400, "MANIFEST_INVALID", "manifest invalid", {"reason": reason})


def manifest_blob_unknown(digest: str) -> AcrError:
    """400: the pushed manifest names a blob or a manifest that the repository does not hold."""
    return AcrError(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", {"digest": digest})


def digest_invalid(digest: str) -> AcrError:
    """400: the content does not have the digest that the client named."""
    message = "provided digest did not match uploaded content"
    return AcrError(400, "DIGEST_INVALID", message, {"digest": digest})


def upload_unknown(uuid: str) -> AcrError:
    """404: there is no such upload, or it is over."""
    return AcrError(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", {"uuid": uuid})


def upload_invalid(reason: str, status: int = 400) -> AcrError:
    """400, or 416 for a chunk that does not follow the last one."""
    return AcrError(status, "BLOB_UPLOAD_INVALID", "blob upload invalid", {"reason": reason})


def disallowed() -> AcrError:
    """405: a lock stands against it. Not 409, and without Retry-After."""
    return AcrError(405, "REGISTRY_DISALLOWED_OPERATION", _LOCKED_HELP)


def unsupported(message: str = "The operation is unsupported.") -> AcrError:
    """405: this path does not take this method."""
    return AcrError(405, "UNSUPPORTED", message)


def bad_request(message: str) -> AcrError:
    """400: a parameter that the service does not take (code and text assumed)."""
    return AcrError(400, "BAD_REQUEST", message)


def unauthorized(detail: Any = None, challenge: str | None = None) -> AcrError:
    """401: no token, a bad one or too narrow a one; ``challenge`` says where to get a fitting one."""
    headers = {} if challenge is None else {"WWW-Authenticate": challenge}
    return AcrError(401, "UNAUTHORIZED", _AUTH_HELP, detail, headers)


def denied(message: str) -> AcrError:
    """403: refused whoever asks, such as by the registry's firewall."""
    return AcrError(403, "DENIED", message)


def too_many_requests(retry_after: int) -> AcrError:
    """429: the caller's bucket is empty for ``retry_after`` seconds (code and text assumed)."""
    headers = {"Retry-After": str(retry_after)}
    return AcrError(429, "TOOMANYREQUESTS", "too many requests", "Retry after a while.", headers)
