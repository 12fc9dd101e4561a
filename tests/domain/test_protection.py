"""What no rule selects: locks, keep patterns, the newest, what changed a moment ago."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.manifest import Locks
from bot.domain.reason import Reason, Why
from bot.domain.rule import Protection, Rule
from tests.domain.build import NO_DELETE, NO_WRITE, UNPROTECTED, UNTAGGED, Repo, older_than


@pytest.mark.parametrize("locks", [NO_DELETE, NO_WRITE, Locks(False, False)])
def test_a_locked_manifest_stays(locks: Locks) -> None:
    """``deleteEnabled`` or ``writeEnabled`` false on the manifest forbids its delete."""
    repo = Repo()
    image = repo.image(locks=locks)
    assert repo.reason(image) == Reason(Why.LOCKED, detail="the manifest is")
    assert str(repo.reason(image)) == "locked (the manifest is)"


@pytest.mark.parametrize("locks", [NO_DELETE, NO_WRITE])
def test_a_manifest_with_a_locked_tag_stays(locks: Locks) -> None:
    """One locked tag among others is enough."""
    repo = Repo()
    image = repo.image("v1", "v2", "v3")
    repo.tags[1] = replace(repo.tags[1], locks=locks)
    assert repo.reason(image, older_than(5)) == Reason(Why.LOCKED, detail="its tag v2 is")


def test_a_locked_repository_keeps_everything() -> None:
    """``writeEnabled`` false on a repository locks all its images."""
    repo = Repo(locks=NO_WRITE)
    image, named = repo.image(), repo.image("v1")
    rule = Rule(named=frozenset({named}), protection=UNPROTECTED)
    assert repo.reason(image) == Reason(Why.LOCKED, detail="the whole repository is")
    assert repo.going() == repo.going(rule) == []
    assert repo.judge().fault == ""


def test_a_repository_that_only_cannot_be_deleted_itself_is_cleaned() -> None:
    """``deleteEnabled`` false on a repository says nothing about its images."""
    repo = Repo(locks=NO_DELETE)
    image = repo.image()
    assert repo.going() == [image]


@pytest.mark.parametrize(("days", "goes"), [(0.999, False), (1, True), (1.001, True), (-1, False)])
def test_what_changed_within_the_grace_time_stays(days: float, *, goes: bool) -> None:
    """A day of grace ends after exactly a day; what is dated in the future is new."""
    repo = Repo()
    image = repo.image(days=days)
    assert repo.going(Rule()) == ([image] if goes else [])


def test_the_reason_of_grace_says_when_it_changed() -> None:
    """People see the moment in UTC."""
    repo = Repo()
    reason = repo.reason(repo.image(days=0.5), Rule())
    assert str(reason) == "changed within the grace time (2026-05-01 00:00 UTC)"


@pytest.mark.parametrize("days", [0, -1])
def test_a_grace_time_of_zero_switches_it_off(days: float) -> None:
    """Without grace even what was pushed this moment may go."""
    repo = Repo()
    image = repo.image(days=days)
    assert repo.going(UNTAGGED) == [image]


def test_a_keep_pattern_keeps_what_carries_a_tag_that_matches() -> None:
    """A glob of the settings outranks any rule."""
    repo = Repo()
    release, other = repo.image("release-1", "x"), repo.image("pr-1")
    rule = older_than(5, protection=Protection(timedelta(), keep_tags=("latest", "release-*")))
    assert repo.going(rule) == [other]
    assert repo.reason(release, rule) == Reason(Why.PATTERN, detail="keep_tags: release-*")


def test_a_keep_pattern_keeps_what_the_image_needs() -> None:
    """The children and attachments of a protected image stay with it."""
    repo = Repo()
    child = repo.image(days=90)
    index = repo.index(child, tags=("latest",), days=90)
    repo.oras(index, days=90)
    assert repo.going(older_than(5, protection=Protection(timedelta(), keep_tags=("latest",)))) == []


def test_a_keep_pattern_tells_upper_from_lower_case() -> None:
    """Tags do so as well."""
    repo = Repo()
    image = repo.image("LATEST")
    assert repo.going(older_than(5, protection=Protection(timedelta(), keep_tags=("latest",)))) == [image]


def test_a_keep_pattern_for_repositories_keeps_everything() -> None:
    """A protected repository is not cleaned, and that is no fault."""
    repo = Repo(name="base/alpine")
    image = repo.image()
    rule = Rule(protection=Protection(timedelta(), keep_repositories=("base/*",)))
    assert repo.reason(image, rule) == Reason(Why.PATTERN, detail="keep_repositories: base/*")
    assert repo.judge(rule).fault == ""
    repo.name = "team/base"
    assert repo.going(rule) == [image]


def test_the_newest_of_the_matching_images_stay_whatever_their_age() -> None:
    """Keep N is a floor: an image that is a year old stays where nothing newer matches."""
    repo = Repo()
    old, older, oldest = (repo.image(f"pr-{days}", days=days) for days in (300, 400, 500))
    repo.image("v1", days=1)
    rule = older_than(30, untagged=False, tags="pr-.*", keep_newest=2)
    assert repo.going(rule) == [oldest]
    assert repo.reason(old, rule) == repo.reason(older, rule) == Reason(Why.NEWEST, detail="of 2 to keep")


def test_what_is_newer_than_the_cutoff_counts_among_the_newest() -> None:
    """The newest N are counted over all that match, not over what would go."""
    repo = Repo()
    repo.image("pr-1", days=1)
    old = repo.image("pr-2", days=90)
    assert repo.going(older_than(30, keep_newest=1)) == [old]


def test_keeping_more_than_there_are_keeps_all() -> None:
    """A large N is no error."""
    repo = Repo()
    repo.image("pr-1", days=90)
    assert repo.going(older_than(30, keep_newest=5)) == []


def test_an_index_counts_as_one_image_and_keeps_its_children() -> None:
    """Three builds of three platforms are three images, tagged platforms or not."""
    repo = Repo()
    builds = []
    for days in (100, 200, 300):
        amd, arm = repo.image(f"pr-{days}-amd64", days=days), repo.image(days=days)
        builds.append((amd, arm, repo.index(amd, arm, tags=(f"pr-{days}",), days=days)))
    rule = older_than(30, tags="pr-.*", keep_newest=2)
    assert set(repo.going(rule)) == set(builds[2])
    assert repo.reason(builds[0][2], rule).why is Why.NEWEST
    assert repo.reason(builds[0][0], rule) == Reason(Why.PART_OF_INDEX, because=builds[0][2])


def test_a_matching_image_that_some_old_index_lists_still_counts() -> None:
    """An untagged index that goes does not take the newest tagged image out of the count."""
    repo = Repo()
    image = repo.image("pr-1", days=90)
    index = repo.index(image, days=90)
    assert repo.going(older_than(30, tags="pr-.*", keep_newest=1)) == [index]


def test_what_belongs_to_a_kept_index_is_no_further_image() -> None:
    """A tagged platform of an index that stays anyhow leaves its place to the next older image."""
    repo = Repo()
    platform = repo.image("pr-3-amd64", days=90)
    repo.index(platform, tags=("v3",), days=90)
    second, third = repo.image("pr-2", days=95), repo.image("pr-1", days=99)
    rule = older_than(30, tags="pr-.*", keep_newest=1)
    assert repo.going(rule) == [third]
    assert repo.reason(second, rule).why is Why.NEWEST


def test_the_newest_of_untagged_images_are_counted_without_attachments() -> None:
    """Keep one untagged image: the index, not its platforms or the signature on top."""
    repo = Repo()
    child = repo.image(days=20)
    index = repo.index(child, days=20)
    repo.signature(index, days=19)
    older = repo.image(days=30)
    rule = Rule(keep_newest=1, protection=UNPROTECTED)
    assert repo.going(rule) == [older]
    assert repo.reason(index, rule).why is Why.NEWEST


def test_the_newest_are_the_same_when_the_rule_runs_again() -> None:
    """A locked platform outlives its index; as an image of its own it pushes nothing else out."""
    repo = Repo()
    locked = repo.image(days=1, locks=NO_DELETE)
    index = repo.index(locked, days=40)
    newest, older = repo.image(days=20), repo.image(days=30)
    rule = Rule(keep_newest=2, protection=UNPROTECTED)
    assert set(repo.going(rule)) == {index, older}
    repo.delete(*repo.going(rule))
    assert repo.going(rule) == []
    assert repo.reason(newest, rule).why is Why.NEWEST


def test_keeping_the_newest_does_not_hold_up_a_delete_by_name() -> None:
    """Somebody who names a digest means it."""
    repo = Repo()
    image = repo.image("v1")
    assert repo.going(Rule(named=frozenset({image}), keep_newest=3, protection=UNPROTECTED)) == [image]
