"""How manifests and their tags are named where tags are deleted with them."""

from collections.abc import Callable, Iterable, Sequence

from bot.blocks.text import code, join, name, number, plural
from bot.domain.graph import subject_of_tag
from bot.domain.plan import Item
from bot.domain.reason import short
from bot.domain.rule import Rule

_NAMES_MOST = 3
_WORDS_MOST = 2400

Shown = Callable[[str, int], str]


def tag_count(items: Iterable[Item]) -> int:
    """Count the tags that go with manifests."""
    return sum(len(item.tags) for item in items)


def tag_words(items: Sequence[Item], target: str) -> str:
    """List in mrkdwn all tags that go with manifests, as many as fit, each with its repository where that is not clear.

    First those that somebody gave, then those of signatures and other attachments. Empty where there are none.
    """
    tags = [(item.repository, tag) for item in items for tag in item.tags]
    tags.sort(key=lambda pair: bool(subject_of_tag(pair[1])))
    return as_many_as_fit([tag if repository == target else f"{repository}:{tag}" for repository, tag in tags])


def named_item(items: Iterable[Item], rule: Rule) -> Item | None:
    """Find the manifest that a rule names; None where it names none, or several."""
    found = [item for item in items if item.digest in rule.named]
    return found[0] if len(found) == 1 == len(rule.named) else None


def names_of(item: Item, shown: Shown = code, most: int = 256) -> str:
    """Name a manifest by its tags, as ``app:latest and app:v3``, or by its digest where it has none.

    In mrkdwn, unless ``shown`` (a text and its longest form) shows a name otherwise.
    """
    if not item.tags:
        return shown(f"{name(item.repository, most - 20)}@{short(item.digest)}", most)
    return join([shown(f"{item.repository}:{tag}", most) for tag in item.tags], _NAMES_MOST)


def named_and_more(item: Item, count: int) -> str:
    """Name in mrkdwn a manifest with its digest, and how many of ``count`` manifests belong to it."""
    digest = f" ({code(short(item.digest), 20)})" if item.tags else ""
    more = f" and {plural(count - 1, 'manifest')} that {'belongs' if count == 2 else 'belong'} to it"  # noqa: PLR2004 - the one and another
    return f"{names_of(item)}{digest}{more if count > 1 else ''}"


def all_of(item: Item) -> str:
    """Say in mrkdwn what deleting one manifest deletes: ``the manifest sha256:… and all of: app:latest, app:v3``."""
    this = f"This deletes the manifest {code(item.digest, 150)}"
    tags = as_many_as_fit([f"{item.repository}:{tag}" for tag in item.tags])
    return f"{this} and all of: {tags}." if tags else f"{this}, which carries no tag."


def protected(item: Item, rule: Rule) -> str:
    """Warn in mrkdwn where the settings keep this from every rule, and only its being named lets it go."""
    protection = rule.protection
    if pattern := protection.pattern_for(item.tags):
        return f":warning: *The settings protect it* ({code('keep_tags', 20)}: {code(pattern, 80)}): {_SO}"
    if pattern := protection.pattern_for_repository(item.repository):
        return f":warning: *The settings protect it* ({code('keep_repositories', 20)}: {code(pattern, 80)}): {_SO}"
    return ""


_SO = "no clean-up would select it. It can go only since it is named here."


def as_many_as_fit(names: Sequence[str], most: int = _WORDS_MOST) -> str:
    """List names in mrkdwn, in about so many characters, and count the rest."""
    shown: list[str] = []
    room = most
    for each in names:
        words = code(each)
        room -= len(words) + 2
        if room < 0:
            break
        shown.append(words)
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {number(rest)} more" if rest else "")
