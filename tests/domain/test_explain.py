"""Why a manifest is kept or could go, and how it is found."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings

from bot.domain.explain import (
    ABOVE_MOST,
    BESIDE_MOST,
    NODES_MOST,
    Branch,
    Explanation,
    Node,
    Overview,
    Role,
    explain_manifest,
    explain_repository,
)
from bot.domain.graph import Graph
from bot.domain.lookup import find_manifest
from bot.domain.reason import Verdict, Why
from bot.domain.reference import Reference
from bot.domain.rule import Rule
from bot.errors import BadInputError
from tests.domain.build import NO_WRITE, Repo, elsewhere
from tests.domain.random_repos import lying_repositories, repositories, repositories_and_rules


def explained(repo: Repo, digest: str) -> Explanation:
    """Explain one manifest of a repository by the rule of ``/acr untagged``."""
    snapshot = repo.snapshot()
    return explain_manifest(repo.judge(), Graph(snapshot), digest)


def find(repo: Repo, *, tag: str = "", digest: str = "") -> str:
    """Find a manifest as ``/acr explain`` does."""
    snapshot = repo.snapshot()
    return find_manifest(snapshot, Graph(snapshot), Reference(repo.name, tag=tag, digest=digest))


def nodes(branch: Branch) -> Iterator[Node]:
    """Give every node of a tree."""
    for node in branch.nodes:
        yield node
        yield from nodes(node.below)


def whys(about: Explanation) -> list[Why]:
    """Give the reasons, step by step."""
    return [step.reason.why for step in about.steps]


def test_the_steps_lead_to_where_the_reason_begins() -> None:
    """A signature of a part of a tagged image is explained by the part, that by the index, that by its tag."""
    repo = Repo()
    part = repo.image()
    signature = repo.image(subject=part)
    index = repo.index(part, tags=("v1",))
    about = explained(repo, signature)
    assert [step.manifest.digest for step in about.steps] == [signature, part, index]
    assert whys(about) == [Why.ATTACHED, Why.PART_OF_INDEX, Why.TAGGED]
    assert not about.leads_out


def test_an_orphan_leads_out_of_the_repository() -> None:
    """What an attachment belonged to is named although it is not there."""
    repo = Repo()
    repo.image("v1")
    orphan = repo.image(subject=elsewhere("image"))
    about = explained(repo, orphan)
    assert whys(about) == [Why.ORPHAN]
    assert about.leads_out == elsewhere("image")


def test_an_image_has_its_parts_and_attachments_below() -> None:
    """Parts come in the index's order, then what is missing, then what is attached, and so on below each of them."""
    repo = Repo()
    amd, arm = repo.image(), repo.image()
    gone = elsewhere("s390x")
    index = repo.index(amd, gone, arm, tags=("v1",))
    signature = repo.image(subject=index)
    sbom = repo.image(subject=signature)
    about = explained(repo, index)
    assert [(node.digest, node.role) for node in about.below.nodes] == [
        (amd, Role.PART),
        (arm, Role.PART),
        (gone, Role.PART),
        (signature, Role.ATTACHED),
    ]
    assert [node.verdict is None for node in about.below.nodes] == [False, False, True, False]
    assert [node.with_it for node in about.below.nodes] == [True, True, False, True]
    assert [node.digest for node in about.below.nodes[3].below.nodes] == [sbom]
    assert about.lacks == 1


def test_what_else_a_manifest_belongs_to_is_told() -> None:
    """The index that keeps a part is its reason; another one that lists it, and a subject, are told beside it."""
    repo = Repo()
    image = repo.image()
    part = repo.image(subject=image)
    kept = repo.index(part, tags=("v1",))
    other = repo.index(part)
    about = explained(repo, part)
    assert about.verdict.reason.because == kept
    assert [(node.digest, node.role) for node in about.above.nodes] == [(other, Role.PART), (image, Role.ATTACHED)]


def test_a_part_that_stays_behind_is_marked() -> None:
    """Of an untagged index that goes, a part that another image keeps does not go with it."""
    repo = Repo()
    shared, own = repo.image(), repo.image()
    keeper = repo.index(shared, tags=("v1",))
    index = repo.index(shared, own)
    signature = repo.image(subject=index)
    below = {node.digest: node for node in explained(repo, index).below.nodes}
    verdict = below[shared].verdict
    assert verdict is not None
    assert (verdict.goes, verdict.reason.because, below[shared].with_it) == (False, keeper, False)
    assert below[signature].with_it


def test_of_hundreds_of_parts_the_telling_ones_are_shown() -> None:
    """What is missing, has another verdict or is attached is shown; the rest is counted by verdict."""
    repo = Repo()
    parts = [repo.image() for _ in range(300)]
    locked = repo.image(locks=NO_WRITE)
    gone = elsewhere("gone")
    index = repo.index(*parts, locked, gone)
    signature = repo.image(subject=index)
    below = explained(repo, index).below
    assert {locked, gone, signature} <= {node.digest for node in below.nodes}
    assert len(below.nodes) == BESIDE_MOST
    assert (below.kept, below.going, below.missing) == (0, 300 + 3 - BESIDE_MOST, 0)


def test_too_many_missing_parts_are_counted_as_missing() -> None:
    """Missing parts that are not shown are not counted as kept."""
    repo = Repo()
    index = repo.index(*(elsewhere(str(number)) for number in range(40)), tags=("v1",))
    below = explained(repo, index).below
    assert (below.hidden, below.missing) == (40 - BESIDE_MOST, 40 - BESIDE_MOST)


def test_a_repository_is_explained_by_its_reasons() -> None:
    """Each reason has its count and an example with its steps, the most frequent first."""
    repo = Repo()
    parts = [repo.image() for _ in range(3)]
    index = repo.index(*parts, elsewhere("gone"), tags=("v1",))
    repo.docker_image("v2")
    loose = repo.image()
    about = explain_repository(repo.judge())
    assert [(share.why, share.count) for share in about.kept] == [(Why.PART_OF_INDEX, 3), (Why.TAGGED, 2)]
    assert [(share.why, share.count) for share in about.going] == [(Why.UNTAGGED, 1)]
    assert about.going[0].example[0].manifest.digest == loose
    assert [step.manifest.digest for step in about.kept[0].example[1:]] == [index]
    assert [(verdict.manifest.digest, lacks) for verdict, lacks in about.broken] == [(index, 1)]


def test_what_is_gone_is_no_reason() -> None:
    """A manifest that is listed and not there any more is counted apart."""
    repo = Repo()
    vanished = repo.image()
    repo.vanished.add(vanished)
    about = explain_repository(repo.judge())
    assert (about.kept, about.going, about.gone) == ((), (), 1)
    assert whys(explained(repo, vanished)) == [Why.VANISHED]


def test_an_unread_repository_is_explained_by_what_was_not_read() -> None:
    """Everything is kept because of the one manifest that could not be read, which explains itself."""
    repo = Repo()
    image, odd = repo.image(), repo.push({}, "application/x-unheard-of")
    about = explained(repo, image)
    assert [step.manifest.digest for step in about.steps] == [image, odd]
    assert set(whys(about)) == {Why.UNREADABLE}
    assert len(explained(repo, odd).steps) == 1


@given(repo=repositories())
@settings(deadline=None)
def test_every_manifest_of_any_repository_is_explained(repo: Repo) -> None:
    """The tree is small, its steps hang together, and it counts all that belongs to the manifest."""
    judgement, graph = repo.judge(), Graph(repo.snapshot())
    for digest in judgement.verdicts:
        check(explain_manifest(judgement, graph, digest), graph)
    check_overview(judgement.verdicts, explain_repository(judgement))


@given(repo=lying_repositories())
@settings(deadline=None)
def test_even_circles_are_explained(repo: Repo) -> None:
    """A registry that lies may have indexes that list themselves and each other; explaining them comes to an end."""
    judgement, graph = repo.judge(), Graph(repo.snapshot())
    for digest in judgement.verdicts:
        check(explain_manifest(judgement, graph, digest), graph)


@given(case=repositories_and_rules())
@settings(deadline=None)
def test_every_rule_is_explained(case: tuple[Repo, Rule]) -> None:
    """Whatever the rule, every verdict has its place in the overview."""
    repo, rule = case
    judgement = repo.judge(rule)
    check_overview(judgement.verdicts, explain_repository(judgement))


def check(about: Explanation, graph: Graph) -> None:
    """Hold an explanation to what its docstrings promise."""
    digest = about.verdict.manifest.digest
    assert about.steps[0] == about.verdict
    for step, following in pairwise(about.steps):
        assert step.reason.because == following.manifest.digest
    below = list(nodes(about.below))
    assert len(below) <= NODES_MOST
    assert all(len(branch.nodes) <= BESIDE_MOST for branch in [about.below, *(node.below for node in below)])
    held = {*graph.children.get(digest, ()), *graph.missing.get(digest, ()), *graph.attachments.get(digest, ())}
    assert len(about.below.nodes) + about.below.hidden == len(held)
    assert len(about.above.nodes) <= ABOVE_MOST
    for node in below:
        assert (node.verdict is None) == (node.digest not in about.judgement.verdicts)


def check_overview(verdicts: Mapping[str, Verdict], about: Overview) -> None:
    """Count every manifest once, on the right side."""
    going = sum(verdict.goes for verdict in verdicts.values())
    assert sum(share.count for share in about.going) == going
    assert sum(share.count for share in about.kept) + about.gone == len(verdicts) - going


def test_a_tag_or_the_beginning_of_a_digest_finds_a_manifest() -> None:
    """8 characters are enough where they are unique, with the algorithm before them or not."""
    repo = Repo()
    digest = repo.image("v1")
    repo.image("v2")
    assert find(repo, tag="v1") == digest
    for start in (digest, digest[:15], digest[7:15], digest[7:], digest[7:40]):
        assert find(repo, digest=start) == digest


def test_a_tag_that_only_the_manifest_tells_of_is_found() -> None:
    """The listings of tags and manifests may differ for a moment."""
    repo = Repo()
    digest = repo.image("v1")
    repo.tags.clear()
    assert find(repo, tag="v1") == digest


def problem(repo: Repo, *, tag: str = "", digest: str = "") -> BadInputError:
    """Look for what can't be found."""
    with pytest.raises(BadInputError) as caught:
        find(repo, tag=tag, digest=digest)
    return caught.value


def test_an_unknown_tag_gets_the_nearest_ones() -> None:
    """The example asks for the nearest tag."""
    repo = Repo()
    repo.image("v1.2.0", "v1.2.1")
    error = problem(repo, tag="v1.20")
    assert error.problem == "There is no tag v1.20 in team/app."
    assert error.expected == "The nearest tags are v1.2.0, v1.2.1."
    assert error.example == "/acr untagged team/app:v1.2.0"


def test_an_unknown_tag_without_a_near_one() -> None:
    """Nothing is made up."""
    repo = Repo()
    assert problem(repo, tag="v1").expected == "It has no tags at all."
    repo.image("stable")
    error = problem(repo, tag="0000000")
    assert (error.expected, error.example) == ("No tag of it is like that.", "/acr untagged team/app")


def test_a_digest_behind_a_colon_is_recognised() -> None:
    """Whoever writes a digest where a tag stands reads how it is written."""
    repo = Repo()
    digest = repo.image()
    error = problem(repo, tag=digest[7:19])
    assert error.expected == "But a digest begins with that: put @ before a digest."
    assert error.example == f"/acr untagged team/app@{digest[7:19]}"


def test_an_ambiguous_beginning_gets_the_digests_told_apart() -> None:
    """Each is shown with as much of it as tells it from the others."""
    repo = Repo()
    common = "sha256:" + "5" * 20
    found = [repo.push({}, "application/x", as_digest=common + letter * 44) for letter in "abc"]
    error = problem(repo, digest="55555555")
    assert error.problem == "3 manifests of team/app begin with 55555555."
    shown = [digest[7 : 7 + 24] for digest in found]
    assert error.expected == f"They are {', '.join(shown)}. Give more of the one you mean."
    assert error.example == f"/acr untagged team/app@{shown[0]}"
    for digest, start in zip(found, shown, strict=True):
        assert find(repo, digest=start) == digest


def test_many_that_begin_alike_are_counted() -> None:
    """A handful is shown."""
    repo = Repo()
    for number in range(9):
        repo.push({}, "application/x", as_digest=f"sha256:{'5' * 20}{number}{'0' * 43}")
    assert " and 4 more. Give" in problem(repo, digest="55555555").expected


def test_a_missing_part_is_told_with_the_image_that_lists_it() -> None:
    """A digest that an index lists and the repository lacks is not just unknown."""
    repo = Repo()
    gone = elsewhere("part")
    index = repo.index(gone, tags=("v1",))
    error = problem(repo, digest=gone[7:20])
    assert error.problem == f"team/app does not have {gone[7:19]}, but its multi-arch image {index[7:19]} lists it."
    assert error.example == f"/acr untagged team/app@{index[7:19]}"
    repo.index(gone, repo.image())
    assert "2 multi-arch images of it (such as " in problem(repo, digest=gone).problem


def test_a_lost_subject_is_told_with_what_is_attached_to_it() -> None:
    """So is the image that an orphan belonged to."""
    repo = Repo()
    gone = elsewhere("image")
    orphan = repo.image(subject=gone)
    error = problem(repo, digest=gone[7:20])
    assert f"another attachment of it is left: {orphan[7:19]}." in error.problem
    assert error.example == f"/acr untagged team/app@{orphan[7:19]}"


def test_an_unknown_digest_is_answered() -> None:
    """The example asks for the whole repository."""
    error = problem(Repo(), digest="0" * 64)
    assert error.problem == f"No manifest of team/app begins with {'0' * 39}…."
    assert error.example == "/acr untagged team/app"
