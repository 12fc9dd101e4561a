"""Unknown means keep (promise 6): what can't be understood keeps its whole repository, and says why."""

from dataclasses import replace

import pytest

from bot.domain.manifest import OCI_INDEX, OCI_MANIFEST, Kind, Snapshot
from bot.domain.plan import make_plan
from bot.domain.reason import Reason, Why
from bot.domain.selection import judge
from tests.domain.build import NOW, UNTAGGED, Repo

SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+prettyjws"


def test_an_unreadable_body_keeps_the_whole_repository() -> None:
    """Nobody can say what the unreadable one lists, so nothing goes; the fault says which and why."""
    repo = Repo()
    image, faulty = repo.image(), repo.index()
    repo.unreadable = {faulty: "its body is not JSON"}
    judgement = repo.judge()
    assert judgement.going == []
    assert judgement.verdicts[image].reason == Reason(Why.UNREADABLE, faulty, "its body is not JSON")
    assert judgement.fault == f"{faulty[7:19]}: its body is not JSON"
    assert str(judgement.verdicts[image].reason) == (
        f"repository could not be read {faulty[7:19]} (its body is not JSON)"
    )


def test_a_listing_that_broke_off_keeps_the_whole_repository() -> None:
    """A fault of the repository itself has no digest to name."""
    repo = Repo()
    image = repo.image()
    repo.unreadable = {"": "its listing broke off"}
    judgement = repo.judge()
    assert judgement.fault == "its listing broke off"
    assert str(judgement.verdicts[image].reason) == "repository could not be read (its listing broke off)"
    assert [step.manifest.digest for step in judgement.chain(image)] == [image]


@pytest.mark.parametrize("media_type", [SCHEMA_1, "application/vnd.oci.image.index.v2+json", ""])
def test_an_unknown_media_type_keeps_the_whole_repository(media_type: str) -> None:
    """A format that this version has not learnt may list anything."""
    repo = Repo()
    image, unknown = repo.image(), repo.push({}, media_type)
    judgement = repo.judge()
    assert judgement.going == []
    assert judgement.verdicts[unknown].manifest.kind is Kind.UNKNOWN
    assert judgement.verdicts[image].reason.because == unknown
    assert judgement.fault == f"{unknown[7:19]}: its media type is unknown: {media_type or '(none)'}"


def test_a_body_that_nobody_read_keeps_the_whole_repository() -> None:
    """A snapshot that lacks a body it needs is no snapshot to delete by."""
    repo = Repo()
    image = repo.image()
    snapshot: Snapshot = replace(repo.snapshot(), bodies={})
    judgement = judge(snapshot, UNTAGGED, NOW)
    assert judgement.going == []
    assert judgement.fault == f"{image[7:19]}: its body was not read"


def test_a_vanished_manifest_is_gone_and_holds_nothing_up() -> None:
    """Listed, but 404: it gets its own verdict, and the rest is judged."""
    repo = Repo()
    image, vanished = repo.image(), repo.push({}, OCI_MANIFEST)
    repo.vanished = {vanished}
    assert repo.going() == [image]
    assert repo.reason(vanished) == Reason(Why.VANISHED)
    assert not repo.judge().verdicts[vanished].goes


def test_a_vanished_manifest_of_an_unknown_kind_holds_nothing_up() -> None:
    """What is gone needs not be understood."""
    repo = Repo()
    image, vanished = repo.image(), repo.push({}, SCHEMA_1)
    repo.vanished = {vanished}
    assert repo.going() == [image]


def test_a_vanished_manifest_stays_vanished_where_the_repository_is_kept() -> None:
    """No reason to keep it can be given for what is gone."""
    repo = Repo()
    image, vanished = repo.image(), repo.image()
    repo.vanished = {vanished}
    repo.unreadable = {"": "its listing broke off"}
    assert repo.reason(vanished) == Reason(Why.VANISHED)
    assert repo.reason(image).why is Why.UNREADABLE


def test_the_referrers_of_a_vanished_manifest_are_orphans() -> None:
    """A subject that can't be had is gone."""
    repo = Repo()
    repo.image("v1")
    image = repo.image()
    sbom = repo.oras(image)
    repo.vanished = {image}
    assert repo.reason(sbom) == Reason(Why.ORPHAN, because=image)


def test_a_faulty_repository_is_a_fault_of_the_plan() -> None:
    """The plan goes on with the other repositories and says which one is left out, and why."""
    faulty, fine = Repo(name="faulty"), Repo(name="fine")
    faulty.unreadable = {faulty.index(): "its body is not JSON"}
    image = fine.image()
    plan = make_plan("registry", "*", UNTAGGED, [faulty.judge(), fine.judge()], NOW)
    assert [(item.repository, item.digest) for item in plan.items] == [("fine", image)]
    assert plan.faults == {"faulty": faulty.judge().fault}
    assert plan.kept == {Why.UNREADABLE: 1}


@pytest.mark.parametrize("media_type", [OCI_MANIFEST, OCI_INDEX])
def test_a_tagged_manifest_that_is_not_found_keeps_the_whole_repository(media_type: str) -> None:
    """Listed with its tag, but 404: that may pass, and then it needs its platforms and its signatures."""
    repo = Repo()
    image, vanished = repo.image(), repo.push({}, media_type, "v1")
    repo.vanished = {vanished}
    assert repo.going() == []
    assert repo.reason(image).why is Why.UNREADABLE
    assert "its tag v1 is there" in repo.judge().fault
