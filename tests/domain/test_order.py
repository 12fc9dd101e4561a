"""The order of deletion: a rank may go at once, and breaks nothing that comes after it."""

from bot.domain.graph import Graph
from bot.domain.manifest import OCI_INDEX
from bot.domain.order import ranks
from tests.domain.build import Repo, cosign_tag, elsewhere


def ranks_of(repo: Repo, *going: str) -> dict[str, int]:
    """Rank these, or all there is."""
    return ranks(Graph(repo.snapshot()), frozenset(going or repo.manifests))


def test_nothing_has_no_order() -> None:
    """An empty plan needs no ranks."""
    assert ranks(Graph(Repo().snapshot()), frozenset()) == {}


def test_what_is_independent_goes_at_once() -> None:
    """A thousand images that nothing holds together are one rank, so they can go as fast as the registry takes them."""
    repo = Repo()
    images = [repo.image() for _ in range(1000)]
    assert ranks_of(repo) == dict.fromkeys(images, 0)


def test_an_index_goes_before_what_it_lists() -> None:
    """A child that two indexes hold at different depths waits for the deeper one."""
    repo = Repo()
    child, other = repo.image(), repo.image()
    inner = repo.index(child)
    outer = repo.index(inner, child, other)
    assert ranks_of(repo) == {outer: 0, inner: 1, other: 1, child: 2}


def test_a_subject_goes_before_what_is_attached_to_it() -> None:
    """Referrers to any depth, and cosign tags."""
    repo = Repo()
    image = repo.image()
    sbom, signature = repo.oras(image), repo.signature(image)
    on_sbom = repo.image(subject=sbom)
    assert ranks_of(repo) == {image: 0, sbom: 1, signature: 1, on_sbom: 2}


def test_an_index_that_lists_a_referrer_goes_before_its_subject() -> None:
    """Azure would take the referrer along with the subject, and leave the index without its child."""
    repo = Repo()
    image = repo.image()
    sbom = repo.oras(image)
    on_sbom = repo.image(subject=sbom)
    index = repo.index(on_sbom)
    assert ranks_of(repo) == {index: 0, image: 1, sbom: 2, on_sbom: 3}


def test_many_lists_of_referrers_take_as_many_ranks_as_one() -> None:
    """What each list and its image can't both have is settled beforehand, so all of them go side by side."""
    repo = Repo()
    expected: dict[str, int] = {}
    for _ in range(100):
        image = repo.image()
        sbom = repo.oras(image)
        signature = repo.image(subject=sbom)
        expected |= {repo.index(sbom, tags=(cosign_tag(image, ""),)): 0, image: 1, sbom: 2, signature: 3}
    assert ranks_of(repo) == expected


def test_what_does_not_go_is_waited_for_by_nothing() -> None:
    """An index that stays has no rank and holds up no other."""
    repo = Repo()
    child = repo.image()
    inner = repo.index(child)
    repo.index(inner)
    assert ranks_of(repo, inner, child) == {inner: 0, child: 1}


def test_a_circle_of_tags_is_cut() -> None:
    """Two manifests whose tags name each other go together, what they list after them."""
    repo = Repo()
    child, one = repo.image(), elsewhere("one")
    two = repo.index(child, tags=(cosign_tag(one),))
    repo.push({"manifests": [{"digest": child}]}, OCI_INDEX, cosign_tag(two), as_digest=one)
    assert ranks_of(repo) == {one: 0, two: 0, child: 1}


def test_a_circle_of_tags_and_containment_keeps_to_containment() -> None:
    """An index attached to what an inner index of it lists still goes from the outside in."""
    repo = Repo()
    image = repo.image()
    inner = repo.index(image)
    outer = repo.index(inner, tags=(cosign_tag(image),))
    assert ranks_of(repo) == {outer: 0, inner: 1, image: 2}


def test_a_circle_of_containment_goes_at_once() -> None:
    """Only lying digests can make one; it has an end all the same, and so has a circle of subjects."""
    repo = Repo()
    one, two, three, four = (elsewhere(name) for name in ("one", "two", "three", "four"))
    repo.push({"manifests": [{"digest": two}]}, OCI_INDEX, as_digest=one)
    repo.push({"manifests": [{"digest": one}, {"digest": three}]}, OCI_INDEX, as_digest=two)
    repo.push({"subject": {"digest": four}}, OCI_INDEX, as_digest=three)
    repo.push({"subject": {"digest": three}}, OCI_INDEX, as_digest=four)
    assert ranks_of(repo).keys() == {one, two, three, four}
