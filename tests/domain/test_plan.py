from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.manifest import DOCKER_LIST, OCI_INDEX
from bot.domain.plan import Plan, checksum_of, make_plan
from bot.domain.reason import Why
from tests.domain.build import NOW, UNTAGGED, Repo

# Few letters, and those that JSON and separators are made of, so that sets which could read alike come up.
words = st.text(st.sampled_from(['"', ",", "[", "]", "\\", "a", "b", "/", ":", "\ud800"]), max_size=4)
pairs = st.lists(st.tuples(words, words), max_size=5)


def plan_of(*repos: Repo) -> Plan:
    """Plan what the rule about untagged manifests selects."""
    return make_plan("registry", "*", UNTAGGED, [repo.judge() for repo in repos], NOW)


@given(pairs, pairs)
def test_checksums_are_equal_just_where_the_sets_are(one: list[tuple[str, str]], two: list[tuple[str, str]]) -> None:
    """Whatever the order and however often, the same digests have the same checksum, and no others have it."""
    assert (checksum_of("r", one) == checksum_of("r", two)) == (set(one) == set(two))
    assert checksum_of("r", [*reversed(one), *one]) == checksum_of("r", one)


@given(words, words, pairs)
def test_checksums_of_different_registries_differ(one: str, two: str, digests: list[tuple[str, str]]) -> None:
    """The same digests in another registry are another deletion."""
    assert (checksum_of(one, digests) == checksum_of(two, digests)) == (one == two)


def test_a_checksum_fits_into_a_button() -> None:
    """32 hexadecimal characters, whatever the number of digests; known ones stay what they were."""
    checksum = checksum_of("registry", [("team/app", "sha256:00")])
    assert checksum == "3c394e2d783feb7a3a47a52aa0527f9d"
    assert len(checksum_of("r", [("a", str(number)) for number in range(1000)])) == 32


def test_a_plan_carries_the_checksum_of_its_items() -> None:
    """It changes with an item, and not with the order."""
    repo = Repo()
    repo.index(repo.image())
    plan = plan_of(repo)
    assert plan.checksum == checksum_of("registry", [("team/app", item.digest) for item in reversed(plan.items)])
    assert plan.checksum != replace(plan, items=plan.items[1:]).checksum


def test_a_plan_puts_repositories_together_in_order() -> None:
    """Positions count through, ranks begin anew in each repository, and what stays is counted by reason."""
    one, two = Repo(name="one"), Repo(name="two")
    child = one.image()
    index = one.index(child)
    one.index(one.image(), tags=("v1",))
    image = two.image()
    vanished = two.image()
    two.vanished = {vanished}
    plan = plan_of(one, two)
    places = [(item.position, item.rank, item.repository, item.digest) for item in plan.items]
    assert places == [(0, 0, "one", index), (1, 1, "one", child), (2, 0, "two", image)]
    assert plan.kept == {Why.PART_OF_INDEX: 1, Why.TAGGED: 1}
    assert (plan.repositories, plan.manifests) == (("one", "two"), 6)


def test_an_item_says_why_in_words_and_as_a_value() -> None:
    """What people read stands beside what programs count."""
    repo = Repo()
    image = repo.image()
    signature = repo.signature(image)
    item = plan_of(repo).items[1]
    assert (item.digest, item.why, item.tags) == (signature, Why.FOLLOWS, repo.manifests[signature].tags)
    assert item.reason == f"belongs to a manifest that goes {image[7:19]}"


def test_the_size_of_an_index_is_not_counted_twice() -> None:
    """Azure's size of an index is the sum over its children, so it adds nothing to theirs."""
    repo = Repo()
    repo.index(repo.image(), repo.image(), media_type=OCI_INDEX)
    repo.index(repo.image(), media_type=DOCKER_LIST)
    assert plan_of(repo).upper_bytes == 3000


def test_images_that_were_broken_before_are_counted() -> None:
    """By repository, so that the card can say so."""
    repo = Repo()
    child = repo.image()
    repo.index(child, tags=("v1",))
    repo.index(child, tags=("v2",))
    repo.delete(child)
    assert plan_of(repo, Repo(name="fine")).broken == {"team/app": 2}


def test_an_empty_plan_is_a_plan() -> None:
    """Nothing to delete is an answer too."""
    plan = plan_of()
    assert (plan.items, plan.upper_bytes, plan.kept, plan.faults) == ((), 0, {}, {})
