"""Paths of the data plane: which operation a request is, on what, and the scope it needs.

``/`` and ``:`` in names may come raw or percent-encoded; the SDK encodes them, az and acr-cli don't.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from sandbox.acr import errors
from sandbox.acr.principals import CATALOG_SCOPE, Scope

_METADATA = {"GET": ("metadata_read",), "PATCH": ("metadata_write",), "DELETE": ("delete",)}
_PULL = {"GET": ("pull",), "HEAD": ("pull",)}
_PUSH = ("pull", "push")

#: Pattern -> method -> (kind, actions needed on the repository). None: no scope.
_TABLE: Final[tuple[tuple[str, dict[str, tuple[str, tuple[str, ...] | None]]], ...]] = (
    (r"/oauth2/exchange", {"POST": ("exchange", None)}),
    (r"/oauth2/token", {"POST": ("token", None), "GET": ("token", None)}),
    (r"/blob-storage/(?P<repo>.+)/(?P<ref>[^/]+)", {"GET": ("blob_data", None)}),
    (r"/(?:acr/v1|v2)/_catalog", {"GET": ("list_repositories", ("catalog",))}),
    (
        r"/acr/v1/(?P<repo>.+)/_manifests",
        {"GET": ("list_manifests", _METADATA["GET"])},
    ),
    (
        r"/acr/v1/(?P<repo>.+)/_manifests/(?P<ref>[^/]+)",
        {
            "GET": ("get_manifest_properties", _METADATA["GET"]),
            "PATCH": ("update_manifest_properties", _METADATA["PATCH"]),
        },
    ),
    (r"/acr/v1/(?P<repo>.+)/_tags", {"GET": ("list_tags", _METADATA["GET"])}),
    (
        r"/acr/v1/(?P<repo>.+)/_tags/(?P<ref>[^/]+)",
        {
            "GET": ("get_tag_properties", _METADATA["GET"]),
            "PATCH": ("update_tag_properties", _METADATA["PATCH"]),
            "DELETE": ("delete_tag", _METADATA["DELETE"]),
        },
    ),
    (
        r"/acr/v1/(?P<repo>[^_/].*)",
        {
            "GET": ("get_repository", _METADATA["GET"]),
            "PATCH": ("update_repository", _METADATA["PATCH"]),
            "DELETE": ("delete_repository", _METADATA["DELETE"]),
        },
    ),
    (r"/v2/?", {"GET": ("ping", ())}),
    (
        r"/v2/(?P<repo>.+)/manifests/(?P<ref>[^/]+)",
        {
            "GET": ("get_manifest", _PULL["GET"]),
            "HEAD": ("head_manifest", _PULL["HEAD"]),
            "PUT": ("put_manifest", _PUSH),
            "DELETE": ("delete_manifest", ("delete",)),
        },
    ),
    (r"/v2/(?P<repo>.+)/tags/list", {"GET": ("list_tag_names", _PULL["GET"])}),
    (r"/v2/(?P<repo>.+)/referrers/(?P<ref>[^/]+)", {"GET": ("list_referrers", _PULL["GET"])}),
    (r"/v2/(?P<repo>.+)/blobs/uploads/", {"POST": ("start_upload", _PUSH)}),
    (
        r"/v2/(?P<repo>.+)/blobs/uploads/(?P<ref>[^/]+)",
        {
            "GET": ("upload_status", _PUSH),
            "PATCH": ("upload_chunk", _PUSH),
            "PUT": ("finish_upload", _PUSH),
            "DELETE": ("cancel_upload", _PUSH),
        },
    ),
    (
        r"/v2/(?P<repo>.+)/blobs/(?P<ref>[^/]+)",
        {
            "GET": ("get_blob", _PULL["GET"]),
            "HEAD": ("head_blob", _PULL["HEAD"]),
            "DELETE": ("delete_blob", ("delete",)),
        },
    ),
)
_PATTERNS: Final = tuple((re.compile(pattern), methods) for pattern, methods in _TABLE)
_NAME: Final = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")

#: What only reads and so counts into the read bucket; everything else on a repository writes.
READ_METHODS: Final = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. ``need`` is None where no token is asked for; ``actions`` empty means any token will do."""

    kind: str
    repository: str = ""
    reference: str = ""
    need: Scope | None = None
    guarded: bool = False


def decode(raw_path: str) -> str:
    """Give the path as people read it, every percent-encoding resolved."""
    return unquote(raw_path.partition("?")[0])


def find(method: str, path: str) -> Route:
    """Say which operation a decoded path and a method are.

    Raises 404 for a path that the service does not know, 405 for a method that the path does not take, and
    400 NAME_INVALID for a repository name that can't be.
    """
    for pattern, methods in _PATTERNS:
        match = pattern.fullmatch(path)
        if match is None:
            continue
        if method not in methods:
            raise errors.unsupported()
        kind, actions = methods[method]
        groups = match.groupdict()
        repository = groups.get("repo") or ""
        if repository and not _NAME.fullmatch(repository):
            raise errors.name_invalid(repository)
        if actions is None:
            return Route(kind, repository, groups.get("ref") or "")
        need: Scope | None = None
        if actions == ("catalog",):
            need = CATALOG_SCOPE
        elif actions:
            need = Scope("repository", repository, actions)
        return Route(kind, repository, groups.get("ref") or "", need, guarded=True)
    raise errors.AcrError(404, "NOT_FOUND", "404 page not found")
