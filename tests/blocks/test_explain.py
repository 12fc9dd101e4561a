"""The answers to `/acr explain`: readable, and within Slack's limits whatever a registry holds."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.blocks import explanation, overview
from bot.blocks.naming import tag_list, what_it_is
from bot.blocks.sentences import SENTENCES, pieces
from bot.blocks.trees import Line, drawn
from bot.domain.explain import Branch, Explanation, Node, Overview, Role, Share, explain_manifest, explain_repository
from bot.domain.graph import Graph
from bot.domain.manifest import DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, ORAS_ARTIFACT, UNLOCKED, Manifest
from bot.domain.reason import KEEPING, Reason, Verdict, Why
from bot.domain.rule import Rule
from bot.domain.selection import Judgement
from tests.blocks import samples as s
from tests.blocks.test_limits import check
from tests.domain.build import NO_DELETE, NOW, UNTAGGED, Repo, cosign_tag, elsewhere

slow_to_draw = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def short(digest: str) -> str:
    """Give the 12 characters that people see."""
    return digest[7:19]


def text_of_one(repo: Repo, digest: str, rule: Rule = UNTAGGED) -> str:
    """Draw the explanation of one manifest and give all that it shows, columns two spaces apart."""
    about = explain_manifest(repo.judge(rule), Graph(repo.snapshot()), digest)
    message = explanation(about, registry="contoso", now=NOW)
    check(message)
    return re.sub(" {3,}(?=[^└├])", "  ", s.shown(message.blocks))


def test_a_part_is_explained_step_by_step() -> None:
    """The sentence names the image that keeps it with its tags; the tree goes on to the reason of that."""
    repo = Repo("myrepo")
    part = repo.image()
    index = repo.index(part, tags=("v2.4.1", "latest"))
    text = text_of_one(repo, part)
    assert f"myrepo@{short(part)}\n" in text
    assert f"Kept:\n it is a part of the multi-arch image \n{short(index)} (v2.4.1, latest)\n, which is kept." in text
    assert "Step by step" in text
    assert f"{short(part)}  image  kept: part of a kept multi-arch image\n" in text
    assert f"└─ {short(index)}  multi-arch  v2.4.1, latest  kept: tagged\n" in text
    assert part in text, "the whole digest is there to be copied"
    assert "Nothing was deleted" in text


def test_an_image_shows_its_parts_what_is_missing_and_what_is_attached() -> None:
    """A broken index names its missing parts, and is said to have been broken before."""
    repo = Repo()
    part, gone = repo.image(), elsewhere("arm64")
    index = repo.index(part, gone, tags=("v1",))
    signature = repo.signature(index)
    text = text_of_one(repo, index)
    assert "It was broken before this app came: 1 part of it can't be pulled" in text
    assert f"├─ {short(part)}  image  part, kept with it\n" in text
    assert f"├─ {short(gone)}  part, missing: not in this repository\n" in text
    assert f"└─ {short(signature)}  signature  attached, kept with it" in text
    assert "Step by step" not in text, "its own tag is all that there is to say"


def test_what_another_image_keeps_names_that_image() -> None:
    """Below an index that goes, a shared part says whose part it is as well."""
    repo = Repo()
    shared = repo.image()
    keeper = repo.index(shared, tags=("v1",))
    index = repo.index(shared, repo.image())
    text = text_of_one(repo, index)
    assert "Could go:\n it carries no tag, and nothing that is kept needs it." in text
    assert f"part, kept: part of {short(keeper)}" in text
    assert "lists it, could go: untagged" in text_of_one(repo, shared)


@pytest.mark.parametrize("count", [13, 400])
def test_hundreds_of_parts_are_counted(count: int) -> None:
    """A dozen lines, and the number of the others."""
    repo = Repo()
    index = repo.index(*(repo.image() for _ in range(count)), tags=("v1",))
    assert f"└─ and {count - 12} more  {count - 12} kept" in text_of_one(repo, index)


def test_a_lock_says_what_is_locked() -> None:
    """The manifest or one of its tags."""
    repo = Repo()
    image = repo.image(locks=NO_DELETE)
    assert "Kept:\n the manifest is locked." in text_of_one(repo, image)


def test_an_orphan_names_what_it_belonged_to() -> None:
    """The step leads to a digest that is not there."""
    repo = Repo()
    repo.image("v1")
    orphan = repo.image(subject=elsewhere("image"))
    text = text_of_one(repo, orphan)
    assert f"it is attached to \n{short(elsewhere('image'))}\n, which is not in this repository any more." in text
    assert f"└─ {short(elsewhere('image'))}" in text


def test_a_repository_that_could_not_be_read_says_which_manifest_is_to_blame() -> None:
    """The reason of all others is shown for each, with the cause."""
    repo = Repo()
    image, odd = repo.image(), repo.push({}, "application/x-odd")
    text = text_of_one(repo, image)
    assert f"not everything in it could be read. \n{short(odd)}\n: its media type is unknown: application/x-odd" in text
    assert "this manifest\n: its media type is unknown" in text_of_one(repo, odd)


def test_an_overview_has_a_row_for_each_reason() -> None:
    """Counts, verdicts, reasons with their settings, and an example with its steps."""
    repo = Repo("myrepo")
    part = repo.image()
    index = repo.index(part, elsewhere("gone"), tags=("v1",))
    loose, locked = repo.image(), repo.image(locks=NO_DELETE)
    message = overview(explain_repository(repo.judge()), registry="contoso", rule=UNTAGGED, option="other")
    check(message)
    assert s.table_rows(message.blocks) == [
        ["Manifests", "Verdict", "Why", "For example"],
        ["1", "could go", "untagged", f"{short(loose)}  image"],
        ["1", "kept", "locked", f"{short(locked)}  image: the manifest is locked"],
        ["1", "kept", "part of a kept multi-arch image", f"{short(part)}  image ← {short(index)} (v1)"],
        ["1", "kept", "tagged", f"{short(index)}  multi-arch  v1"],
    ]
    text = s.shown(message.blocks)
    assert text.startswith("*1 of 4 manifests* in `myrepo` could go, 3 are kept.")
    assert f"{short(index)} (v1)\n lacks 1 part" in text
    assert f"`/acr explain myrepo@{short(part)} --registry other`" in text
    assert "1 untagged, 1 locked, 1 part of a kept multi-arch image and 1 tagged." in message.text


def test_an_overview_where_nothing_goes() -> None:
    """Nothing to clean is said in one line."""
    repo = Repo("myrepo")
    repo.image("v1")
    message = overview(explain_repository(repo.judge()), registry="contoso", rule=UNTAGGED)
    assert message.text.startswith("*Nothing in `myrepo` could go:* its only manifest is kept.")


def test_an_overview_of_an_unread_repository_says_why() -> None:
    """The cause stands below the headline."""
    repo = Repo("myrepo")
    repo.unreadable[repo.image()] = "its body is not JSON"
    message = overview(explain_repository(repo.judge()), registry="contoso", rule=UNTAGGED)
    assert "could go now:* not everything in it could be read" in message.text
    assert "its body is not JSON" in s.shown(message.blocks)


@pytest.mark.parametrize("why", Why)
def test_every_reason_has_a_sentence(why: Why) -> None:
    """One that begins with the verdict, whole with and without something that it points to."""
    start = "Kept" if why in KEEPING else "Gone already" if why is Why.VANISHED else "Could go"
    assert SENTENCES[why].startswith(start)
    for image in ("", "0123456789ab"):
        told = "".join(words for _, words in pieces(why, image=image, detail="d"))
        assert told.endswith(".")
        assert "{" not in told
    assert SENTENCES.keys() == set(Why)


def manifest(media_type: str = OCI_MANIFEST, *tags: str, platform: str = "/", artifact_type: str = "") -> Manifest:
    """Make a manifest to be named."""
    os, _, architecture = platform.partition("/")
    return Manifest(
        s.digest(1),
        media_type,
        1,
        NOW,
        NOW,
        tags,
        UNLOCKED,
        architecture,
        os,
        artifact_type,
    )


@pytest.mark.parametrize(
    ("found", "called"),
    [
        (manifest(platform="linux/arm64"), "linux/arm64"),
        (manifest(DOCKER_MANIFEST, "v1", platform="linux/amd64"), "linux/amd64"),
        (manifest(platform="unknown/unknown"), "attestation"),
        (manifest(OCI_INDEX), "multi-arch"),
        (manifest(), "image"),
        (manifest("text/plain"), "unknown type"),
        (manifest(ORAS_ARTIFACT), "artifact"),
        (manifest(ORAS_ARTIFACT, artifact_type="application/vnd.cncf.notary.signature"), "signature"),
        (manifest(artifact_type="application/vnd.dev.sigstore.bundle.v0.3+json"), "signature"),
        (manifest(artifact_type="application/spdx+json"), "SBOM"),
        (manifest(artifact_type="application/vnd.in-toto+json"), "attestation"),
        (manifest(artifact_type="application/vnd.cncf.helm.config.v1+json"), "Helm chart"),
        (manifest(artifact_type="application/vnd.acme"), "vnd.acme"),
        (manifest(OCI_MANIFEST, cosign_tag(s.digest(2))), "signature"),
        (manifest(OCI_MANIFEST, cosign_tag(s.digest(2), ".att")), "attestation"),
        (manifest(OCI_MANIFEST, cosign_tag(s.digest(2), ".sbom"), platform="linux/amd64"), "SBOM"),
        (manifest(OCI_INDEX, cosign_tag(s.digest(2), "")), "list of attachments"),
        (manifest(OCI_MANIFEST, cosign_tag(s.digest(2)), "mine", platform="linux/amd64"), "linux/amd64"),
    ],
)
def test_a_manifest_is_called_what_people_call_it(found: Manifest, called: str) -> None:
    """Platforms by their name, attachments by what they are for."""
    assert what_it_is(found) == called


def test_tags_are_listed_in_the_room_there_is() -> None:
    """Cosign's own tags are no news, and long ones are cut."""
    assert tag_list(manifest(OCI_MANIFEST, "a", cosign_tag(s.digest(2)), "b"), 30) == "a, b"
    assert tag_list(manifest(OCI_MANIFEST, "a", "b", "c", "d", "e"), 30) == "a, b, c and 2 more"
    assert len(tag_list(manifest(OCI_MANIFEST, *("x" * 128, "y" * 128, "z", "w")), 30)) <= 30


def test_a_tree_keeps_to_its_room() -> None:
    """Neither depth, nor length of lines, nor their number breaks it."""
    deep = Line("bottom")
    for number in range(30):
        deep = Line(f"level {number} {'x' * 100}", "y" * 100, (deep,))
    lines = drawn(deep).splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[-1].endswith("…")
    wide = Line("top", below=tuple(Line(f"line {number}", "z" * 40) for number in range(500)))
    assert len(drawn(wide)) <= 3000
    assert drawn(wide).splitlines()[-1].endswith("lines more")


manifests = st.builds(
    Manifest,
    digest=s.names,
    media_type=st.sampled_from([OCI_INDEX, OCI_MANIFEST, DOCKER_MANIFEST, ORAS_ARTIFACT]) | s.names,
    size=s.sizes,
    created=s.moments,
    updated=s.moments,
    tags=st.lists(s.names, max_size=6).map(tuple),
    architecture=s.names,
    os=s.names,
    artifact_type=s.names,
)
verdicts = st.builds(
    Verdict,
    manifests,
    st.builds(Reason, why=st.sampled_from(Why), because=s.names, detail=s.names | st.text(max_size=900)),
)
branches = st.recursive(
    st.just(Branch()),
    lambda below: st.builds(
        Branch,
        st.lists(
            st.builds(Node, s.names, st.sampled_from(Role), st.none() | verdicts, st.booleans(), below), max_size=12
        ).map(tuple),
        s.counts,
        s.counts,
        s.counts,
    ),
    max_leaves=8,
)
chains = st.lists(verdicts, min_size=1, max_size=14).map(tuple)


def judgement(name: str, found: tuple[Verdict, ...], taken: datetime, fault: str = "") -> Judgement:
    """Make the judgement that holds these verdicts."""
    return Judgement(name, taken, {verdict.manifest.digest: verdict for verdict in found}, fault=fault)


@slow_to_draw
@given(
    steps=chains,
    above=branches,
    below=branches,
    names=st.tuples(s.names, s.names, s.names),
    now=s.moments,
    lacks=s.counts,
)
def test_any_explanation_keeps_to_the_limits(  # noqa: PLR0917 - hypothesis hands the values in by name
    steps: tuple[Verdict, ...],
    above: Branch,
    below: Branch,
    names: tuple[str, str, str],
    now: datetime,
    lacks: int,
) -> None:
    """Whatever digests, tags, types and causes are called, the answer is one that Slack takes and pings nobody."""
    about = Explanation(judgement(names[0], steps, now), steps[0], steps, names[1], lacks, above, below)
    check(explanation(about, registry=names[2], now=now + timedelta(1)))


shares = st.lists(st.builds(Share, st.sampled_from(Why), s.counts, chains), max_size=20).map(tuple)


@slow_to_draw
@given(
    going=shares,
    kept=shares,
    broken=st.lists(st.tuples(verdicts, s.counts), max_size=5).map(tuple),
    counts=st.tuples(s.counts, s.counts),
    names=st.tuples(s.names, s.names, st.text(max_size=900)),
    rule=s.rules,
)
def test_any_overview_keeps_to_the_limits(  # noqa: PLR0917 - hypothesis hands the values in by name
    going: tuple[Share, ...],
    kept: tuple[Share, ...],
    broken: tuple[tuple[Verdict, int], ...],
    counts: tuple[int, int],
    names: tuple[str, str, str],
    rule: Rule,
) -> None:
    """The same of a whole repository."""
    found = judgement(names[0], (), datetime.now(UTC), names[2])
    about = Overview(found, going, kept, counts[0], broken, counts[1] + len(broken))
    check(overview(about, registry=names[1], rule=rule, option=names[1]))
