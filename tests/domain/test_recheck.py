"""Judged again: what goes is as it was approved, in its tags and in all else that touches it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.plan import Item, item_of
from bot.domain.reason import Reason, Why
from bot.domain.recheck import Recheck, recheck
from bot.domain.rule import Rule
from tests.domain.build import NO_DELETE, NOW, UNPROTECTED, UNTAGGED, Repo, older_than


def named(*digests: str) -> Rule:
    """Give a rule for just these manifests, without a grace time."""
    return Rule(named=frozenset(digests), protection=UNPROTECTED)


def approved(repo: Repo, digests: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Give digests with the tags that they have now."""
    return {digest: repo.manifests[digest].tags for digest in digests}


def check(repo: Repo, rule: Rule, items: dict[str, tuple[str, ...]]) -> Recheck:
    """Judge again what was approved with these tags."""
    return recheck(repo.snapshot(), rule, NOW, {d: replace(repo.item(d), tags=tags) for d, tags in items.items()})


def planned(repo: Repo, rule: Rule) -> dict[str, Item]:
    """Give all that may go now, as it would be approved."""
    return {verdict.manifest.digest: item_of(repo.name, verdict) for verdict in repo.judge(rule).going}


RULES = [
    pytest.param(named, id="named"),
    pytest.param(lambda _: older_than(5), id="old"),
    pytest.param(lambda _: older_than(5, untagged=False, tags=".*"), id="tags"),
]


@pytest.mark.parametrize("make_rule", RULES)
def test_what_has_the_approved_tags_goes(make_rule: object) -> None:
    """In whatever order they are listed."""
    repo = Repo()
    image = repo.image("v1", "latest")
    rule = make_rule(image)  # type: ignore[operator]
    assert check(repo, rule, {image: ("latest", "v1")}).ranks == {image: 0}


@pytest.mark.parametrize("make_rule", RULES)
@pytest.mark.parametrize(
    ("then", "detail"),
    [
        (("latest", "v1"), "now v1"),
        (("latest",), "now v1"),
        ((), "now v1"),
    ],
    ids=["one-fewer", "another", "was-untagged"],
)
def test_what_has_other_tags_than_were_approved_stays(make_rule: object, then: tuple[str, ...], detail: str) -> None:
    """One fewer, another one, or one where there was none: nobody approved that."""
    repo = Repo()
    image = repo.image("v1")
    rule = make_rule(image)  # type: ignore[operator]
    checked = check(repo, rule, {image: then})
    assert checked.spared == {image: Reason(Why.RETAGGED, detail=detail)}
    assert not checked.ranks


def test_a_manifest_whose_tag_has_moved_away_stays_though_it_is_untagged_now() -> None:
    """A delete by tag is about the manifest under that tag; without it, it is another question."""
    repo = Repo()
    image = repo.image()
    checked = check(repo, named(image), {image: ("latest",)})
    assert checked.spared == {image: Reason(Why.RETAGGED, detail="now untagged")}


def test_what_stays_for_its_tags_keeps_what_it_needs() -> None:
    """The parts of an index whose tags have changed, and what is attached to it, stay as well."""
    repo = Repo()
    child = repo.image()
    index = repo.index(child, tags=("v1",))
    signature = repo.signature(index)
    items = approved(repo, (index, child, signature))
    checked = check(repo, named(index), {**items, index: ("v1", "latest")})
    assert not checked.ranks
    assert {digest: reason.why for digest, reason in checked.spared.items()} == {
        index: Why.RETAGGED,
        child: Why.PART_OF_INDEX,
        signature: Why.ATTACHED,
    }
    assert check(repo, named(index), items).ranks.keys() == {index, child, signature}


def test_an_untagged_manifest_that_is_tagged_now_stays_by_the_rule() -> None:
    """A rule about untagged manifests says so itself, and a moved cosign tag does not matter to it."""
    repo = Repo()
    image = repo.image("rescued")
    assert check(repo, UNTAGGED, {image: ()}).spared == {image: Reason(Why.TAGGED, detail="rescued")}
    orphan = repo.image()
    assert check(repo, UNTAGGED, {orphan: ("sha256-" + "a" * 64 + ".sig",)}).ranks.keys() == {orphan}


def test_that_tags_have_changed_says_more_than_when() -> None:
    """Moving a tag touches the manifest, which the grace time and a cutoff notice as well; a lock outlasts it."""
    repo = Repo()
    image = repo.image("v2", days=0.1)
    for rule in (Rule(named=frozenset({image})), older_than(5)):
        assert check(repo, rule, {image: ("v1",)}).spared[image].why is Why.RETAGGED
        assert check(repo, rule, {image: ("v2",)}).spared[image].why in {Why.GRACE, Why.TOO_NEW}
    locked = repo.image("v3", locks=NO_DELETE)
    assert check(repo, named(locked), {locked: ("v1",)}).spared[locked].why is Why.LOCKED


def test_many_tags_are_cut_short() -> None:
    """The reason names the first three."""
    repo = Repo()
    image = repo.image("a", "b", "c", "d", "e")
    (reason,) = check(repo, named(image), {image: ("a",)}).spared.values()
    assert str(reason) == "its tags have changed since (now a, b, c and 2 more)"


def test_a_follower_goes_though_its_leader_is_gone_already() -> None:
    """A run that was interrupted after the index goes on with its platforms and signatures."""
    repo = Repo()
    child, nested_child = repo.image(), repo.image()
    nested = repo.index(nested_child)
    index = repo.index(child, nested, tags=("v1",))
    signature = repo.signature(index)
    items = planned(repo, named(index))
    repo.delete(index)
    checked = recheck(repo.snapshot(), named(index), NOW, items)
    assert checked.gone == {index}
    assert checked.ranks.keys() == {child, nested, nested_child, signature}
    assert checked.ranks[nested] < checked.ranks[nested_child]


def test_a_follower_stays_when_something_else_needs_it_by_now() -> None:
    """An index that came since and lists it keeps it, whoever its leader was."""
    repo = Repo()
    child = repo.image()
    index = repo.index(child, tags=("v1",))
    items = planned(repo, named(index))
    repo.delete(index)
    other = repo.index(child, repo.image(), tags=("v2",))
    checked = recheck(repo.snapshot(), named(index), NOW, items)
    assert checked.spared == {child: Reason(Why.PART_OF_INDEX, because=other)}


def test_a_follower_that_has_changed_or_is_locked_stays() -> None:
    """Somebody touched it after it was approved."""
    repo = Repo()
    touched, locked = repo.image(), repo.image()
    index = repo.index(touched, locked, tags=("v1",))
    items = planned(repo, named(index))
    assert items.keys() == {index, touched, locked}
    repo.delete(index)
    repo.manifests[touched] = replace(repo.manifests[touched], updated=NOW - timedelta(days=5))
    repo.manifests[locked] = replace(repo.manifests[locked], locks=NO_DELETE)
    checked = recheck(repo.snapshot(), named(index), NOW, items)
    assert {digest: reason.why for digest, reason in checked.spared.items()} == {
        touched: Why.NOT_SELECTED,
        locked: Why.LOCKED,
    }


def test_what_nobody_approved_keeps_its_follower() -> None:
    """An untagged index that nobody approved, and that lists an approved platform, stays and keeps it."""
    repo = Repo()
    child = repo.image()
    index = repo.index(child, tags=("v1",))
    items = planned(repo, named(index))
    repo.delete(index)
    repo.index(child)
    checked = recheck(repo.snapshot(), named(index), NOW, items)
    assert checked.spared.keys() == {child}


@pytest.mark.parametrize("rule", [UNTAGGED, older_than(5)])
def test_what_has_changed_since_stays_with_what_it_needs(rule: Rule) -> None:
    """Somebody has tagged and untagged it, locked and unlocked it: that is not what was approved, whatever its age."""
    repo = Repo()
    child, other = repo.image(days=30), repo.image(days=30)
    index = repo.index(child, days=30)
    items = {digest: repo.item(digest) for digest in (child, other, index)}
    assert recheck(repo.snapshot(), rule, NOW, items).ranks.keys() == {child, other, index}
    repo.manifests[index] = replace(repo.manifests[index], updated=NOW - timedelta(days=6))
    checked = recheck(repo.snapshot(), rule, NOW, items)
    assert checked.spared == {
        index: Reason(Why.CHANGED, detail="2026-04-25 12:00 UTC"),
        child: Reason(Why.PART_OF_INDEX, because=index),
    }
    assert checked.ranks.keys() == {other}


def test_a_time_that_a_replica_gives_earlier_is_no_change() -> None:
    """Only what is later than what was seen tells that somebody has had to do with it."""
    repo = Repo()
    image = repo.image(days=30)
    item = replace(repo.item(image), updated=NOW - timedelta(days=20))
    assert recheck(repo.snapshot(), UNTAGGED, NOW, {image: item}).ranks.keys() == {image}
