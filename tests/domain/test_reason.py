import pytest

from bot.domain.reason import KEEPING, Reason, Verdict, Why, headline, short
from tests.domain.build import Repo, elsewhere

SENTENCES = {
    Why.TAGGED: "tagged",
    Why.PART_OF_INDEX: "part of a kept multi-arch image",
    Why.ATTACHED: "signature or attachment of a kept image",
    Why.HOLDS_ATTACHMENT: "holds a kept attachment",
    Why.LOCKED: "locked",
    Why.GRACE: "changed within the grace time",
    Why.PATTERN: "kept by a pattern",
    Why.NEWEST: "among the newest",
    Why.LAST_TAGGED: "the last tagged image",
    Why.UNREADABLE: "repository could not be read",
    Why.TOO_NEW: "newer than the cutoff",
    Why.OTHER_TAGS: "its tags do not all match",
    Why.NOT_SELECTED: "not what was asked for",
    Why.SIGNATURE_STORE: "signs an image that is not in this repository",
    Why.RETAGGED: "its tags have changed since",
    Why.CHANGED: "changed since it was proposed",
    Why.UNTAGGED: "untagged",
    Why.OLD: "older than the cutoff",
    Why.TAGS_MATCH: "only tags that match",
    Why.NAMED: "named by hand",
    Why.WHOLE: "with the whole repository",
    Why.ORPHAN: "attachment whose image is gone",
    Why.FOLLOWS: "belongs to a manifest that goes",
    Why.VANISHED: "already gone",
}
MAY_GO = {Why.UNTAGGED, Why.OLD, Why.TAGS_MATCH, Why.NAMED, Why.WHOLE, Why.ORPHAN, Why.FOLLOWS}


@pytest.mark.parametrize("why", Why)
def test_each_reason_has_its_sentence(why: Why) -> None:
    """The set is closed: each reason says something that people understand, and no two say the same."""
    assert headline(why) == SENTENCES[why]
    assert len(set(SENTENCES.values())) == len(Why)


@pytest.mark.parametrize("why", Why)
def test_each_reason_either_keeps_or_lets_go(why: Why) -> None:
    """Only six reasons let anything go; what has vanished is neither kept nor deleted."""
    manifest = next(iter(_one().manifests.values()))
    assert Verdict(manifest, Reason(why)).goes == (why in MAY_GO)
    assert (why in KEEPING) == (why not in MAY_GO and why is not Why.VANISHED)


def test_a_reason_names_what_it_points_to() -> None:
    """The digest is shortened, the detail stands in brackets."""
    digest = elsewhere("index")
    assert str(Reason(Why.PART_OF_INDEX, because=digest)) == f"part of a kept multi-arch image {digest[7:19]}"
    assert str(Reason(Why.LOCKED, detail="its tag v1 is")) == "locked (its tag v1 is)"
    assert str(Reason(Why.FOLLOWS, digest, "x")) == f"belongs to a manifest that goes {digest[7:19]} (x)"


@pytest.mark.parametrize(("digest", "shown"), [("sha256:" + "ab" * 32, "ab" * 6), ("odd", "odd"), ("", "")])
def test_a_digest_is_shortened_as_docker_does(digest: str, shown: str) -> None:
    """Twelve characters without the algorithm; what is no digest stays as it is."""
    assert short(digest) == shown


def test_a_chain_leads_to_where_the_reasons_begin() -> None:
    """From the signature of a platform through the platform and its indexes to the tag."""
    repo = Repo()
    child = repo.image()
    signature = repo.signature(child)
    inner = repo.index(child)
    outer = repo.index(inner, tags=("v1",))
    chain = repo.judge().chain(signature)
    assert [step.manifest.digest for step in chain] == [signature, child, inner, outer]
    assert [step.reason.why for step in chain] == [Why.ATTACHED, Why.PART_OF_INDEX, Why.PART_OF_INDEX, Why.TAGGED]


def test_a_chain_is_the_shortest_there_is() -> None:
    """What a tagged index lists directly is explained by it, whatever longer ways there are."""
    repo = Repo()
    child = repo.image()
    long_way = repo.index(repo.index(repo.index(child)))
    top = repo.index(long_way, child, tags=("v1",))
    assert [step.manifest.digest for step in repo.judge().chain(child)] == [child, top]


def test_a_chain_of_what_goes_ends_where_the_rule_selected() -> None:
    """What follows leads to what was selected; an orphan's chain ends with itself, since its image is gone."""
    repo = Repo()
    repo.image("v1")
    orphan = repo.oras(elsewhere("image"))
    signature = repo.image(subject=orphan)
    assert [step.manifest.digest for step in repo.judge().chain(signature)] == [signature, orphan]
    assert [step.manifest.digest for step in repo.judge().chain(orphan)] == [orphan]


def test_the_chain_of_an_unreadable_repository_shows_the_fault_and_ends() -> None:
    """The fault is its own reason."""
    repo = Repo()
    image, faulty = repo.image(), repo.index()
    repo.unreadable = {faulty: "its body is not JSON"}
    assert [step.manifest.digest for step in repo.judge().chain(image)] == [image, faulty]


def test_the_chain_of_an_unknown_digest_is_empty() -> None:
    """What is not in the repository has no reasons."""
    assert _one().judge().chain(elsewhere("x")) == []


def _one() -> Repo:
    repo = Repo()
    repo.image()
    return repo
