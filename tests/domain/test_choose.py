"""Choosing among the items of a proposal: it only narrows, and what stays keeps what it needs."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.choose import Cause, Chosen, choose_in, gone_with_repository, put_together
from bot.domain.form import FormError
from bot.domain.narrow import KEEP, OLDER, Narrowing, can_narrow, read_narrowing
from bot.domain.plan import Action, Item, make_plan
from bot.domain.purge import Purge, purge
from bot.domain.rule import Protection, Rule
from tests.domain.build import NOW, UNPROTECTED, UNTAGGED, Repo, days_ago, older_than
from tests.domain.random_repos import registry_of, repositories_and_rules
from tests.domain.test_properties import many

OLD = older_than(5)


def planned(repo: Repo, rule: Rule) -> tuple[Item, ...]:
    """Give the items of a proposal by this rule; those of a purge where the rule is one."""
    if rule.search:
        asked = Purge(repo.name, rule.tags, before=rule.before, keep=rule.spared, untagged=rule.untagged)
        return purge(repo.snapshot(), asked, rule, NOW).items
    return make_plan("example", repo.name, rule, [repo.judge(rule)], NOW).items


def choose(
    repo: Repo,
    rule: Rule,
    off: Iterable[str] = (),
    narrowing: Narrowing | None = None,
    *,
    items: tuple[Item, ...] | None = None,
) -> Chosen:
    """Take items off by their digest or their tag, and judge the rest."""
    items = planned(repo, rule) if items is None else items
    gone = set(off)
    unticked = {item.position for item in items if {item.digest, item.tag} & gone}
    narrowed = (narrowing or Narrowing()).of(rule)
    return choose_in(repo.snapshot(), items, unticked, rule=rule, narrowed=narrowed, now=NOW)


def left(chosen: Chosen) -> list[str]:
    """Give what is left, in order."""
    return [item.tag or item.digest for item in chosen.items]


def causes(chosen: Chosen) -> dict[str, Cause]:
    """Say of each thing that is taken off why."""
    return {one.item.tag or one.item.digest: one.cause for one in chosen.off}


def test_what_is_unticked_is_taken_off_and_the_rest_goes_on() -> None:
    """In the same order, with ranks as they are now."""
    repo = Repo()
    first, second, third = repo.image(days=30), repo.image(days=20), repo.image(days=10)
    chosen = choose(repo, UNTAGGED, [second])
    assert left(chosen) == [first, third]
    assert causes(chosen) == {second: Cause.HAND}
    assert chosen.by_choice


def test_the_parts_of_an_unticked_index_stay_with_it() -> None:
    """Unticking an index alone spares its platforms, their attachments and its own."""
    repo = Repo()
    child, other = repo.image(), repo.image()
    index = repo.index(child, tags=("v1",))
    signature = repo.signature(index)
    repo.image("v2", days=0)
    chosen = choose(repo, OLD, [index])
    assert left(chosen) == [other]
    assert causes(chosen) == {index: Cause.HAND, child: Cause.NEEDED, signature: Cause.NEEDED}


def test_an_unticked_referrer_keeps_its_subject() -> None:
    """The registry deletes a referrer with its subject, so the subject stays with it."""
    repo = Repo()
    image = repo.image()
    referrer = repo.image(subject=image)
    other = repo.image()
    chosen = choose(repo, UNTAGGED, [referrer])
    assert left(chosen) == [other]
    assert causes(chosen) == {referrer: Cause.HAND, image: Cause.NEEDED}


def test_a_part_may_stay_where_its_index_goes() -> None:
    """A platform needs no index."""
    repo = Repo()
    child = repo.image()
    index = repo.index(child)
    assert left(choose(repo, UNTAGGED, [child])) == [index]


def test_an_older_cutoff_takes_off_what_is_newer() -> None:
    """Also a part that is newer than the index that goes."""
    repo = Repo()
    child, old = repo.image(days=20), repo.image(days=40)
    index = repo.index(child, days=40)
    chosen = choose(repo, UNTAGGED, narrowing=Narrowing(before=days_ago(30)))
    assert set(left(chosen)) == {old, index}
    assert causes(chosen) == {child: Cause.RULE}


def test_keeping_the_newest_takes_them_off_with_what_they_need() -> None:
    """The number is a floor that the selection computes with: an index counts as one, and its parts stay with it."""
    repo = Repo()
    oldest = repo.image("v1", days=40)
    child = repo.image(days=20)
    index = repo.index(child, tags=("v2",), days=20)
    chosen = choose(repo, OLD, narrowing=Narrowing(keep=1))
    assert left(chosen) == [oldest]
    assert causes(chosen) == {index: Cause.RULE, child: Cause.NEEDED}


def test_a_narrowing_never_selects_more() -> None:
    """A later cutoff and a lower number than the rule's leave it as it is."""
    rule = older_than(30, keep_newest=3)
    assert Narrowing(before=days_ago(1), keep=1).of(rule) == rule
    assert Narrowing(before=days_ago(90), keep=4).of(rule) == older_than(90, keep_newest=4)


def test_what_has_changed_since_is_told_apart() -> None:
    """What may not go any more, whatever was chosen, is taken off with its reason, and is no choice."""
    repo = Repo()
    image, other, gone = repo.image(days=30), repo.image(days=20), repo.image(days=9)
    items = planned(repo, UNTAGGED)
    repo.manifests[image] = replace(repo.manifests[image], tags=("rescued",))
    repo.delete(gone)
    chosen = choose(repo, UNTAGGED, items=items)
    assert left(chosen) == [other]
    assert causes(chosen) == {image: Cause.SINCE, gone: Cause.SINCE}
    assert {one.reason for one in chosen.off} == {"tagged (rescued)", "already gone"}
    assert not chosen.by_choice


def test_what_has_come_since_is_never_added() -> None:
    """Though the rule selects it today."""
    repo = Repo()
    one, two = repo.image(), repo.image()
    items = planned(repo, UNTAGGED)
    repo.image()
    assert left(choose(repo, UNTAGGED, [one], items=items)) == [two]


def test_a_repository_that_can_not_be_understood_any_more_goes_off_whole() -> None:
    """Unknown means keep: nothing of it is left on the list."""
    repo = Repo()
    image, index = repo.image(), repo.index()
    items = planned(repo, UNTAGGED)
    repo.unreadable[index] = "it is too large"
    chosen = choose(repo, UNTAGGED, [image], items=items)
    assert not chosen.items
    assert causes(chosen) == {image: Cause.HAND, index: Cause.SINCE}


def test_the_last_tagged_image_stays_whatever_is_chosen() -> None:
    """The guard judges the new list as it did the old one."""
    rule = older_than(5, protection=Protection(grace=timedelta(), keep_last=True))
    repo = Repo()
    old, new = repo.image("v1", days=40), repo.image("v2", days=20)
    items = planned(repo, rule)
    assert [item.digest for item in items] == [old]
    repo.delete(new)
    other = repo.image(days=30)
    extra = replace(items[0], position=1, digest=other, tags=())
    assert causes(choose(repo, rule, [other], items=(*items, extra))) == {other: Cause.HAND, old: Cause.SINCE}


def purging(**more: object) -> Rule:
    """Give the rule of a purge for what begins with ``pr-``."""
    values = {"untagged": False, "tagged": True, "before": days_ago(5), "tags": "^pr-", "search": True}
    return Rule(**{**values, "protection": UNPROTECTED, **more})  # type: ignore[arg-type]


def test_tags_can_be_unticked_as_well() -> None:
    """Of a purge one tag stays, and the others are removed."""
    repo = Repo()
    for number in (1, 2, 3):
        repo.image(f"pr-{number}", days=10 * number)
    chosen = choose(repo, purging(), ["pr-2"])
    assert left(chosen) == ["pr-1", "pr-3"]
    assert {item.action for item in chosen.items} == {Action.UNTAG}
    assert causes(chosen) == {"pr-2": Cause.HAND}


def test_a_purge_is_narrowed_as_a_purge_is_asked_for() -> None:
    """By the age of each tag, and of those that would go the newest stay."""
    repo = Repo()
    for number in (1, 2, 3, 4):
        repo.image(f"pr-{number}", days=10 * number)
    assert left(choose(repo, purging(), narrowing=Narrowing(before=days_ago(25)))) == ["pr-3", "pr-4"]
    kept = choose(repo, purging(), narrowing=Narrowing(keep=1))
    assert left(kept) == ["pr-2", "pr-3", "pr-4"]
    assert causes(kept) == {"pr-1": Cause.RULE}
    assert Narrowing(keep=3).of(purging(spared=2)).spared == 3


def test_a_tag_that_has_moved_is_taken_off() -> None:
    """It is another one than what was listed."""
    repo = Repo()
    repo.image("pr-1")
    other = repo.image("pr-2")
    items = planned(repo, purging())
    repo.tags = [replace(tag, digest=other) if tag.name == "pr-1" else tag for tag in repo.tags]
    first = next(iter(repo.manifests))
    repo.manifests[first] = replace(repo.manifests[first], tags=())
    repo.manifests[other] = replace(repo.manifests[other], tags=("pr-1", "pr-2"))
    chosen = choose(repo, purging(), items=items)
    assert left(chosen) == ["pr-2"]
    assert causes(chosen) == {"pr-1": Cause.SINCE}


def test_lists_of_several_repositories_become_one() -> None:
    """Positions are counted anew, and nothing is left of a repository that is gone."""
    one, two = Repo("one"), Repo("two")
    for repo in (one, two):
        repo.image(days=30)
        repo.image(days=20)
    judged = [repo.judge(UNTAGGED) for repo in (one, two)]
    items = make_plan("example", "*", UNTAGGED, judged, NOW).items
    first = choose_in(one.snapshot(), items[:2], {0}, rule=UNTAGGED, narrowed=UNTAGGED, now=NOW)
    second = choose_in(two.snapshot(), items[2:], {0}, rule=UNTAGGED, narrowed=UNTAGGED, now=NOW)
    both = put_together([first, second])
    assert [(item.repository, item.position) for item in both.items] == [("one", 0), ("two", 1), ("two", 2)]
    assert both.counts == {Cause.HAND: 1}
    without = put_together([first, gone_with_repository(items[2:])])
    assert [item.repository for item in without.items] == ["one"]
    assert without.counts == {Cause.HAND: 1, Cause.SINCE: 2}


@pytest.mark.parametrize("lies", [pytest.param(False, id="honest"), pytest.param(True, id="lying")])
@given(data=st.data())
@many(250)
def test_a_choice_adds_nothing_and_breaks_nothing_that_stays(*, lies: bool, data: st.DataObject) -> None:
    """Whatever is unticked and narrowed: what is left was on the list and ticked, and all that stays can be pulled."""
    repo, rule = data.draw(repositories_and_rules(lies=lies))
    items = planned(repo, rule)
    assume(items)
    off = {item.position for item in items if data.draw(st.integers(0, 3), label="untick") == 0}
    before = data.draw(st.sampled_from((None, days_ago(1), days_ago(7), days_ago(30), days_ago(90))))
    narrowed = Narrowing(before, data.draw(st.sampled_from((None, 1, 2)))).of(rule)
    chosen = choose_in(repo.snapshot(), items, off, rule=rule, narrowed=narrowed, now=NOW)
    listed = {item.key: item for item in items}
    going = {item.key for item in chosen.items}
    assert going.isdisjoint({one.item.key for one in chosen.off})
    assert going | {one.item.key for one in chosen.off} == listed.keys()
    assert not going & {item.key for item in items if item.position in off}
    assert all(replace(item, rank=listed[item.key].rank) == listed[item.key] for item in chosen.items)
    if before is not None and can_narrow(rule):
        deleted = [item for item in chosen.items if item.action is Action.DELETE]
        tagged = [item for item in deleted if item.tags and not any(t.startswith("sha256-") for t in item.tags)]
        assert all(item.changed < before for item in tagged)
    registry = registry_of(repo)
    had = {digest: registry.there(digest) for digest in registry.bodies}
    pulled = registry.pull_all()
    gone = {item.digest for item in chosen.items if item.action is Action.DELETE}
    for digest in (item.digest for item in chosen.items if item.action is Action.DELETE):
        registry.delete(digest)
        if not lies:
            assert all(registry.there(other) == had[other] for other in registry.bodies)
    assert registry.bodies.keys() == pulled.keys() - gone
    assert registry.pull_all() == {digest: pulled[digest] for digest in registry.bodies}


@pytest.mark.parametrize(
    ("older", "keep", "rule", "expected"),
    [
        ("", "", OLD, Narrowing()),
        (" 30d ", "", OLD, Narrowing(before=days_ago(30))),
        ("4w", "3", UNTAGGED, Narrowing(days_ago(28), 3)),
        ("", "0", OLD, Narrowing()),
        ("", "2", older_than(5, keep_newest=2), Narrowing()),
    ],
)
def test_what_is_filled_in_is_read(older: str, keep: str, rule: Rule, expected: Narrowing) -> None:
    """An age counts back from now; a number that changes nothing is none."""
    assert read_narrowing(older, keep, rule, NOW) == expected


@pytest.mark.parametrize(
    ("older", "keep", "field", "words"),
    [
        ("soon", "", OLDER, "'soon' is not a length of time. Write a number with w, d, h, m or s"),
        ("2d", "", OLDER, "All that is on the list last changed before 2026-04-26 12:00 UTC, which is longer ago"),
        ("5d", "", OLDER, "Give a longer time, or leave this empty."),
        ("101y", "", OLDER, "is not a length of time"),
        ("", "1.5", KEEP, "'1.5' is not a number from 0 to 10,000."),
        ("", "-1", KEEP, "is not a number"),
        ("", "10001", KEEP, "is not a number from 0 to 10,000."),
        ("", "²", KEEP, "is not a number"),
        ("", "1", KEEP, "The list leaves out the newest 2 already. Give a higher number"),
    ],
)
def test_what_is_no_narrowing_is_told_at_its_field(older: str, keep: str, field: str, words: str) -> None:
    """What is no age or number, and what would select more than the list does."""
    with pytest.raises(FormError) as raised:
        read_narrowing(older, keep, older_than(5, keep_newest=2), NOW)
    assert raised.value.faults.keys() == {field}
    assert words in str(raised.value.faults[field])


def test_both_fields_are_told_at_once() -> None:
    """Whoever mends one need not be sent back for the other."""
    with pytest.raises(FormError) as raised:
        read_narrowing("x", "y", OLD, NOW)
    assert raised.value.faults.keys() == {OLDER, KEEP}


@pytest.mark.parametrize(
    ("rule", "can"),
    [
        (UNTAGGED, True),
        (OLD, True),
        (Rule(named=frozenset({"sha256:" + "a" * 64})), False),
        (Rule(tagged=True, whole=True), False),
        (Rule(untagged=False), False),
    ],
)
def test_only_what_a_rule_selects_can_be_narrowed(rule: Rule, *, can: bool) -> None:
    """Ages mean nothing where somebody has named what goes."""
    assert can_narrow(rule) is can


def test_a_far_age_is_no_fault() -> None:
    """A hundred years back is still a moment."""
    assert isinstance(read_narrowing("5000w", "", UNTAGGED, NOW).before, datetime)
