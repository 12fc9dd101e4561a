"""Promise 1 over random repositories, against a registry that only pulls and deletes (``oracle.py``).

``PROPERTY_EXAMPLES=20000 pytest tests/domain/test_properties.py --timeout 3600`` tries that many for each property,
other ones in every run. Without it they are fewer and always the same, so that nobody's change fails by bad luck.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bot.domain.plan import Item
from bot.domain.reason import KEEPING, Why
from bot.domain.recheck import recheck
from bot.domain.rule import Rule
from bot.domain.selection import Judgement
from tests.domain.build import NO_DELETE, NO_WRITE, NOW, Repo
from tests.domain.oracle import Registry
from tests.domain.random_repos import left_in, registry_of, repositories_and_rules, with_manifest, with_tag

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "0"))
ATTACHMENT_TAG = re.compile(r"sha256-[0-9a-f]{64}(\.(sig|att|sbom))?")


def many(examples: int) -> settings:
    """Give the settings for a property that is worth so many examples in a normal run."""
    return settings(
        max_examples=EXAMPLES or examples,
        derandomize=not EXAMPLES,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def order_of(judgement: Judgement) -> list[str]:
    """Give what goes, in order."""
    return [verdict.manifest.digest for verdict in judgement.going]


def recheck_order(repo: Repo, rule: Rule, approved: Mapping[str, Item]) -> list[str]:
    """Give what still goes of what was approved as it was then, in order."""
    checked = recheck(repo.snapshot(), rule, NOW, approved)
    assert approved.keys() == checked.gone | checked.spared.keys() | checked.ranks.keys()
    assert len(approved) == len(checked.gone) + len(checked.spared) + len(checked.ranks)
    return [digest for wave in checked.waves() for digest in wave]


def cleaned(repo: Repo, judgement: Judgement) -> Registry:
    """Delete all that may go, in order."""
    registry = registry_of(repo)
    for digest in order_of(judgement):
        registry.delete(digest)
    return registry


def must_stay(repo: Repo, rule: Rule) -> set[str]:
    """Say what no reading of the rule lets go, from the listing alone."""
    stay = set()
    with_tags = [manifest.updated for digest, manifest in repo.manifests.items() if manifest.tags]
    for digest, manifest in repo.manifests.items():
        ordinary = [tag for tag in manifest.tags if not ATTACHMENT_TAG.fullmatch(tag)]
        stable = any(tag.startswith("stable-") for tag in ordinary)
        pattern = re.compile(rule.tags)
        matches = pattern.search if rule.search else pattern.fullmatch
        as_new = sum(updated >= manifest.updated for updated in with_tags)
        stays = [
            manifest.locks.forbid_delete,
            any(tag.digest == digest and tag.locks.forbid_delete for tag in repo.tags),
            bool(rule.protection.grace) and manifest.updated > NOW - rule.protection.grace,
            bool(rule.named) and digest not in rule.named and bool(ordinary),
            not rule.named and bool(ordinary) and not rule.tagged,
            not rule.named and bool(rule.tags) and any(not matches(tag) for tag in ordinary),
            not rule.named and bool(ordinary) and rule.before is not None and manifest.updated >= rule.before,
            not rule.named and stable and "stable-*" in rule.protection.keep_tags,
            not rule.named and bool(ordinary) and as_new <= rule.keep_newest,
        ]
        if any(stays) and digest not in repo.vanished:
            stay.add(digest)
    return stay


@pytest.mark.parametrize("lies", [pytest.param(False, id="honest"), pytest.param(True, id="lying")])
@given(data=st.data())
@many(1200)
def test_all_that_is_kept_can_be_pulled_as_before(*, lies: bool, data: st.DataObject) -> None:
    """After all that a rule selects is deleted, each kept manifest has all its platforms and attachments."""
    repo, rule = data.draw(repositories_and_rules(lies=lies))
    before = registry_of(repo).pull_all()
    judgement = repo.judge(rule)
    going = set(order_of(judgement))
    registry = cleaned(repo, judgement)
    assert registry.bodies.keys() == before.keys() - going, "a delete took something along that was not selected"
    after = registry.pull_all()
    assert after == {digest: before[digest] for digest in after}
    assert must_stay(repo, rule) <= after.keys()


@given(drawn=repositories_and_rules())
@many(900)
def test_nothing_that_goes_is_reachable_from_what_is_kept(drawn: tuple[Repo, Rule]) -> None:
    """No pull of a kept manifest, and no attachment's subject, ever meets a selected one."""
    repo, rule = drawn
    judgement = repo.judge(rule)
    going = set(order_of(judgement))
    registry = registry_of(repo)
    for digest in registry.bodies.keys() - going:
        assert not registry.pull(digest) & going
        subject = registry.bodies[digest].get("subject", {}).get("digest")
        assert subject not in going, "Azure would delete a kept referrer along with its subject"


@pytest.mark.parametrize("lies", [pytest.param(False, id="honest"), pytest.param(True, id="lying")])
@given(data=st.data())
@many(600)
def test_every_manifest_has_one_verdict_and_a_place_where_it_goes(*, lies: bool, data: st.DataObject) -> None:
    """Verdicts, ranks and the order of what goes agree with each other, and a chain of reasons always ends."""
    repo, rule = data.draw(repositories_and_rules(lies=lies))
    judgement = repo.judge(rule)
    assert judgement.verdicts.keys() == repo.manifests.keys()
    order = order_of(judgement)
    assert len(order) == len(set(order))
    for digest, verdict in judgement.verdicts.items():
        kinds = [verdict.goes, verdict.reason.why in KEEPING, verdict.reason.why is Why.VANISHED]
        assert sum(kinds) == 1
        assert verdict.goes == (digest in judgement.ranks) == (digest in order)
        assert (verdict.reason.why is Why.VANISHED) == (digest in repo.vanished)
        chain = judgement.chain(digest)
        assert chain[0] == verdict
        assert len({step.manifest.digest for step in chain}) == len(chain)
        assert all(step.goes == verdict.goes or step.reason.why is Why.VANISHED for step in chain)


@given(drawn=repositories_and_rules())
@many(900)
def test_the_same_rule_again_finds_nothing_more(drawn: tuple[Repo, Rule]) -> None:
    """What is left after a clean-up is what the same rule at the same moment keeps."""
    repo, rule = drawn
    left = left_in(cleaned(repo, repo.judge(rule)), repo)
    assert not left.going(rule)


@given(drawn=repositories_and_rules(), data=st.data())
@many(1200)
def test_stopping_anywhere_breaks_nothing_that_is_still_there(drawn: tuple[Repo, Rule], data: st.DataObject) -> None:
    """After any prefix of the order, whatever the order within a rank, each index that is there has what it had."""
    repo, rule = drawn
    judgement = repo.judge(rule)
    going = set(order_of(judgement))
    registry = registry_of(repo)
    before = registry.pull_all()
    had = {digest: registry.there(digest) for digest in registry.bodies}
    in_rank = data.draw(st.randoms(use_true_random=False))
    for digest in sorted(judgement.ranks, key=lambda d: (judgement.ranks[d], in_rank.random())):
        registry.delete(digest)
        for other in registry.bodies:
            assert registry.there(other) == had[other], "an index lost a child that it had"
    for digest in before.keys() - going:
        assert registry.pull(digest) == before[digest]


@given(drawn=repositories_and_rules(), data=st.data())
@many(1200)
def test_what_was_approved_can_be_resumed_anywhere(drawn: tuple[Repo, Rule], data: st.DataObject) -> None:
    """Judged again after any prefix of what was approved, nothing else goes, and nothing that stays is broken."""
    repo, rule = drawn
    order = order_of(repo.judge(rule))
    assume(order)
    approved = {d: repo.item(d) for d in order if data.draw(st.integers(0, 5), label="approve")}
    registry = registry_of(repo)
    for digest in recheck_order(repo, rule, approved)[: data.draw(st.integers(0, 3))]:
        registry.delete(digest)
    left = left_in(registry, repo)
    before = registry.pull_all()
    had = {digest: registry.there(digest) for digest in registry.bodies}
    again = recheck_order(left, rule, approved)
    assert set(again) <= approved.keys()
    for digest in again:
        registry.delete(digest)
        assert all(registry.there(other) == had[other] for other in registry.bodies)
    assert registry.bodies.keys() == before.keys() - set(again)
    assert all(registry.pull(digest) == before[digest] for digest in registry.bodies)


@given(drawn=repositories_and_rules(), data=st.data())
@many(900)
def test_what_is_tagged_anew_stays_with_all_that_it_needs(drawn: tuple[Repo, Rule], data: st.DataObject) -> None:
    """An approved manifest that got one more tag is spared by every rule, and can be pulled as before."""
    repo, rule = drawn
    order = order_of(repo.judge(rule))
    assume(order)
    approved = {digest: repo.item(digest) for digest in order}
    tagged = data.draw(st.sampled_from(order))
    registry = registry_of(repo)
    before = registry.pull(tagged)
    going = recheck_order(with_tag(repo, tagged, "pr-another"), rule, approved)
    assert tagged not in going
    for digest in going:
        registry.delete(digest)
    assert registry.pull(tagged) == before


@given(drawn=repositories_and_rules(lies=True))
@many(600)
def test_even_where_digests_lie_stopping_anywhere_breaks_nothing_kept(drawn: tuple[Repo, Rule]) -> None:
    """After each step of the order everything kept can be pulled as before."""
    repo, rule = drawn
    judgement = repo.judge(rule)
    going = set(order_of(judgement))
    registry = registry_of(repo)
    before = registry.pull_all()
    for digest in order_of(judgement):
        registry.delete(digest)
        assert all(registry.pull(kept) == before[kept] for kept in before.keys() - going)


@given(drawn=repositories_and_rules(), data=st.data())
@many(900)
def test_a_lock_never_makes_more_go(drawn: tuple[Repo, Rule], data: st.DataObject) -> None:
    """Locking a manifest, one of its tags or the repository keeps more or as much."""
    repo, rule = drawn
    assume(repo.manifests)
    locks = data.draw(st.sampled_from((NO_DELETE, NO_WRITE)))
    victim = data.draw(st.sampled_from(sorted(repo.manifests)))
    locked = with_manifest(repo, victim, locks=locks)
    level = data.draw(st.sampled_from(("manifest", "tag", "tag", "repository")))
    if level == "tag" and repo.tags:
        name = data.draw(st.sampled_from([tag.name for tag in repo.tags]))
        locked = replace(repo, tags=[replace(tag, locks=locks) if tag.name == name else tag for tag in repo.tags])
    elif level == "repository":
        locked = replace(repo, locks=NO_WRITE)
    assert set(locked.going(rule)) <= set(repo.going(rule))


@given(drawn=repositories_and_rules(), data=st.data())
@many(900)
def test_a_tag_that_the_rule_does_not_ask_for_never_makes_more_go(
    drawn: tuple[Repo, Rule], data: st.DataObject
) -> None:
    """A tag put on anything keeps more or as much, unless the rule is about just such tags."""
    repo, rule = drawn
    assume(repo.manifests and (rule.tags or not rule.tagged))  # otherwise the rule asks for whatever has a tag
    victim = data.draw(st.sampled_from(sorted(repo.manifests)))
    assert set(with_tag(repo, victim, "another").going(rule)) <= set(repo.going(rule))


@given(drawn=repositories_and_rules())
@many(900)
def test_more_protection_never_makes_more_go(drawn: tuple[Repo, Rule]) -> None:
    """A longer grace time, an earlier cutoff, a keep pattern and a larger number to keep each keep more or as much."""
    repo, rule = drawn
    going = set(repo.going(rule))
    protection = rule.protection
    stricter = [
        replace(rule, keep_newest=rule.keep_newest + 1),
        replace(rule, protection=replace(protection, grace=protection.grace + timedelta(days=7))),
        replace(rule, protection=replace(protection, keep_tags=(*protection.keep_tags, "pr-*"))),
        replace(rule, before=min(rule.before or NOW, NOW) - timedelta(days=7)),
    ]
    for more in stricter:
        assert set(repo.going(more)) <= going
