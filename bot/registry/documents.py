"""Reading what ACR's listings say into values, strictly: what can't be understood is an error, never a guess.

The shapes are those of Azure Container Registry's data plane, as seen in recorded sessions of the Azure SDK's tests.
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.body import DIGEST
from bot.domain.manifest import UNLOCKED, Locks, Manifest, Tag
from bot.errors import BadInputError
from bot.registry.faults import MalformedError

# OCI distribution specification 1.1, "Pulling manifests": what a repository may be called.
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
_LONGEST_NAME = 256  # ACR's own limit, as in bot.domain.reference


@dataclass(frozen=True, slots=True)
class RepositoryInfo:
    """What ACR says of a repository as a whole. The counts may lag behind a push or a delete by some seconds."""

    name: str
    locks: Locks
    manifest_count: int
    tag_count: int
    created: datetime
    updated: datetime


def check_repository(name: str) -> str:
    """Give the name back if a repository may be called so; else raise BadInputError."""
    if len(name) <= _LONGEST_NAME and _REPOSITORY.fullmatch(name):
        return name
    shown = name if len(name) <= 60 else f"{name[:60]}…"  # noqa: PLR2004 - about one line
    raise BadInputError(
        f"{shown!r} is not the name of a repository.",
        expected="Names are lower-case letters, digits and . _ - with / between the parts.",
        example="payments/api",
    )


def check_tag(name: str) -> str:
    """Give the tag back if it can be one; else raise BadInputError."""
    if _TAG.fullmatch(name):
        return name
    raise BadInputError(
        f"{name[:80]!r} is not a tag.",
        expected="A tag has at most 128 letters, digits, dots, dashes and underscores.",
        example="v1.2",
    )


def check_digest(digest: str) -> str:
    """Give the digest back if it is whole; else raise BadInputError. A tag is none: deleting by tag is never done."""
    if DIGEST.fullmatch(digest):
        return digest
    raise BadInputError(
        f"{digest[:80]!r} is not a whole digest.",
        expected="A digest is sha256: and 64 hexadecimal digits.",
        example="sha256:" + "0123456789abcdef" * 4,
    )


def read_entries(document: Any, key: str, repository: str = "") -> list[Any]:
    """Give the entries of one page of a listing. ``null`` is how ACR writes an empty page.

    A page without the key is an error: taken for an empty one it would cut the listing short unseen.
    """
    if not isinstance(document, dict) or key not in document:
        raise MalformedError(f"a page of the listing has no {key}")
    name = document.get("imageName", repository)
    if repository and name != repository:
        raise MalformedError("a page of the listing is that of another repository")
    entries = document[key]
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise MalformedError(f"the {key} of the listing are not a list")
    return entries


def read_names(entries: list[Any]) -> list[str]:
    """Read the names of a page of the catalog."""
    for entry in entries:
        if not isinstance(entry, str) or not entry:
            raise MalformedError("a name in the list of repositories is not text")
    return entries


def read_manifest(entry: Any) -> Manifest:
    """Read one entry of ``/acr/v1/R/_manifests``."""
    of = _Fields(entry, "a manifest of the listing")
    digest = of.text("digest")
    if not DIGEST.fullmatch(digest):
        raise MalformedError("a manifest of the listing has no whole digest")
    tags = of.value.get("tags")
    if tags is not None and not (isinstance(tags, list) and all(isinstance(tag, str) and tag for tag in tags)):
        raise MalformedError("the tags of a manifest are not a list of names")
    return Manifest(
        digest=digest,
        media_type=of.word("mediaType"),
        size=of.count("imageSize", absent=0),
        created=of.time("createdTime"),
        updated=of.time("lastUpdateTime"),
        tags=tuple(tags or ()),
        locks=of.locks(),
        architecture=of.word("architecture"),
        os=of.word("os"),
        artifact_type=of.word("artifactType"),
        config_media_type=of.word("configMediaType"),
    )


def read_manifest_answer(document: Any, repository: str) -> Manifest:
    """Read the answer to ``/acr/v1/R/_manifests/D``."""
    of = _Fields(document, "what it says of the manifest")
    if of.value.get("imageName", repository) != repository:
        raise MalformedError("it is about another repository")
    return read_manifest(of.value.get("manifest"))


def read_tag(entry: Any) -> Tag:
    """Read one entry of ``/acr/v1/R/_tags``."""
    of = _Fields(entry, "a tag of the listing")
    digest = of.text("digest")
    if not DIGEST.fullmatch(digest):
        raise MalformedError("a tag of the listing has no whole digest")
    return Tag(name=of.text("name"), digest=digest, locks=of.locks(), updated=of.time("lastUpdateTime"))


def read_tag_answer(document: Any, repository: str) -> Tag:
    """Read the answer to ``/acr/v1/R/_tags/T``."""
    of = _Fields(document, "what it says of the tag")
    if of.value.get("imageName", repository) != repository:
        raise MalformedError("it is about another repository")
    return read_tag(of.value.get("tag"))


def read_repository(document: Any, name: str) -> RepositoryInfo:
    """Read the answer to ``/acr/v1/R``."""
    of = _Fields(document, "what it says of the repository")
    if of.text("imageName") != name:
        raise MalformedError("it is about another repository")
    return RepositoryInfo(
        name=name,
        locks=of.locks(),
        manifest_count=of.count("manifestCount"),
        tag_count=of.count("tagCount"),
        created=of.time("createdTime"),
        updated=of.time("lastUpdateTime"),
    )


def check_unique(names: Iterable[str], what: str) -> None:
    """Raise MalformedError where a listing names something twice: it can't be a whole and consistent one."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise MalformedError(f"the listing names {what} twice")
        seen.add(name)


class _Fields:
    """The fields of one JSON object, each read as what it must be."""

    __slots__ = ("value", "what")

    def __init__(self, value: Any, what: str) -> None:
        if not isinstance(value, dict):
            raise MalformedError(f"{what} is not an object")
        self.value: dict[str, Any] = value
        self.what = what

    def text(self, key: str) -> str:
        value = self.value.get(key)
        if not isinstance(value, str) or not value:
            raise MalformedError(f"{self.what} has no {key}")
        return value

    def word(self, key: str) -> str:
        """Read a text that may be absent, and of which a listing has few different ones: kept once in memory."""
        value = self.value.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise MalformedError(f"{self.what} has a {key} that is not text")
        return sys.intern(value)

    def count(self, key: str, *, absent: int | None = None) -> int:
        value = self.value.get(key, absent)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise MalformedError(f"{self.what} has no {key} that is a number")
        return value

    def time(self, key: str) -> datetime:
        # Seven fractional digits, trailing zeros trimmed: datetime keeps six of them.
        try:
            moment = datetime.fromisoformat(self.text(key))
        except ValueError as error:
            raise MalformedError(f"{self.what} has no {key} that is a time") from error
        if moment.tzinfo is None:
            raise MalformedError(f"{self.what} has a {key} without a time zone")
        return moment

    def locks(self) -> Locks:
        flags = self.value.get("changeableAttributes")
        if not isinstance(flags, dict):
            raise MalformedError(f"{self.what} does not say whether it is locked")
        delete, write = flags.get("deleteEnabled"), flags.get("writeEnabled")
        if not isinstance(delete, bool) or not isinstance(write, bool):
            raise MalformedError(f"{self.what} does not say whether it is locked")
        return UNLOCKED if delete and write else Locks(delete_enabled=delete, write_enabled=write)
