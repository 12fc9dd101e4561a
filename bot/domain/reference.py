"""References as people type and paste them: ``[registry/]repository[:tag|@digest]``, or a glob over repositories."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from fnmatch import fnmatchcase
from heapq import nlargest

from bot.domain.body import DIGEST
from bot.errors import BadInputError

# The grammar of the OCI distribution specification 1.1, "Pulling manifests". ACR allows 256 characters at most.
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
_GLOB_CHARACTERS = frozenset("*?[")
_GLOB = re.compile(r"[a-z0-9*?\[][a-z0-9._/*?\[\]!-]*")
_HOST = re.compile(r"[a-zA-Z0-9.-]+(?::\d+)?")
_SHORT_DIGEST = re.compile(r"(?:sha(?:256|512):)?[0-9a-f]{8,128}")
_LONGEST = 256
_LIKE = 0.6  # difflib's own rule of thumb for a close match


@dataclass(frozen=True, slots=True)
class Reference:
    """A parsed reference. ``registry`` is a host as it was typed, or empty; at most one of tag and digest is set."""

    repository: str
    registry: str = ""
    tag: str = ""
    digest: str = ""

    @property
    def is_glob(self) -> bool:
        """Whether ``repository`` stands for all repositories that it matches."""
        return not _GLOB_CHARACTERS.isdisjoint(self.repository)

    def select(self, repositories: Iterable[str]) -> list[str]:
        """Pick the repositories that a glob matches; ``*`` crosses slashes."""
        return sorted(name for name in repositories if fnmatchcase(name, self.repository))

    def __str__(self) -> str:
        tail = f"@{self.digest}" if self.digest else f":{self.tag}" if self.tag else ""
        return f"{self.repository}{tail}"


def parse_reference(text: str, *, short_digests: bool = False) -> Reference:
    """Parse what somebody typed or pasted.

    A first part with a dot, a colon or the name ``localhost`` is a registry's host, as Docker reads it; a scheme
    before it and slashes around it are dropped. With ``short_digests`` the first 8 or more hexadecimal characters of a
    digest will do, with the algorithm before them or not: ``digest`` is then as it was typed. Raises BadInputError.
    """
    rest = re.sub(r"^(?:https?|oci|docker)://", "", text.strip()).strip("/")
    host, rest = _split_host(rest)
    name, at, digest = rest.partition("@")
    tag = ""
    if ":" in name:
        name, _, tag = name.partition(":")
    reference = Reference(name.strip("/"), host, "" if at else tag, digest)
    _check_name(reference.repository, typed=text)
    if at and not (DIGEST.fullmatch(digest) or (short_digests and is_digest_start(digest))):
        or_less = "; the first 8 of them or more will do" if short_digests else ""
        raise BadInputError(
            f"{clip(digest)!r} is not a digest.",
            expected=f"A digest is sha256: and 64 hexadecimal characters in lower case{or_less}.",
            example=(
                f"/acr untagged {reference.repository}@{'3f' * 6}"
                if short_digests
                else f"{reference.repository}@sha256:{'3f' * 32}"
            ),
        )
    if tag and not _TAG.fullmatch(tag):
        raise BadInputError(
            f"{clip(tag)!r} is not a tag.",
            expected="A tag has at most 128 letters, digits, dots, dashes and underscores.",
            example=f"{'/acr untagged ' if short_digests else ''}{reference.repository}:v1.2",
        )
    return reference


def is_digest_start(text: str) -> bool:
    """Whether a text can begin a digest: 8 hexadecimal characters or more, with the algorithm before them or not."""
    return _SHORT_DIGEST.fullmatch(text) is not None


def _split_host(text: str) -> tuple[str, str]:
    first, slash, rest = text.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost") and _HOST.fullmatch(first):
        return first.lower(), rest
    return "", text


def _check_name(name: str, *, typed: str) -> None:
    is_glob = not _GLOB_CHARACTERS.isdisjoint(name)
    if len(name) <= _LONGEST and (_GLOB if is_glob else _REPOSITORY).fullmatch(name):
        return
    if not name:
        raise BadInputError(
            "The repository is missing." if not typed.strip() else f"{clip(typed)!r} names no repository.",
            expected="Give the name of a repository, or a pattern for several.",
            example="/acr untagged team/app",
        )
    if len(name) > _LONGEST:
        raise BadInputError(
            f"{clip(name)!r} is too long for a repository: {len(name)} characters.",
            expected=f"ACR allows {_LONGEST}.",
            example="/acr untagged team/app",
        )
    hint = name.lower()
    raise BadInputError(
        f"{clip(name)!r} is not the name of a repository.",
        expected="Names are lower case: letters and digits, with single dots, dashes, underscores or slashes between.",
        example=f"/acr untagged {hint if _REPOSITORY.fullmatch(hint) else 'team/app'}",
    )


def nearest(name: str, names: Iterable[str], most: int = 3) -> list[str]:
    """Give the names most like ``name``, the likest first; fewer or none where nothing is like it.

    People leave out the path or get a letter wrong, so the last part of a path counts as much as the whole.
    """
    name = name.lower()
    found = ((likeness, other) for other in names if (likeness := _likeness(name, other)) >= _LIKE)
    return [other for _, other in nlargest(most, found, key=lambda pair: (pair[0], pair[1] == name, -len(pair[1])))]


def _likeness(name: str, other: str) -> float:
    last, other_last = name.rpartition("/")[2], other.rpartition("/")[2]
    best = max(_ratio(name, other), 0.95 * _ratio(last, other_last))
    if len(name) >= 3 and name in other:  # noqa: PLR2004 - a shorter one is in almost everything
        return max(best, 0.9)
    return best


def _ratio(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    # Each bound is cheaper than the next and never below it: most of a long catalog is dropped by the first.
    if matcher.real_quick_ratio() < _LIKE or matcher.quick_ratio() < _LIKE:
        return 0.0
    return matcher.ratio()


def clip(text: str, most: int = 60) -> str:
    """Cut what somebody typed to what an answer can repeat."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
