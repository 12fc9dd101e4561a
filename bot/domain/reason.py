"""Why a manifest is kept or may go: a closed set of reasons, each with a sentence for people."""

import enum
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.manifest import Manifest


class Why(enum.Enum):
    """Every reason there is. The value is the stable word in files, tables and logs."""

    # kept
    TAGGED = "tagged"
    PART_OF_INDEX = "part-of-kept-index"
    ATTACHED = "attached-to-kept"
    HOLDS_ATTACHMENT = "holds-kept-attachment"
    LOCKED = "locked"
    GRACE = "within-grace"
    PATTERN = "kept-by-pattern"
    NEWEST = "among-newest"
    LAST_TAGGED = "last-tagged"
    UNREADABLE = "repository-unreadable"
    TOO_NEW = "newer-than-cutoff"
    OTHER_TAGS = "tags-do-not-match"
    NOT_SELECTED = "not-selected"
    SIGNATURE_STORE = "signs-elsewhere"
    RETAGGED = "tags-changed"
    CHANGED = "changed-since"
    # may go
    UNTAGGED = "untagged"
    OLD = "older-than-cutoff"
    TAGS_MATCH = "tags-match"
    NAMED = "named"
    WHOLE = "whole-repository"
    ORPHAN = "orphaned-attachment"
    FOLLOWS = "follows"
    # was listed, is no more
    VANISHED = "vanished"


KEEPING = frozenset(
    {
        Why.TAGGED,
        Why.PART_OF_INDEX,
        Why.ATTACHED,
        Why.HOLDS_ATTACHMENT,
        Why.LOCKED,
        Why.GRACE,
        Why.PATTERN,
        Why.NEWEST,
        Why.LAST_TAGGED,
        Why.UNREADABLE,
        Why.TOO_NEW,
        Why.OTHER_TAGS,
        Why.NOT_SELECTED,
        Why.SIGNATURE_STORE,
        Why.RETAGGED,
        Why.CHANGED,
    }
)

_HEADLINES = {
    Why.TAGGED: "tagged",
    Why.PART_OF_INDEX: "part of a kept multi-arch image",
    Why.ATTACHED: "signature or attachment of a kept image",
    Why.HOLDS_ATTACHMENT: "holds a kept attachment",
    Why.LOCKED: "locked",
    Why.GRACE: "changed within the grace time",
    Why.PATTERN: "kept by a pattern",
    Why.NEWEST: "among the newest",
    Why.LAST_TAGGED: "the last tagged image",
    Why.UNREADABLE: "repository could not be read",
    Why.TOO_NEW: "newer than the cutoff",
    Why.OTHER_TAGS: "its tags do not all match",
    Why.NOT_SELECTED: "not what was asked for",
    Why.SIGNATURE_STORE: "signs an image that is not in this repository",
    Why.RETAGGED: "its tags have changed since",
    Why.CHANGED: "changed since it was proposed",
    Why.UNTAGGED: "untagged",
    Why.OLD: "older than the cutoff",
    Why.TAGS_MATCH: "only tags that match",
    Why.NAMED: "named by hand",
    Why.WHOLE: "with the whole repository",
    Why.ORPHAN: "attachment whose image is gone",
    Why.FOLLOWS: "belongs to a manifest that goes",
    Why.VANISHED: "already gone",
}


def headline(why: Why) -> str:
    """Give the short phrase for a table or a count, in lower case."""
    return _HEADLINES[why]


def short(digest: str) -> str:
    """Shorten a digest for people: the algorithm's name dropped, 12 characters kept, as Docker does."""
    return digest.partition(":")[2][:12] or digest


def at(moment: datetime) -> str:
    """Write a time for people: ``2026-11-23 15:00 UTC``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason with what it points to.

    ``because`` is the digest that leads to this verdict (the index that lists it, the image that it signs), empty where
    there is none; ``detail`` completes the sentence: a tag, a pattern, a time, the cause of a fault.
    """

    why: Why
    because: str = ""
    detail: str = ""

    def __str__(self) -> str:
        text = headline(self.why)
        if self.because:
            text += f" {short(self.because)}"
        if self.detail:
            text += f" ({self.told})"
        return text

    @property
    def told(self) -> str:
        """The detail as it is told behind the headline: a time that is not the cutoff's own must not read as if."""
        return f"changed {self.detail}" if self.why in {Why.OLD, Why.TOO_NEW} and self.detail else self.detail


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one manifest, and why."""

    manifest: Manifest
    reason: Reason

    @property
    def goes(self) -> bool:
        """Whether it may be deleted."""
        return self.reason.why not in KEEPING and self.reason.why is not Why.VANISHED
