"""Situations: age, tags, keep patterns, the newest N, and what somebody names by hand."""
# ruff: noqa: D401 - the first line of each says what is there

from dataclasses import replace

from bot.domain.reason import Why
from bot.domain.rule import Protection, Rule
from tests.selection.scene import NO_DELETE, REPOSITORY, UNTAGGED, Loop, Scene, older_than, situation

HOUR = 1 / 24


@situation(Loop.BREAKS)
def grace(scene: Scene) -> None:
    """A build that pushes its platforms first, and the index that lists them in a moment."""
    scene.image(Why.GRACE, days=HOUR)
    scene.image(Why.UNTAGGED)


@situation(Loop.BREAKS)
def fresh_index_over_old_platforms(scene: Scene) -> None:
    """A new index over images that were pushed long ago."""
    scene.index(Why.GRACE, *scene.platforms(Why.PART_OF_INDEX), days=HOUR)


@situation(Loop.NO_CHOICE, older_than(30))
def older_than_a_cutoff(scene: Scene) -> None:
    """The rule: older than 30 days, tagged or not."""
    scene.index(Why.OLD, *scene.platforms(Why.OLD), tags=("v1",))
    scene.image(Why.OLD)
    scene.image(Why.TOO_NEW, "v2", days=20)
    scene.image(Why.TOO_NEW, days=20)


@situation(Loop.NO_CHOICE, Rule(untagged=False, tagged=True, tags="pr-.*"))
def tags_that_match(scene: Scene) -> None:
    """A delete by digest takes all tags, so all of them must match. The rule: tags that match ``pr-.*``."""
    scene.image(Why.TAGS_MATCH, "pr-1", "pr-1-retry")
    scene.image(Why.OTHER_TAGS, "pr-2", "v2")
    scene.image(Why.OTHER_TAGS, "v3-pr-3")
    scene.image(Why.NOT_SELECTED)


@situation(Loop.NO_CHOICE, Rule(untagged=False, tagged=True, tags="pr-.*"))
def platforms_of_an_index_whose_tag_matches(scene: Scene) -> None:
    """They are untagged, which the rule doesn't ask for, and belong to what goes."""
    index = scene.index(Why.TAGS_MATCH, *scene.platforms(Why.FOLLOWS), tags=("pr-1",))
    scene.cosign(Why.FOLLOWS, index)
    scene.referrer(Why.FOLLOWS, index)
    scene.image(Why.OTHER_TAGS, "v1")


@situation(Loop.NO_CHOICE, older_than(30, protection=Protection(keep_tags=("latest", "stable-*"))))
def keep_pattern_for_tags(scene: Scene) -> None:
    """The settings outrank any rule. The rule: older than 30 days; kept: ``latest`` and ``stable-*``."""
    index = scene.index(Why.PATTERN, *scene.platforms(Why.PART_OF_INDEX), tags=("stable-1", "v1"))
    scene.referrer(Why.ATTACHED, index)
    scene.image(Why.OLD, "v2")


@situation(Loop.NO_CHOICE, replace(UNTAGGED, protection=Protection(keep_repositories=("team/*",))))
def keep_pattern_for_repositories(scene: Scene) -> None:
    """A repository that the settings protect is not cleaned at all."""
    scene.image(Why.PATTERN, "v1")
    scene.image(Why.PATTERN)


@situation(Loop.NO_CHOICE, Rule(untagged=False, tagged=True, tags="v.*", keep_newest=2))
def newest_n(scene: Scene) -> None:
    """An index counts as one image, whatever its age. The rule: tags that match ``v.*``, the newest 2 stay."""
    scene.image(Why.TAGS_MATCH, "v1", days=90)
    scene.index(Why.NEWEST, *scene.platforms(Why.PART_OF_INDEX, days=80), tags=("v2",), days=80)
    scene.image(Why.NEWEST, "v3", days=70)
    scene.image(Why.OTHER_TAGS, "nightly", days=60)


@situation(Loop.NO_CHOICE, replace(UNTAGGED, keep_newest=3))
def newest_n_of_the_untagged(scene: Scene) -> None:
    """Four builds, each an index over an index and an SBOM on top. The rule: untagged, the newest 3 stay."""
    for days in (70, 60, 50, 40):
        index, part, sbom = (
            (Why.UNTAGGED, Why.UNTAGGED, Why.FOLLOWS) if days == 70 else (Why.NEWEST, Why.PART_OF_INDEX, Why.ATTACHED)
        )
        inner = scene.index(part, *scene.platforms(part, days=days), days=days)
        scene.referrer(sbom, scene.index(index, inner, days=days), days=days)


@situation(Loop.NO_CHOICE)
def named_by_hand(scene: Scene) -> None:
    """Exactly what is named goes, tagged or not, with what belongs to it."""
    index = scene.index(Why.NAMED, *scene.platforms(Why.FOLLOWS), tags=("v1",))
    scene.referrer(Why.FOLLOWS, index)
    scene.named.add(index)
    scene.image(Why.TAGGED, "v2")
    scene.image(Why.NOT_SELECTED)


@situation(Loop.NO_CHOICE)
def named_platform_of_a_tagged_index(scene: Scene) -> None:
    """Naming a platform does not break the image that lists it."""
    named, other = scene.platforms(Why.PART_OF_INDEX)
    scene.index(Why.TAGGED, named, other, tags=("v1",))
    scene.named.add(named)


@situation(Loop.NO_CHOICE, Rule(tagged=True, whole=True, protection=Protection(keep_tags=("v*",))))
def whole_repository(scene: Scene) -> None:
    """All of it goes, whatever a keep pattern says; what is locked stays with what it needs."""
    index = scene.index(Why.WHOLE, *scene.platforms(Why.WHOLE), tags=("v1",))
    scene.referrer(Why.WHOLE, index)
    scene.image(Why.WHOLE)
    scene.lock(scene.index(Why.LOCKED, *scene.platforms(Why.PART_OF_INDEX), tags=("v2",)))
    scene.image(Why.GRACE, "v3", days=0.5)


@situation(Loop.NO_CHOICE, Rule(tagged=True, whole=True))
def whole_repository_with_a_lock_of_its_own(scene: Scene) -> None:
    """``deleteEnabled`` false on a repository only keeps the repository itself: so it does."""
    scene.image(Why.LOCKED, "v1")
    scene.image(Why.LOCKED)
    scene.registry.lock_repository(REPOSITORY, NO_DELETE)
