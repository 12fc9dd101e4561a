"""What rules select: by tag, by age, by pattern, by name."""

from datetime import timedelta, timezone

import pytest

from bot.domain.reason import Reason, Why
from bot.domain.rule import Protection, Rule
from bot.domain.selection import judge
from tests.domain.build import NO_DELETE, NOW, UNPROTECTED, Repo, days_ago, elsewhere, older_than


def named(*digests: str) -> Rule:
    """Give a rule that names digests by hand."""
    return Rule(named=frozenset(digests), protection=UNPROTECTED)


def test_an_untagged_image_may_go() -> None:
    """The plainest case: an image that lost its tag, Docker's or OCI's."""
    repo = Repo()
    oci, docker = repo.image(days=2), repo.docker_image(days=1)
    assert repo.going() == [oci, docker]
    assert repo.reason(docker) == Reason(Why.UNTAGGED)


def test_a_tagged_image_stays() -> None:
    """A rule about untagged manifests never selects what carries a tag; three tags are named."""
    repo = Repo()
    image = repo.image("a", "b", "c", "d", "e")
    assert repo.reason(image) == Reason(Why.TAGGED, detail="a, b, c and 2 more")


def test_an_empty_repository_is_judged() -> None:
    """Nothing in, nothing out."""
    judgement = Repo().judge()
    assert (judgement.verdicts, judgement.going, judgement.fault) == ({}, [], "")


@pytest.mark.parametrize(("days", "goes"), [(6.999, False), (7, False), (7.001, True)])
def test_only_what_changed_before_the_cutoff_may_go(days: float, *, goes: bool) -> None:
    """What changed at the very moment of the cutoff did not change before it."""
    repo = Repo()
    tagged, untagged = repo.image("v1", days=days), repo.image(days=days)
    assert set(repo.going(older_than(7))) == ({tagged, untagged} if goes else set())
    why = Why.OLD if goes else Why.TOO_NEW
    assert repo.reason(tagged, older_than(7)).why is repo.reason(untagged, older_than(7)).why is why


def test_the_oldest_go_first() -> None:
    """Within a rank the order is by age, so that a run that is stopped has done the least needed ones."""
    repo = Repo()
    images = [repo.image(days=days) for days in (3, 9, 5)]
    assert repo.going() == [images[1], images[2], images[0]]


def test_a_moment_is_the_same_in_every_time_zone() -> None:
    """Only the instant counts, and people are shown UTC."""
    repo = Repo()
    image = repo.image("v1", days=8)
    east = timezone(timedelta(hours=9))
    rule = older_than(7, before=days_ago(7).astimezone(east))
    assert judge(repo.snapshot(), rule, NOW.astimezone(east)).verdicts == judge(repo.snapshot(), rule, NOW).verdicts
    assert str(repo.reason(image, rule)) == "older than the cutoff (changed 2026-04-23 12:00 UTC)"


def test_a_rule_about_tags_leaves_untagged_manifests_alone() -> None:
    """Unless it says that it means both."""
    repo = Repo()
    tagged, untagged = repo.image("v1"), repo.image()
    assert repo.going(older_than(5, untagged=False)) == [tagged]
    assert repo.reason(untagged, older_than(5, untagged=False)) == Reason(Why.NOT_SELECTED)


def test_the_children_of_a_tagged_index_that_goes_follow_it() -> None:
    """A rule about tags that selects an index takes its untagged platforms along."""
    repo = Repo()
    child = repo.image(days=90)
    index = repo.index(child, tags=("pr-1",), days=90)
    rule = older_than(30, untagged=False, tags="pr-.*")
    assert repo.going(rule) == [index, child]
    assert repo.reason(child, rule) == Reason(Why.FOLLOWS, because=index)


def test_a_child_newer_than_the_cutoff_does_not_follow() -> None:
    """It may be part of something newer, and keeps to the rule's age by itself."""
    repo = Repo()
    child = repo.image(days=3)
    index = repo.index(child, tags=("pr-1",), days=90)
    assert repo.going(older_than(30, untagged=False)) == [index]


def test_a_child_that_something_kept_lists_does_not_follow() -> None:
    """Following ends where something that stays needs it."""
    repo = Repo()
    child = repo.image(days=90)
    index = repo.index(child, tags=("pr-1",), days=90)
    keeper = repo.index(child, tags=("v1",), days=90)
    rule = older_than(30, untagged=False, tags="pr-.*")
    assert repo.going(rule) == [index]
    assert repo.reason(child, rule) == Reason(Why.PART_OF_INDEX, because=keeper)


def test_a_tag_pattern_must_match_the_whole_tag() -> None:
    """``v1`` does not select ``v10``; alternatives match whole tags too."""
    repo = Repo()
    v1, v10, v2 = repo.image("v1"), repo.image("v10"), repo.image("v2")
    assert repo.going(older_than(5, tags="v1")) == [v1]
    assert set(repo.going(older_than(5, tags="v1|v2"))) == {v1, v2}
    assert repo.reason(v10, older_than(5, tags="v1")) == Reason(Why.OTHER_TAGS, detail="v10")


def test_a_tag_pattern_can_be_searched_for() -> None:
    """With search it may match anywhere in the tag."""
    repo = Repo()
    repo.image("release")
    image = repo.image("fix-pr-7")
    rule = older_than(5, tags="pr-", search=True)
    assert repo.going(rule) == [image]
    assert repo.reason(image, rule) == Reason(Why.TAGS_MATCH, detail="fix-pr-7")


def test_an_image_stays_when_one_of_its_tags_does_not_match() -> None:
    """A delete by digest takes all tags, so all of them must be asked for."""
    repo = Repo()
    image = repo.image("pr-1", "v1", "v2")
    assert repo.reason(image, older_than(5, tags="pr-.*")) == Reason(Why.OTHER_TAGS, detail="v1, v2")


def test_a_rule_without_a_cutoff_names_none() -> None:
    """Where no age was asked for, no reason speaks of one."""
    repo = Repo()
    tagged, untagged = repo.image("v1"), repo.image()
    rule = Rule(tagged=True, protection=UNPROTECTED)
    assert repo.reason(tagged, rule) == Reason(Why.TAGS_MATCH, detail="v1")
    assert repo.reason(untagged, rule) == Reason(Why.UNTAGGED)


def test_a_named_manifest_goes_with_its_tags() -> None:
    """Named by hand, a tagged image goes, keep pattern or not; nothing else does."""
    repo = Repo()
    image, other = repo.image("latest"), repo.image()
    protection = Protection(timedelta(), keep_tags=("latest",), keep_repositories=("*",))
    rule = Rule(named=frozenset({image}), protection=protection)
    assert repo.going(rule) == [image]
    assert repo.reason(other, rule) == Reason(Why.NOT_SELECTED)


def test_a_named_index_takes_what_belongs_to_it_along() -> None:
    """Its platforms, of whatever age, and its attachments; not what has a tag of its own."""
    repo = Repo()
    child, tagged = repo.image(days=0.1), repo.image("v1-arm64")
    index = repo.index(child, tagged, tags=("v1",))
    sbom = repo.oras(index)
    assert set(repo.going(named(index))) == {index, child, sbom}
    assert repo.reason(tagged, named(index)) == Reason(Why.TAGGED, detail="v1-arm64")


def test_a_named_child_of_an_index_stays() -> None:
    """Naming a platform does not break the image that lists it, and the reason leads to its tag."""
    repo = Repo()
    child = repo.image()
    index = repo.index(child, tags=("v1",))
    judgement = repo.judge(named(child))
    assert judgement.going == []
    assert [str(step.reason) for step in judgement.chain(child)] == [
        f"part of a kept multi-arch image {index[7:19]}",
        "tagged (v1)",
    ]


def test_a_named_signature_of_a_kept_image_stays() -> None:
    """A signature can't be had without its image being asked for."""
    repo = Repo()
    signature = repo.signature(repo.image("v1"))
    assert repo.going(named(signature)) == []


def test_a_named_manifest_still_needs_to_be_unlocked_and_past_its_grace() -> None:
    """Locks and grace hold against names as well."""
    repo = Repo()
    locked, fresh = repo.image(locks=NO_DELETE), repo.image(days=0.1)
    rule = Rule(named=frozenset({locked, fresh}))
    assert repo.reason(locked, rule).why is Why.LOCKED
    assert repo.reason(fresh, rule).why is Why.GRACE


def test_a_named_digest_that_is_not_there_has_no_verdict() -> None:
    """Nobody is told that something goes which is not there."""
    repo = Repo()
    image = repo.image()
    assert repo.judge(named(elsewhere("gone"))).verdicts.keys() == {image}


def test_equal_snapshots_get_equal_reasons() -> None:
    """Of two indexes that need a child the one listed first is named, in every process."""
    repo = Repo()
    child = repo.image()
    indexes = [repo.index(child, tags=(f"v{number}",)) for number in range(20)]
    assert repo.reason(child).because == indexes[0]


def test_a_verdict_shows_its_most_lasting_reason() -> None:
    """A lock outlasts an age: what is both locked and too new is called locked."""
    repo = Repo()
    locked = repo.image(days=1, locks=NO_DELETE)
    tagged = repo.image("v1", days=1, locks=NO_DELETE)
    rule = Rule(before=days_ago(7), protection=UNPROTECTED)
    assert repo.reason(locked, rule).why is Why.LOCKED
    assert repo.reason(tagged, rule).why is Why.TAGGED


def test_a_child_shows_what_keeps_it_longest() -> None:
    """A child of a tagged index that is also fresh is part of that index."""
    repo = Repo()
    child = repo.image(days=0.1)
    index = repo.index(child, tags=("v1",))
    assert repo.reason(child, Rule()) == Reason(Why.PART_OF_INDEX, because=index)


def test_now_may_come_in_any_zone_but_must_have_one() -> None:
    """A moment without a zone would be guessed at, so it is refused."""
    repo = Repo()
    repo.image()
    with pytest.raises(TypeError):
        judge(repo.snapshot(), Rule(), NOW.replace(tzinfo=None))
