"""Signatures, attestations, SBOMs: they stay with what they are attached to, and go with it."""

import pytest

from bot.domain.graph import subject_of_tag
from bot.domain.manifest import DOCKER_MANIFEST, OCI_INDEX
from bot.domain.reason import Reason, Why
from bot.domain.rule import Rule
from tests.domain.build import NO_DELETE, UNPROTECTED, Repo, cosign_tag, elsewhere, older_than

HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize("tag", [f"sha256-{HEX}{suffix}" for suffix in (".sig", ".att", ".sbom", "")])
def test_a_tag_named_after_a_digest_is_an_attachment_tag(tag: str) -> None:
    """Cosign's three suffixes, and the bare tag under which lists of referrers are kept."""
    assert subject_of_tag(tag) == f"sha256:{HEX}"


@pytest.mark.parametrize(
    "tag",
    [
        *("latest", "sha256-", f"sha256-{HEX[:-1]}.sig", f"sha256-{HEX}0.sig", f"sha256-{HEX.upper()}.sig"),
        *(f"sha256-{HEX}.sig\n", f"sha256-{HEX}.foo", f"v1-sha256-{HEX}.sig", f"sha512-{HEX}", f"sha256:{HEX}"),
    ],
)
def test_any_other_tag_is_somebodys(tag: str) -> None:
    """What only looks like an attachment tag counts as a tag that somebody gave."""
    assert subject_of_tag(tag) == ""


@pytest.mark.parametrize("suffix", [".sig", ".att", ".sbom"])
def test_cosign_tags_stay_with_their_image(suffix: str) -> None:
    """The signature of a tagged image has no subject; its tag says what it belongs to."""
    repo = Repo()
    image = repo.image("v1")
    signature = repo.signature(image, suffix)
    assert repo.going() == []
    assert repo.reason(signature) == Reason(Why.ATTACHED, because=image)


def test_cosign_tags_go_with_their_image() -> None:
    """The signature of an untagged image is no image that somebody tagged; it goes after what it signs."""
    repo = Repo()
    image = repo.image()
    signature = repo.signature(image, days=0.1)
    assert repo.going() == [image, signature]
    assert repo.reason(signature) == Reason(Why.FOLLOWS, because=image)


def test_cosign_tags_of_a_child_of_a_kept_index_stay() -> None:
    """``cosign sign --recursive`` signs each platform."""
    repo = Repo()
    child = repo.image()
    repo.index(child, tags=("v1",))
    assert repo.reason(repo.signature(child)) == Reason(Why.ATTACHED, because=child)
    assert repo.going() == []


def test_cosign_tags_whose_image_is_gone_are_orphans() -> None:
    """A signature of nothing may go, and its reason says of what."""
    repo = Repo()
    repo.signature(repo.image("v1"))
    signature = repo.signature(elsewhere("image"))
    assert repo.going() == [signature]
    assert repo.reason(signature) == Reason(Why.ORPHAN, because=elsewhere("image"))


def test_a_cosign_tag_with_a_prefix_stays_with_its_image() -> None:
    """Cosign's ``--attachment-tag-prefix`` changes the tag, not what it belongs to."""
    repo = Repo()
    image = repo.image("v1", days=1)
    signature = repo.image("team-" + cosign_tag(image), days=90)
    assert repo.going(older_than(30)) == []
    assert repo.reason(signature, older_than(30)) == Reason(Why.ATTACHED, because=image)


@pytest.mark.parametrize("tag", [cosign_tag(elsewhere("gone"), ".imgpkg"), "team-" + cosign_tag(elsewhere("gone"))])
def test_a_tag_that_only_mentions_a_digest_makes_no_orphan(tag: str) -> None:
    """Tags of a form that we don't know may mean anything, so they count as somebody's."""
    repo = Repo()
    image = repo.image(tag)
    repo.image("v1")
    assert repo.reason(image) == Reason(Why.TAGGED, detail=tag)


def test_an_image_that_also_has_an_attachment_tag_is_tagged() -> None:
    """One tag that somebody gave is enough, whatever tags stand beside it."""
    repo = Repo()
    image = repo.image("v1", cosign_tag(elsewhere("gone")))
    repo.image("v2")
    assert repo.reason(image).why is Why.TAGGED


def test_a_copy_tagged_with_the_digest_of_its_original_is_no_orphan() -> None:
    """Mirroring tools tag what they copy by digest, and copying some platforms only changes that digest."""
    repo = Repo()
    original = elsewhere("original")
    child = repo.image()
    repo.index(child, tags=(cosign_tag(original, ""),))
    repo.image(cosign_tag(elsewhere("single"), ""))
    assert repo.going() == []


def test_an_image_tagged_with_its_own_digest_is_tagged() -> None:
    """Such a tag attaches it to nothing."""
    repo = Repo()
    own = elsewhere("own")
    repo.push({"layers": []}, DOCKER_MANIFEST, cosign_tag(own, ""), as_digest=own)
    assert repo.reason(own).why is Why.TAGGED
    assert repo.going(older_than(5)) == [own]


def test_a_list_of_referrers_stays_with_its_image() -> None:
    """Where a registry had no referrers API, clients keep the list as an index under ``sha256-<hex>``."""
    repo = Repo()
    image = repo.image("v1")
    sbom = repo.image(subject=image)
    listing = repo.index(sbom, tags=(cosign_tag(image, ""),))
    assert repo.going() == []
    assert repo.reason(listing) == Reason(Why.ATTACHED, because=image)


def test_a_list_of_referrers_goes_before_its_image() -> None:
    """The registry deletes referrers with the image, so the list that names them must be gone by then."""
    repo = Repo()
    image = repo.image()
    sbom = repo.image(subject=image)
    listing = repo.index(sbom, tags=(cosign_tag(image, ""),))
    assert repo.going() == [listing, image, sbom]


def test_a_list_of_referrers_whose_image_is_gone_is_an_orphan() -> None:
    """It lists what was deleted with the image."""
    repo = Repo()
    repo.signature(repo.image("v1"))
    listing = repo.index(elsewhere("sbom"), tags=(cosign_tag(elsewhere("image"), ""),))
    assert repo.reason(listing) == Reason(Why.ORPHAN, because=elsewhere("image"))


def test_referrers_stay_with_their_subject() -> None:
    """An attachment by subject is untagged, and no candidate while its image stays."""
    repo = Repo()
    image = repo.image("v1")
    oci, oras = repo.image(subject=image), repo.oras(image)
    assert repo.going() == []
    assert repo.reason(oci) == repo.reason(oras) == Reason(Why.ATTACHED, because=image)


def test_referrers_of_referrers_stay_to_any_depth() -> None:
    """The signature of an SBOM of a kept image stays."""
    repo = Repo()
    image = repo.image("v1")
    sbom = repo.oras(image)
    signature = repo.image(subject=sbom)
    assert repo.going() == []
    assert [step.manifest.digest for step in repo.judge().chain(signature)] == [signature, sbom, image]


def test_referrers_of_referrers_go_after_their_subjects() -> None:
    """Azure takes them along; none is asked to go while its subject is still there."""
    repo = Repo()
    image = repo.image()
    sbom = repo.oras(image)
    signature = repo.image(subject=sbom)
    assert repo.going() == [image, sbom, signature]


def test_a_kept_referrer_keeps_its_subject() -> None:
    """Azure deletes referrers with their subject: a tagged SBOM can only stay where its image stays."""
    repo = Repo()
    image = repo.image()
    sbom = repo.image("sbom-v1", subject=image)
    assert repo.going() == []
    assert repo.reason(image) == Reason(Why.HOLDS_ATTACHMENT, because=sbom)


def test_a_locked_signature_keeps_its_subject_and_all_that_that_needs() -> None:
    """A lock deep down a chain of referrers holds everything above it."""
    repo = Repo()
    child = repo.image()
    index = repo.index(child)
    sbom = repo.oras(index)
    signature = repo.image(subject=sbom, locks=NO_DELETE)
    assert repo.going() == []
    assert [step.manifest.digest for step in repo.judge().chain(child)] == [child, index, sbom, signature]


def test_a_locked_cosign_signature_does_not_keep_its_image() -> None:
    """No delete of an image takes its cosign tags along, so the signature stays by itself."""
    repo = Repo()
    image = repo.image()
    repo.signature(image, locks=NO_DELETE)
    assert repo.going() == [image]


def test_referrers_whose_subject_is_gone_are_orphans() -> None:
    """What belongs to nothing may go, and its reason says to what it belonged."""
    repo = Repo()
    repo.image("v1")
    sbom = repo.oras(elsewhere("image"))
    assert repo.reason(sbom) == Reason(Why.ORPHAN, because=elsewhere("image"))


def test_a_referrer_of_an_orphan_goes_with_it() -> None:
    """The signature of an orphaned SBOM belongs to something that goes."""
    repo = Repo()
    repo.image("v1")
    sbom = repo.oras(elsewhere("image"))
    signature = repo.image(subject=sbom)
    assert repo.going() == [sbom, signature]
    assert repo.reason(signature) == Reason(Why.FOLLOWS, because=sbom)


def test_a_tagged_referrer_whose_subject_is_gone_is_tagged() -> None:
    """A tag outranks being an orphan."""
    repo = Repo()
    assert repo.reason(repo.image("sbom", subject=elsewhere("image"))).why is Why.TAGGED


def test_orphans_are_left_alone_by_a_rule_about_tags() -> None:
    """Only a rule that selects what carries no tag selects orphans."""
    repo = Repo()
    repo.image("v1")
    signature = repo.signature(elsewhere("image"), days=90)
    rule = older_than(30, untagged=False)
    assert repo.going(rule) == []
    assert repo.reason(signature, rule).why is Why.NOT_SELECTED


def test_an_orphan_newer_than_the_cutoff_stays() -> None:
    """Its image may be on its way: some tools push the signature first."""
    repo = Repo()
    repo.image("v1")
    signature = repo.signature(elsewhere("image"), days=3)
    rule = Rule(before=older_than(7).before, protection=UNPROTECTED)
    assert repo.reason(signature, rule).why is Why.TOO_NEW


def test_a_fresh_attachment_does_not_keep_an_old_image() -> None:
    """A scanner that adds a report each week would otherwise keep everything for ever."""
    repo = Repo()
    image = repo.image(days=90)
    report = repo.oras(image, days=3)
    rule = Rule(before=older_than(7).before, protection=UNPROTECTED)
    assert repo.going(rule) == [image, report]


def test_an_attachment_within_the_grace_time_keeps_its_image() -> None:
    """Somebody is working with what was signed an hour ago."""
    repo = Repo()
    image = repo.image(days=90)
    report = repo.oras(image, days=0.04)
    assert repo.going(Rule()) == []
    assert repo.reason(image, Rule()) == Reason(Why.HOLDS_ATTACHMENT, because=report)


def test_attachments_follow_a_tagged_image_that_goes() -> None:
    """A rule about tags takes signatures and SBOMs along, cosign tags too."""
    repo = Repo()
    image = repo.image("pr-1", days=90)
    signature, sbom = repo.signature(image, days=90), repo.oras(image, days=90)
    rule = older_than(30, untagged=False, tags="pr-.*")
    assert set(repo.going(rule)) == {image, signature, sbom}
    assert repo.going(rule)[0] == image


@pytest.mark.parametrize("kind", ["cosign tags", "referrers", "both"])
def test_a_repository_of_signatures_only_is_left_alone(kind: str) -> None:
    """With COSIGN_REPOSITORY signatures live apart from their images: being alone does not make them orphans."""
    repo = Repo()
    kept = []
    if kind != "referrers":
        kept += [repo.signature(elsewhere("one")), repo.signature(elsewhere("two"), ".att")]
    if kind != "cosign tags":
        kept += [repo.image(subject=elsewhere("three")), repo.oras(elsewhere("four"))]
    assert repo.going() == []
    assert {repo.reason(digest).why for digest in kept} == {Why.SIGNATURE_STORE}


def test_a_replaced_signature_does_not_unmake_a_repository_of_signatures() -> None:
    """To add a signature cosign moves the tag; what it leaves behind untagged goes, the signatures stay."""
    repo = Repo()
    replaced = repo.image(layer="application/vnd.dev.cosign.simplesigning.v1+json")
    repo.signature(elsewhere("one"))
    assert repo.going() == [replaced]


def test_an_image_beside_signatures_makes_no_orphans_of_them() -> None:
    """Where no cosign tag has its image in the repository, an image that lies beside them proves nothing."""
    repo = Repo()
    signature = repo.signature(elsewhere("one"))
    repo.image("v1")
    assert repo.going() == []
    assert repo.reason(signature) == Reason(Why.SIGNATURE_STORE)


def test_a_tag_does_not_make_a_signature_an_image() -> None:
    """Somebody who tags a signature in a repository of signatures does not put the others at risk."""
    repo = Repo()
    repo.signature(elsewhere("one"))
    repo.image("newest", cosign_tag(elsewhere("two")))
    assert repo.going() == []


def test_a_manifest_that_signs_several_stays_with_any_of_them() -> None:
    """One manifest under the tags of two images goes only when both go."""
    repo = Repo()
    kept, untagged = repo.image("v1"), repo.image()
    both = repo.image(cosign_tag(kept), cosign_tag(untagged))
    assert repo.going() == [untagged]
    assert repo.reason(both) == Reason(Why.ATTACHED, because=kept)


def test_cosign_tags_that_name_each_other_neither_stall_nor_break() -> None:
    """A tag may name anything, in a circle too."""
    repo = Repo()
    one = elsewhere("one")
    two = repo.image(cosign_tag(one))
    repo.push({"layers": []}, OCI_INDEX, cosign_tag(two), as_digest=one)
    repo.image("v1")
    assert repo.going() == []
    assert {repo.reason(one).why, repo.reason(two).why} == {Why.NOT_SELECTED}
