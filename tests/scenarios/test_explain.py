"""``/acr explain``: why one manifest, or each of a repository, is kept or could go."""

import hashlib
import html
import itertools
import re

import pytest

from bot.domain.manifest import OCI_INDEX
from sandbox.slack import Message, check_message, text_of
from tests.scenarios.stage import OPS, Stage, days_ago, make_stage


def short(digest: str) -> str:
    """Give the 12 characters that people see."""
    return digest.removeprefix("sha256:")[:12]


def seed(stage: Stage) -> dict[str, str]:
    """Fill a repository with an image of two platforms, signed, and what is left of others; give the digests."""
    registry, old = stage.registry, days_ago(40)
    amd = registry.push_image("myrepo", layers=[1], platform="linux/amd64", updated=old)
    arm = registry.push_image("myrepo", layers=[2], platform="linux/arm64", updated=old)
    index = registry.push_index("myrepo", [amd, arm], tags=["v2.4.1", "stable"], updated=old)
    return {
        "amd": amd,
        "arm": arm,
        "index": index,
        "signature": registry.push_artifact("myrepo", subject=index, updated=old),
        "sbom": registry.push_artifact("myrepo", subject=arm, artifact_type="application/spdx+json", updated=old),
        "loose": registry.push_image("myrepo", layers=[3], updated=old),
        "fresh": registry.push_image("myrepo", layers=[4], updated=days_ago(0.1)),
        "latest": registry.push_image("myrepo", tags=["latest"], layers=[5], updated=old),
    }


def read(answer: Message) -> str:
    """Give an answer's text as people read it; Slack must have taken it as it is."""
    assert check_message({"text": answer.text, "blocks": answer.blocks}, "message") == []
    return html.unescape(text_of(answer))


async def ask(stage: Stage, reference: str) -> str:
    """Ask as Riley and give what Riley reads."""
    return read(await stage.ask(stage.riley, f"/acr explain {reference}"))


async def test_a_part_of_an_image_is_explained_to_the_tag_that_keeps_it(stage: Stage) -> None:
    """By a part of its digest: the verdict, the facts, and each step from the attachment to the tag."""
    digest = seed(stage)
    text = await ask(stage, f"myrepo@{digest['sbom'][7:20]}")
    assert f"myrepo@{short(digest['sbom'])}" in text
    assert f"Kept: it is a signature or another attachment of {short(digest['arm'])}, which is kept." in text
    assert digest["sbom"] in text
    steps = re.findall(r"^\W*([0-9a-f]{12})  .*kept: ", text, re.MULTILINE)
    assert steps == [short(digest["sbom"]), short(digest["arm"]), short(digest["index"])]
    assert "whatever the age" in text
    assert "Nothing was deleted" in text


async def test_a_tag_is_explained_with_all_that_belongs_to_it(stage: Stage) -> None:
    """The parts and attachments of an image are shown with their verdicts."""
    digest = seed(stage)
    text = await ask(stage, "myrepo:v2.4.1")
    assert "Kept: it is tagged" in text
    for name, words in {
        "amd": "linux/amd64  part, kept with it",
        "arm": "linux/arm64  part, kept with it",
        "sbom": "SBOM",
        "signature": "signature",
    }.items():
        assert f"─ {short(digest[name])}  {words}" in text


async def test_what_could_go_says_so(stage: Stage) -> None:
    """The whole digest, pasted with its registry, names it too."""
    digest = seed(stage)
    text = await ask(stage, f"{stage.acr.login_server}/myrepo@{digest['loose']}")
    assert "Could go: it carries no tag, and nothing that is kept needs it." in text
    assert "Kept for now: it changed within the grace time" in await ask(stage, f"myrepo@{short(digest['fresh'])}")


async def test_a_broken_image_names_its_missing_parts(stage: Stage) -> None:
    """So does the answer to whoever asks for the part itself."""
    gone = f"sha256:{'9' * 64}"
    index = stage.registry.push_index("myrepo", [gone], tags=["v1"], updated=days_ago(9))
    text = await ask(stage, "myrepo:v1")
    assert "It was broken before this app came: 1 part of it can't be pulled" in text
    assert f"{short(gone)}  part, missing: not in this repository" in text
    assert f"its multi-arch image {short(index)} lists it" in await ask(stage, "myrepo@99999999")


async def test_a_repository_is_explained_by_its_reasons(stage: Stage) -> None:
    """Each reason with its count and an example; what is suggested next works."""
    digest = seed(stage)
    text = await ask(stage, "myrepo")
    assert "*1 of 8 manifests* in `myrepo` could go, 7 are kept." in text
    assert f"1 | could go | untagged | {short(digest['loose'])}  linux/amd64" in text
    assert "2 | kept | part of a kept multi-arch image | " in text
    assert "2 | kept | tagged | " in text
    assert "changed within the grace time (24 h)" in text
    suggested = text.partition("`/acr explain ")[2].partition("`")[0]
    assert "Step by step" in await ask(stage, suggested)


async def test_the_verdict_is_that_of_the_list(stage: Stage) -> None:
    """What is explained as going is what ``/acr untagged`` lists, and the rest is not."""
    digest = seed(stage)
    listed = text_of(await stage.ask(stage.riley, "/acr untagged myrepo"))
    for found in digest.values():
        assert ("Could go:" in await ask(stage, f"myrepo@{found}")) == (short(found) in listed)


@pytest.mark.parametrize(
    ("reference", "problem", "expected", "example"),
    [
        ("myrepo:v2.4", "There is no tag v2.4 in myrepo", "The nearest tags are v2.4.1", "/acr explain myrepo:v2.4.1"),
        ("myrepo@00000000", "No manifest of myrepo begins with 00000000", "It may be deleted", "/acr explain myrepo"),
        ("myrpo:v1", "There is no repository myrpo in", "Nearest names: myrepo", "/acr explain myrepo"),
        ("myrepo --registry nosuch", "There is no registry 'nosuch' here", "The registries are", ""),
        ("", "The repository is missing", "with : before a tag or @ before a digest", "/acr explain team/app"),
        ("myrepo 12345678", "One repository is expected, and there are 2", "@ before a digest", ""),
        ("'my*'", "'my*' stands for several repositories", "one repository, or one manifest", "/acr explain team/app"),
        ("myrepo@1234567", "'1234567' is not a digest", "the first 8 of them or more will do", ""),
        ("myrepo:-x", "'-x' is not a tag", "at most 128 letters", "/acr explain myrepo:v1.2"),
        ("myrepo --min-age 7d", "There is no option '--min-age'", "The options are: --registry", ""),
    ],
)
async def test_what_is_not_there_is_answered(
    stage: Stage, reference: str, problem: str, expected: str, example: str
) -> None:
    """The answer names the problem, what was expected, and the next command to type."""
    seed(stage)
    text = await ask(stage, reference)
    assert problem in text
    assert expected in text
    assert f"For example: {example}" in text


async def test_an_ambiguous_digest_lists_what_begins_so(stage: Stage) -> None:
    """With as much of each as tells them apart; the example then works."""
    known: dict[str, bytes] = {}
    for number in itertools.count():
        body = b'{"schemaVersion": 2, "mediaType": "%s", "manifests": [], "n": %d}' % (OCI_INDEX.encode(), number)
        start = hashlib.sha256(body).hexdigest()[:8]
        if start in known:
            break
        known[start] = body
    pushed = [stage.registry.push_raw("myrepo", OCI_INDEX, one, updated=days_ago(9)) for one in (known[start], body)]
    text = await ask(stage, f"myrepo@{start}")
    assert f"2 manifests of myrepo begin with {start}." in text
    assert "They are " + ", ".join(sorted(map(short, pushed))) + ". Give more" in text
    example = text.partition("For example: /acr explain ")[2].strip()
    assert "Could go" in await ask(stage, example)


async def test_only_who_asks_sees_the_answer(stage: Stage) -> None:
    """Explaining is private and changes nothing."""
    seed(stage)
    before = stage.registry.digests("myrepo")
    await ask(stage, "myrepo:v2.4.1")
    assert stage.olu.messages(OPS) == []
    assert stage.registry.digests("myrepo") == before


async def test_long_names_and_hundreds_of_parts_can_be_sent(transport: str) -> None:
    """The longest names that ACR takes, and an index with 300 parts, come out within Slack's limits."""
    async with make_stage(transport) as stage, stage.running():
        repository = "a" * 120 + "/" + "b" * 120
        parts = [
            stage.registry.push_image(repository, layers=[1], platform=f"linux/{'p' * 40}{number}", updated=days_ago(9))
            for number in range(300)
        ]
        tags = [f"{letter * 127}1" for letter in "xyz"]
        index = stage.registry.push_index(repository, parts, tags=tags, updated=days_ago(9))
        assert "and 288 more  " in await ask(stage, f"{repository}@{index}")
        assert "300 | kept" in await ask(stage, repository)
        assert "The nearest tags are " in await ask(stage, f"{repository}:{'x' * 128}")
