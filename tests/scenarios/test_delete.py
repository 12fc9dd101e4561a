"""`/acr delete`: one manifest by a tag or a digest, with all its tags, from the question to the registry's state."""

import html

import pytest

from sandbox.slack import Message, check_message, text_of
from tests.scenarios.stage import OPS, Stage, days_ago, make_stage
from tests.scenarios.test_last_moment import outcomes


def short(digest: str) -> str:
    """Give what people see of a digest."""
    return digest.removeprefix("sha256:")[:12]


def read(answer: Message) -> str:
    """Give an answer's text as people read it; Slack must have taken it as it is."""
    assert check_message({"text": answer.text, "blocks": answer.blocks}, "message") == []
    return html.unescape(text_of(answer))


async def ask(stage: Stage, named: str) -> str:
    """Ask to delete, and give the answer as people read it."""
    return read(await stage.ask(stage.riley, f"/acr delete {named}"))


async def approved(stage: Stage, card: Message) -> str:
    """Approve a card and give what it says in the end."""
    await stage.sam.click(card, "approve")
    return html.unescape(await stage.settled(card))


async def test_a_delete_by_tag_takes_the_other_tags_along_and_says_so(stage: Stage) -> None:
    """The list and the card name the digest and every tag of it; nothing else goes."""
    registry = stage.registry
    image = registry.push_image("app", tags=["v3.0", "v3"], layers=[10_000_000], updated=days_ago(9))
    other = registry.push_image("app", tags=["v2"], layers=[2], updated=days_ago(9))
    said = f"This deletes the manifest `{image}` and all of: `app:v3`, `app:v3.0`."
    answer = await stage.ask(stage.riley, "/acr delete app:v3.0")
    text = read(answer)
    assert f"*This could go:* `app:v3` and `app:v3.0` (`{short(image)}`): up to *9.5 MiB*" in text
    assert said in text
    assert "Nothing was deleted" in text
    assert answer not in stage.olu.messages(OPS)

    card = await stage.card_after(stage.riley.click(answer, "propose"))
    text = read(card)
    assert text.splitlines()[0].startswith(f"*Delete* `app:v3` and `app:v3.0` (`{short(image)}`)")
    assert said in text
    assert "settings protect" not in text
    confirm = stage.sam.confirm_of(card, "approve")
    assert confirm is not None
    assert "app:v3 and app:v3.0 on " in confirm["text"]["text"]
    assert registry.digests("app") == {image, other}
    done = await approved(stage, card)
    assert done.splitlines()[0].startswith(":white_check_mark: *Deleted 1 manifest* of `app:v3` and `app:v3.0`")
    assert registry.tags("app") == {"v2": other}
    assert registry.digests("app") == {other}


@pytest.mark.parametrize(
    "form", ["app@{digest}", "app@{hex}", "app@{short}", "app@sha256:{short}", "{host}/app@{short}"]
)
async def test_a_digest_or_its_beginning_names_it_too(stage: Stage, form: str) -> None:
    """8 characters that no other digest begins with will do; the answer has the whole digest."""
    image = stage.registry.push_image("app", layers=[1], updated=days_ago(9))
    stage.registry.push_image("app", layers=[2], tags=["v1"], updated=days_ago(9))
    hexadecimal = image.removeprefix("sha256:")
    named = form.format(digest=image, hex=hexadecimal, short=hexadecimal[:8], host=stage.acr.login_server)
    card = await stage.propose(stage.riley, f"/acr delete {named}")
    assert read(card).splitlines()[0].startswith(f"*Delete* `app@{short(image)}`")
    assert f"This deletes the manifest `{image}`, which carries no tag." in read(card)
    assert f"Deleted 1 manifest* of `app@{short(image)}`" in await approved(stage, card)
    assert image not in stage.registry.digests("app")
    assert stage.registry.tags("app").keys() == {"v1"}


async def test_what_only_belongs_to_it_goes_along(stage: Stage) -> None:
    """Parts and attachments follow, a shared part stays, and the answer shows which is which."""
    registry = stage.registry
    own, shared, others = (registry.push_image("app", layers=[n], updated=days_ago(9)) for n in (1, 2, 3))
    index = registry.push_index("app", [own, shared], tags=["v1"], updated=days_ago(9))
    other = registry.push_index("app", [shared, others], tags=["v2"], updated=days_ago(9))
    sbom = registry.push_artifact("app", subject=index, updated=days_ago(9))
    signature = registry.push_cosign_signature("app", index, updated=days_ago(9))
    answer = await stage.ask(stage.riley, "/acr delete app:v1")
    text = read(answer)
    assert f"`app:v1` (`{short(index)}`) and 3 manifests that belong to it" in text
    for digest in (own, sbom, signature):
        assert f"{short(digest)}" in text
    assert f"part, kept: part of {short(other)}" in text
    card = await stage.card_after(stage.riley.click(answer, "propose"))
    assert "and 3 manifests that belong to it" in read(card).splitlines()[0]
    assert "Deleted all 4 manifests* of `app:v1`" in await approved(stage, card)
    assert registry.digests("app") == {shared, others, other}


async def test_a_tag_that_has_moved_is_skipped_and_said(stage: Stage) -> None:
    """The manifest that was approved stays, with its parts, and so does the one that has the tag now."""
    registry = stage.registry
    part = registry.push_image("app", layers=[1], updated=days_ago(9))
    image = registry.push_index("app", [part], tags=["v1"], updated=days_ago(9))
    card = await stage.propose(stage.riley, "/acr delete app:v1")
    new = registry.push_image("app", tags=["v1"], layers=[2])
    text = await approved(stage, card)
    assert registry.digests("app") == {part, image, new}
    assert registry.tags("app") == {"v1": new}
    assert outcomes(stage, card)[image] == ("skipped", "its tags have changed since (now untagged)")
    assert outcomes(stage, card)[part][0] == "skipped"
    assert "Deleted none of 2 manifests* of `app:v1`" in text
    assert "its tags have changed since" in text


async def test_a_tag_more_is_skipped_and_said(stage: Stage) -> None:
    """Nobody approved to delete what it is called since."""
    image = stage.registry.push_image("app", tags=["v1"], layers=[1], updated=days_ago(9))
    card = await stage.propose(stage.riley, "/acr delete app:v1")
    stage.registry.tag("app", image, "production", updated=days_ago(9))
    text = await approved(stage, card)
    assert stage.registry.digests("app") == {image}
    assert outcomes(stage, card)[image] == ("skipped", "its tags have changed since (now production, v1)")
    assert "its tags have changed since" in text


async def test_a_tag_that_moves_before_it_is_proposed_is_said(stage: Stage) -> None:
    """The button stands for the manifest that was seen; nothing is proposed for another."""
    registry = stage.registry
    image = registry.push_image("app", tags=["v1"], layers=[1], updated=days_ago(9))
    answer = await stage.ask(stage.riley, "/acr delete app:v1")
    new = registry.push_image("app", tags=["v1"], layers=[2], updated=days_ago(8))
    text = await stage.private_after(stage.riley, stage.riley.click(answer, "propose"), "is another manifest now")
    assert f"It was {short(image)} and is {short(new)}" in text
    assert "/acr delete app:v1" in text
    assert stage.cards() == []


async def test_what_the_settings_protect_goes_by_name_with_a_warning(stage: Stage) -> None:
    """``keep_tags`` keeps it from every rule; who names it reads so on the list and on the card."""
    image = stage.registry.push_image("app", tags=["latest", "v3"], layers=[1], updated=days_ago(9))
    warning = "*The settings protect it* (`keep_tags`: `latest`)"
    answer = await stage.ask(stage.riley, "/acr delete app:latest")
    assert warning in read(answer)
    card = await stage.card_after(stage.riley.click(answer, "propose"))
    assert warning in read(card)
    assert f"This deletes the manifest `{image}` and all of: `app:latest`, `app:v3`." in read(card)
    await approved(stage, card)
    assert not stage.registry.digests("app")


async def test_a_protected_repository_gets_the_warning_too(transport: str) -> None:
    """``keep_repositories`` is named instead."""
    async with make_stage(transport) as stage:
        settings = stage.folder / "settings.yaml"
        settings.write_text("selection: {keep_repositories: ['app*']}\n")
        stage.environ["ACR_JANITOR_CONFIG"] = str(settings)
        stage.registry.push_image("app", tags=["v1"], layers=[1], updated=days_ago(9))
        async with stage.running():
            assert "*The settings protect it* (`keep_repositories`: `app*`)" in await ask(stage, "app:v1")


async def test_what_cannot_go_is_refused_with_the_reasons(stage: Stage) -> None:
    """Locked, a part of a kept image, holding a kept attachment, or changed just now: the chain instead of a button."""
    registry = stage.registry
    push = registry.push_image
    locked = push("app", tags=["locked"], layers=[1], updated=days_ago(9))
    registry.lock_manifest("app", locked)
    push("app", tags=["tag-locked"], layers=[2], updated=days_ago(9))
    registry.lock_tag("app", "tag-locked")
    part = push("app", tags=["part"], layers=[3], updated=days_ago(9))
    index = registry.push_index("app", [part], tags=["multi"], updated=days_ago(9))
    push("app", tags=["fresh"], layers=[4], updated=days_ago(0.1))
    held = push("app", tags=["held"], layers=[5], updated=days_ago(9))
    note = registry.push_artifact("app", subject=held, updated=days_ago(9))
    registry.lock_manifest("app", note)
    before = registry.digests("app")
    for tag, words in {
        "locked": "Kept: the manifest is locked.",
        "tag-locked": "Kept: its tag tag-locked is locked.",
        "part": f"Kept: it is a part of the multi-arch image {short(index)} (multi), which is kept.",
        "fresh": "Kept for now: it changed within the grace time",
        "held": f"Kept: {short(note)} is attached to it and is kept",
    }.items():
        answer = await stage.ask(stage.riley, f"/acr delete app:{tag}")
        text = read(answer)
        assert f"*This can't be deleted:* `app:{tag}`" in text
        assert words in text
        assert "Propose deletion" not in text
        assert ("Step by step" in text) == (tag in {"part", "held"})
    assert registry.digests("app") == before


async def test_a_locked_repository_and_one_that_is_not_understood_refuse(stage: Stage) -> None:
    """Nothing of them goes, by name either."""
    registry = stage.registry
    registry.push_image("app", tags=["v1"], layers=[1], updated=days_ago(9))
    registry.lock_repository("app")
    assert "Kept: the whole repository is locked." in await ask(stage, "app:v1")
    registry.push_image("odd", tags=["v1"], layers=[1], updated=days_ago(9))
    registry.push_raw("odd", "application/vnd.example.new+json", b"{}", tags=["x"], updated=days_ago(9))
    text = await ask(stage, "odd:v1")
    assert "not everything in it could be read" in text
    assert "Propose deletion" not in text


async def test_what_is_locked_after_it_was_seen_is_not_proposed(stage: Stage) -> None:
    """The click is answered with words, and with a command that says why."""
    image = stage.registry.push_image("app", tags=["v1"], layers=[1], updated=days_ago(9))
    answer = await stage.ask(stage.riley, "/acr delete app:v1")
    stage.registry.lock_manifest("app", image)
    text = await stage.private_after(stage.riley, stage.riley.click(answer, "propose"), "nothing to propose")
    assert "/acr delete app:v1" in text
    assert stage.cards() == []


async def test_the_same_is_not_proposed_twice(stage: Stage) -> None:
    """By another tag of it either; another manifest of the repository may be."""
    stage.registry.push_image("app", tags=["v1", "v1.0"], layers=[1], updated=days_ago(9))
    stage.registry.push_image("app", tags=["v2"], layers=[2], updated=days_ago(9))
    await stage.propose(stage.riley, "/acr delete app:v1")
    answer = await stage.ask(stage.kim, "/acr delete app:v1.0")
    await stage.private_after(stage.kim, stage.kim.click(answer, "propose"), "has proposed this already")
    await stage.propose(stage.riley, "/acr delete app:v2")
    assert len(stage.cards()) == 2


@pytest.mark.parametrize(
    ("typed", "problem", "expected", "example"),
    [
        ("", "The repository is missing", "with : before a tag or @ before a digest", "/acr delete team/app:v1.2"),
        (
            "'app*:v1'",
            "stands for several repositories",
            "deletes one manifest, or one whole",
            "/acr delete team/app:v1.2",
        ),
        ("app:v1 app:v2", "One repository is expected, and there are 2", "", "/acr delete team/app:v1.2"),
        ("app:v2.4", "There is no tag v2.4 in app", "The nearest tags are v2.4.1", "/acr explain app:v2.4.1"),
        ("app@00000000", "No manifest of app begins with 00000000", "It may be deleted", "/acr explain app"),
        ("ap:v1", "There is no repository ap in", "Nearest names: app", "/acr explain app"),
        ("app:v1 --registry nosuch", "There is no registry 'nosuch' here", "The registries are", "/acr explain myrepo"),
        ("app@1234567", "'1234567' is not a digest", "the first 8 of them or more", "/acr delete app@"),
        ("app:-x", "'-x' is not a tag", "at most 128 letters", "/acr delete app:v1.2"),
        (
            "app:v1 --force yes",
            "There is no option '--force'",
            "The options are: --registry",
            "/acr delete myrepo:v1.2",
        ),
    ],
)
async def test_each_wrong_use_has_its_answer(
    stage: Stage, typed: str, problem: str, expected: str, example: str
) -> None:
    """The answer names the problem and what was expected; what it suggests deletes nothing that was not asked for."""
    stage.registry.push_image("app", tags=["v2.4.1"], layers=[1], updated=days_ago(9))
    text = await ask(stage, typed)
    assert problem in text
    assert expected in text
    assert f"For example: {example}" in text.replace("`", "")


async def test_names_come_out_as_text_and_fit(transport: str) -> None:
    """The longest names and dozens of tags stay within Slack's limits; nobody is pinged by what was typed."""
    async with make_stage(transport) as stage, stage.running():
        for typed in ("'app:<!channel>'", "'app@<!channel>'"):
            refused = await stage.ask(stage.riley, f"/acr delete {typed}")
            assert "'<!channel>' is not a " in read(refused)
            assert "<!channel>" not in refused.text
        repository = "/".join(["a" * 63] * 4)
        tags = [f"{'t' * 125}{n:03}" for n in range(60)]
        image = stage.registry.push_image(repository, tags=tags, layers=[1], updated=days_ago(9))
        answer = await stage.ask(stage.riley, f"/acr delete {repository}:{tags[7]}")
        assert " more." in read(answer)
        card = await stage.card_after(stage.riley.click(answer, "propose"))
        assert read(card)
        await approved(stage, card)
        assert image not in stage.registry.digests(repository)
