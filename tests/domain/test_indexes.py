"""Multi-arch images: nothing that a kept index lists ever goes."""

import pytest

from bot.domain.manifest import DOCKER_LIST, DOCKER_MANIFEST, OCI_ARTIFACT, OCI_INDEX, OCI_MANIFEST, ORAS_ARTIFACT
from bot.domain.reason import Reason, Why
from bot.domain.rule import Rule
from tests.domain.build import NO_DELETE, Repo, elsewhere, older_than


@pytest.mark.parametrize("child_type", [DOCKER_MANIFEST, OCI_MANIFEST])
@pytest.mark.parametrize("index_type", [DOCKER_LIST, OCI_INDEX])
def test_children_of_a_tagged_index_stay(index_type: str, child_type: str) -> None:
    """The platforms of a tagged multi-arch image are untagged themselves, and no candidates."""
    repo = Repo()
    arm, amd = repo.image(media_type=child_type), repo.image(media_type=child_type)
    index = repo.index(arm, amd, tags=("v1",), media_type=index_type, entry_type=child_type)
    assert repo.going() == []
    assert repo.reason(arm) == Reason(Why.PART_OF_INDEX, because=index)
    assert repo.reason(index) == Reason(Why.TAGGED, detail="v1")


@pytest.mark.parametrize("entry_type", [None, "", OCI_INDEX, "application/octet-stream", "application/x-new"])
def test_an_entry_counts_whatever_media_type_it_claims(entry_type: str | None) -> None:
    """An entry without a media type, or with a wrong one, is a child all the same."""
    repo = Repo()
    child = repo.image()
    repo.index(child, tags=("v1",), entry_type=entry_type)
    assert repo.going() == []


@pytest.mark.parametrize("media_type", [OCI_ARTIFACT, ORAS_ARTIFACT, OCI_MANIFEST])
def test_whatever_lists_manifests_is_treated_as_an_index(media_type: str) -> None:
    """The body says what a manifest holds, not its media type."""
    repo = Repo()
    child = repo.image()
    repo.index(child, tags=("v1",), media_type=media_type)
    assert repo.going() == []


def test_an_untagged_index_goes_with_its_children() -> None:
    """An old build goes as a whole, the index first."""
    repo = Repo()
    arm, amd = repo.image(), repo.image()
    index = repo.index(arm, amd)
    assert repo.going()[0] == index
    assert set(repo.going()) == {index, arm, amd}


def test_indexes_in_indexes_keep_to_any_depth() -> None:
    """What a kept index reaches through other indexes stays, however deep."""
    repo = Repo()
    leaf = inner = repo.image()
    for _ in range(50):
        inner = repo.index(inner)
    assert len(repo.going()) == 51
    outer = repo.index(inner, tags=("v1",))
    assert repo.going() == []
    assert [step.manifest.digest for step in repo.judge().chain(leaf)][-1] == outer


def test_a_very_deep_index_does_not_exhaust_the_stack() -> None:
    """Depth is followed by loops: 5,000 levels are judged like five."""
    repo = Repo()
    inner = repo.image()
    for _ in range(5000):
        inner = repo.index(inner)
    judgement = repo.judge()
    assert max(judgement.ranks.values()) == 5000


def test_an_index_that_lists_itself_is_judged_like_any_other() -> None:
    """Only a registry that lies can serve it, and it neither stalls nor breaks anything."""
    repo = Repo()
    child, itself = repo.image(), elsewhere("itself")
    listed = {"manifests": [{"digest": itself}, {"digest": child}]}
    repo.push(listed, OCI_INDEX, as_digest=itself)
    assert repo.going() == [itself, child]
    repo.push(listed, OCI_INDEX, "v1", as_digest=itself)
    assert repo.going() == []
    assert repo.judge().broken == {}


def test_indexes_that_list_each_other_are_judged_like_any_other() -> None:
    """A circle of lying digests goes at once or stays as a whole."""
    repo = Repo()
    one, two = elsewhere("one"), elsewhere("two")
    repo.push({"manifests": [{"digest": two}]}, OCI_INDEX, as_digest=one)
    repo.push({"manifests": [{"digest": one}]}, OCI_INDEX, as_digest=two)
    assert set(repo.going()) == {one, two}
    repo.push({"manifests": [{"digest": two}]}, OCI_INDEX, "v1", as_digest=one)
    assert repo.going() == []


def test_a_kept_index_that_lists_a_missing_child_is_called_broken() -> None:
    """What was incomplete before we came is said, and the rest of it stays."""
    repo = Repo()
    arm, amd = repo.image(), repo.image()
    index = repo.index(arm, amd, tags=("v1",))
    repo.delete(arm)
    judgement = repo.judge()
    assert judgement.broken == {index: (arm,)}
    assert judgement.verdicts[amd].reason.why is Why.PART_OF_INDEX


def test_an_index_that_goes_is_not_called_broken() -> None:
    """Nobody needs to hear that what they delete was incomplete."""
    repo = Repo()
    repo.index(elsewhere("child"))
    assert repo.judge().broken == {}


def test_a_kept_index_that_lists_a_vanished_child_is_called_broken() -> None:
    """A child that is listed but can't be had (404) is missing from its index."""
    repo = Repo()
    child = repo.image()
    index = repo.index(child, tags=("v1",))
    repo.vanished = {child}
    assert repo.judge().broken == {index: (child,)}
    assert repo.reason(child) == Reason(Why.VANISHED)


def test_two_indexes_that_share_children_keep_them_while_one_stays() -> None:
    """A rebuild that changed one platform shares the other with the old index."""
    repo = Repo()
    shared, old_only = repo.image(), repo.image()
    old = repo.index(shared, old_only)
    new = repo.index(shared, repo.image(), tags=("v2",))
    assert set(repo.going()) == {old, old_only}
    assert repo.reason(shared) == Reason(Why.PART_OF_INDEX, because=new)


def test_two_indexes_that_share_children_go_before_them() -> None:
    """A shared child goes after the last index that lists it."""
    repo = Repo()
    shared = repo.image()
    one = repo.index(shared)
    two = repo.index(repo.index(shared))
    order = repo.going()
    assert order[-1] == shared
    assert {one, two} < set(order)


def test_an_index_that_lists_a_child_twice_is_no_different() -> None:
    """The same digest under two platforms is one child."""
    repo = Repo()
    child = repo.image()
    index = repo.index(child, child)
    assert repo.going() == [index, child]


def test_attestation_children_stay_with_their_index() -> None:
    """BuildKit's attestations (platform ``unknown/unknown``) are children like the platforms."""
    repo = Repo()
    image, attestation = repo.image(), repo.image(layer="application/vnd.in-toto+json")
    platform = {"os": "unknown", "architecture": "unknown"}
    entries = [{"digest": image}, {"digest": attestation, "platform": platform}]
    index = repo.push({"manifests": entries}, OCI_INDEX, "v1")
    assert repo.going() == []
    assert repo.reason(attestation) == Reason(Why.PART_OF_INDEX, because=index)


def test_a_locked_index_keeps_its_unlocked_children() -> None:
    """A lock says that the image must stay pullable, tagged or not."""
    repo = Repo()
    child = repo.image()
    index = repo.index(child, locks=NO_DELETE)
    assert repo.going() == []
    assert repo.reason(child) == Reason(Why.PART_OF_INDEX, because=index)
    assert repo.reason(index) == Reason(Why.LOCKED, detail="the manifest is")


def test_an_index_with_a_locked_tag_keeps_its_children() -> None:
    """Tools that skip what is locked before they look at what it lists leave it broken."""
    repo = Repo()
    child = repo.image()
    index = repo.index(child, tags=("v1",), tag_locks=NO_DELETE)
    rule = older_than(5)
    assert repo.going(rule) == []
    assert repo.reason(child, rule) == Reason(Why.PART_OF_INDEX, because=index)
    assert repo.reason(index, rule) == Reason(Why.LOCKED, detail="its tag v1 is")


def test_a_locked_child_does_not_keep_its_index() -> None:
    """The child can be pulled without the index, which goes with the rest."""
    repo = Repo()
    locked, other = repo.image(locks=NO_DELETE), repo.image()
    index = repo.index(locked, other)
    assert repo.going() == [index, other]


def test_a_tagged_child_stays_where_its_index_goes() -> None:
    """A platform that has a tag of its own is an image of its own."""
    repo = Repo()
    tagged, other = repo.image("v1-arm64"), repo.image()
    index = repo.index(tagged, other)
    assert repo.going() == [index, other]


def test_an_index_within_the_grace_time_keeps_old_children() -> None:
    """A fresh push may reuse platforms that are months old."""
    repo = Repo()
    child = repo.image(days=90)
    repo.index(child, days=0.5)
    assert repo.going(Rule()) == []
    assert repo.reason(child, Rule()).why is Why.PART_OF_INDEX


def test_an_index_that_has_a_subject_keeps_both_ways() -> None:
    """An index that is also a referrer keeps its children and its subject, and goes with its subject."""
    repo = Repo()
    image, child = repo.image(), repo.image()
    bundle = repo.index(child, subject=image)
    assert repo.going() == [image, bundle, child]
    repo.index(bundle, tags=("v1",))
    assert repo.going() == []
    assert repo.reason(image) == Reason(Why.HOLDS_ATTACHMENT, because=bundle)
