"""One tag or one lock, at length: what it is on, and what its removal changes and what it doesn't."""

from bot.blocks.text import code, join, plural
from bot.domain.graph import subject_of_tag
from bot.domain.plan import Action, Item
from bot.domain.reason import short
from bot.domain.rule import Rule

_TAGS_MOST = 5

# Azure's documents on locking: the three are set, and hold, each by itself.
LEVELS = {
    "tag": (
        "The lock of a tag is on the tag alone: it can't be moved or removed, and while it is there the manifest can't "
        "be deleted with it. The manifest, its other tags and the repository have locks of their own."
    ),
    "manifest": (
        "The lock of a manifest is on that manifest alone: it can't be deleted. Its tags and the repository have locks "
        "of their own, so a tag of it can still be moved or removed."
    ),
    "repository": (
        "The lock of a repository is on all in it: nothing can be pushed to it, and neither its images nor it can be "
        "deleted. Locks of single tags and manifests are set by themselves, and outlast it."
    ),
}


def level_of(item: Item) -> str:
    """Give the word for what a lock is on: tag, manifest or repository."""
    return "tag" if item.tag else "manifest" if item.digest else "repository"


def about_one(item: Item, rule: Rule) -> str:
    """Say in mrkdwn all that somebody has to know who removes one tag or lifts one lock."""
    if item.action is Action.UNLOCK:
        level = level_of(item)
        points = f" It points to {code(short(item.digest), 20)}." if item.tag else ""
        return f"This is the lock of the {level} {code(item.about)}.{points} {LEVELS[level]}"
    what = f"{code(short(item.digest), 20)}" + (f" ({code(item.platform, 60)})" if item.platform else "")
    lines = [f"It points to {what}. {_left(item)}", "Removing a tag frees no space: the manifest and its layers stay."]
    if pattern := rule.protection.pattern_for([item.tag]):
        lines.append(
            f":warning: *The settings protect this tag* ({code('keep_tags', 20)}: {code(pattern, 80)}): without it, "
            "they protect the manifest no more, unless another of its tags does. It can go only since it is named here."
        )
    return "\n".join(lines)


def _left(item: Item) -> str:
    others = [tag for tag in item.tags if tag != item.tag]
    given = [tag for tag in others if not subject_of_tag(tag)]
    if given:
        names = join([code(tag, 150) for tag in given], _TAGS_MOST)
        return f"That keeps {plural(len(given), 'other tag', 'other tags')}: {names}."
    return (
        "*That will be left untagged*: it is not deleted by this, and can be pulled by its digest until somebody "
        f"proposes what {code('/acr untagged ' + item.repository, 120)} then lists."
    )
