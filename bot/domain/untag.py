"""Removing a tag, and nothing else: what stands against it, and what it leaves behind."""

from collections.abc import Mapping

from bot.domain.graph import named_in_tag
from bot.domain.manifest import Snapshot, Tag
from bot.domain.plan import Item
from bot.domain.proposal import Outcome
from bot.domain.reason import Reason, Why, short


def tags_by_name(snapshot: Snapshot) -> dict[str, Tag]:
    """Give every tag that either listing tells of."""
    tags = {
        name: Tag(name, digest)
        for digest, manifest in snapshot.manifests.items()
        if digest not in snapshot.vanished
        for name in manifest.tags
    }
    return tags | {tag.name: tag for tag in snapshot.tags}


def why_it_stays(snapshot: Snapshot, tag: Tag) -> Reason | None:
    """Give the reason why a tag can't or must not be removed by itself, if there is one.

    A tag that names a digest is how a signature or another attachment is found: whoever removes it from an image that
    is there has deleted the attachment for all who look for it. The lock of a manifest is none of its tags.
    """
    if not snapshot.locks.write_enabled:
        return Reason(Why.LOCKED, detail="the whole repository is")
    if tag.locks.forbid_delete:
        return Reason(Why.LOCKED, detail=f"its tag {tag.name} is")
    subject = named_in_tag(tag.name)
    if subject in snapshot.manifests and subject not in snapshot.vanished | {tag.digest}:
        return Reason(Why.ATTACHED, because=subject)
    return None


def check_again(snapshot: Snapshot, tags: Mapping[str, Tag], item: Item) -> tuple[Outcome, str] | None:
    """Hold an approved removal of a tag against a fresh snapshot: None where it may go, else its outcome and why."""
    tag = tags.get(item.tag)
    if tag is None:
        return Outcome.GONE, ""
    if tag.digest != item.digest:
        return Outcome.SKIPPED, f"{item.about} points to {short(tag.digest)} since"
    reason = why_it_stays(snapshot, tag)
    return (Outcome.SKIPPED, str(reason)) if reason else None
