"""The main job, end to end: ask, propose, approve, delete."""

import csv
import html
import io

import aiohttp
import pytest

from sandbox.acr import ADMIN
from sandbox.pull import Puller
from sandbox.slack import check_message, text_of
from tests.scenarios.stage import ELSEWHERE, OPS, PLATFORM, RILEY, SAM, Stage, days_ago, make_stage


def seed(stage: Stage, repository: str = "myrepo") -> tuple[set[str], set[str]]:
    """Fill a repository; give what may go and what must stay."""
    registry = stage.registry
    old = days_ago(40)
    loose = {registry.push_image(repository, layers=[1_000_000 + n], updated=old) for n in range(5)}
    nightly = registry.push_multi_arch(repository, layers=[500], updated=old)
    loose |= {nightly} | {d for d in registry.digests(repository) if d not in loose}
    registry.push_multi_arch(repository, tags=["v2"], layers=[600], updated=old)
    signed = registry.push_image(repository, tags=["v1"], layers=[77], updated=old)
    registry.push_artifact(repository, subject=signed, updated=old)
    registry.push_cosign_signature(repository, signed, updated=old)
    locked = registry.push_image(repository, layers=[78], updated=old)
    registry.lock_manifest(repository, locked)
    registry.push_image(repository, layers=[79], updated=days_ago(0.1))
    return loose, registry.digests(repository) - loose


async def test_what_was_approved_is_deleted_and_nothing_else(stage: Stage) -> None:
    """One person asks and proposes, another approves, and exactly what the card said is gone."""
    loose, stay = seed(stage)
    async with aiohttp.ClientSession() as session:
        puller = Puller(session, stage.acr.url, ADMIN.name, ADMIN.password or "")
        tags = await puller.tags("myrepo")
        before = await puller.pull("myrepo", tags)

        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        assert stage.registry.digests("myrepo") == loose | stay, "looking and proposing delete nothing"
        await stage.sam.click(card, "approve")
        await stage.settled(card)

        assert stage.registry.digests("myrepo") == stay
        assert await puller.pull("myrepo", tags) == before


async def test_the_private_answer_says_what_could_go_and_what_stays(stage: Stage) -> None:
    """Only who asked sees the answer: candidates, the upper bound, and what is kept by reason."""
    loose, _ = seed(stage)
    answer = await stage.ask(stage.riley, "/acr untagged myrepo")
    text = text_of(answer)
    assert f"{len(loose)} of {len(stage.registry.digests('myrepo'))} manifests" in text
    for words in (
        "2 tagged",
        "part of a kept multi-arch image",
        "2 signature or attachment of a kept image",
        "1 locked",
        "1 changed within the grace time (24 h)",
        "Nothing was deleted",
    ):
        assert words in text
    assert answer not in stage.olu.messages(OPS)
    assert check_message({"text": answer.text, "blocks": answer.blocks}, "message") == []


async def test_the_card_tells_all_that_an_approver_needs(stage: Stage) -> None:
    """The card names action, scope, requester, approvers, warning and expiry, and carries the whole list."""
    loose, _ = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    text = text_of(card)
    assert text.splitlines()[0].startswith(f"*Delete {len(loose)} untagged manifests* in `myrepo`, up to ")
    for words in (
        f"<@{RILEY}>",
        f"<@{SAM}>",
        f"<!subteam^{PLATFORM}>",
        "can't be recovered",
        "by digest",
        "Open until",
    ):
        assert words in text
    (name,) = stage.files(card)
    rows = list(csv.DictReader(io.StringIO(stage.files(card)[name].decode())))
    assert {row["digest"] for row in rows} == loose
    confirm = stage.sam.confirm_of(card, "approve")
    assert confirm is not None
    assert f"Delete {len(loose)} manifests" in confirm["title"]["text"]
    assert check_message({"text": card.text, "blocks": card.blocks}, "message") == []


async def test_the_card_ends_as_a_record(stage: Stage) -> None:
    """In the end the card says who did what, has no buttons, and its thread has the outcome of each digest."""
    loose, _ = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    await stage.kim.click(card, "approve")
    text = await stage.settled(card)
    assert f"Deleted all {len(loose)} untagged manifests" in text
    assert "<@U0KIM>" in text
    assert "[Approve]" not in text
    outcome = next(content for name, content in stage.files(card).items() if name.endswith("outcome.csv"))
    rows = list(csv.DictReader(io.StringIO(outcome.decode())))
    assert {row["digest"]: row["outcome"] for row in rows} == dict.fromkeys(loose, "deleted")
    assert check_message({"text": card.text, "blocks": card.blocks}, "message") == []


async def test_a_pattern_cleans_several_repositories_with_one_card(stage: Stage) -> None:
    """``team/*`` looks through all that match, names each repository, and one approval cleans them all."""
    going = {name: seed(stage, name) for name in ("team/app", "team/api")}
    other, _ = seed(stage, "other")
    card = await stage.propose(stage.riley, "/acr untagged team/*")
    assert "`team/*`" in text_of(card)
    assert "team/api" in text_of(card)
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    for name, (_, stay) in going.items():
        assert stage.registry.digests(name) == stay
    assert other <= stage.registry.digests("other")


@pytest.mark.parametrize("line", ["untagged 'team/*'", "old 'team/*' --older-than 3d", "purge 'team/*:^v' --ago 3d"])
async def test_the_card_names_what_a_pattern_leaves_out(transport: str, line: str) -> None:
    """A repository that could not be understood is told on the card, too, and is still after a restart."""
    async with make_stage(transport) as stage:
        for name in ("team/app", "team/odd"):
            stage.registry.push_image(name, layers=[len(name)], updated=days_ago(9))
            stage.registry.push_image(name, tags=["v1"], layers=[len(name) + 9], updated=days_ago(9))
        stage.registry.push_raw("team/odd", "application/x-<!here>", b"{}", tags=["x"], updated=days_ago(9))
        async with stage.running():
            card = await stage.propose(stage.riley, f"/acr {line}")
            first = html.unescape(text_of(card))
        assert "Not part of this, since not everything in it could be read:" in first, first
        assert "team/odd" in first, first
        assert "its media type is unknown: application/x-<!here>" in first
        assert check_message({"text": card.text, "blocks": card.blocks}, "message") == []
        before = stage.registry.digests("team/odd")
        async with stage.running():
            await stage.sam.click(card, "approve")
            assert "team/odd" not in await stage.settled(card)
        assert stage.registry.digests("team/odd") == before


async def test_min_age_narrows_the_list(stage: Stage) -> None:
    """``--min-age`` leaves out what changed since, and the answer says so."""
    stage.registry.push_image("myrepo", layers=[1], updated=days_ago(3))
    old = stage.registry.push_image("myrepo", layers=[2], updated=days_ago(30))
    answer = await stage.ask(stage.riley, "/acr untagged myrepo --min-age 7d")
    text = text_of(answer)
    assert "1 of 2 manifests" in text
    assert old.removeprefix("sha256:")[:12] in text


@pytest.mark.parametrize("form", ["{host}/myrepo", "http://{host}/myrepo", "myrepo --registry {host}"])
async def test_a_pasted_reference_is_understood(stage: Stage, form: str) -> None:
    """The registry may stand before the repository, as it is pasted, or come as an option."""
    seed(stage)
    answer = await stage.ask(stage.riley, f"/acr untagged {form.format(host=stage.acr.login_server)}")
    assert "could go" in text_of(answer)


async def test_what_the_composer_makes_of_the_text_is_understood(stage: Stage) -> None:
    """Em dashes and curly quotes of Slack's composer are read as they were typed."""
    seed(stage)
    known = len(stage.riley.messages(OPS))
    await stage.riley.slash('/acr untagged "myrepo" --min-age 7d', channel=OPS, smart=True)
    await stage.slack.wait_for(lambda: len(stage.riley.messages(OPS)) > known)
    assert "could go" in text_of(stage.riley.messages(OPS)[-1])


async def test_a_clean_repository_is_good_news(stage: Stage) -> None:
    """Where nothing can go, the answer says so and offers no button."""
    stage.registry.push_image("myrepo", tags=["v1"], layers=[1], updated=days_ago(9))
    text = text_of(await stage.ask(stage.riley, "/acr untagged myrepo"))
    assert "1 tagged" in text
    assert "[Propose deletion]" not in text


async def test_help_explains_with_examples(stage: Stage) -> None:
    """``/acr help``, however it is written, explains what there is, with examples."""
    for typed in ("/acr help", "/acr HELP", "/acr --help"):
        text = text_of(await stage.ask(stage.riley, typed))
        assert "/acr untagged" in text
        assert "--min-age 7d" in text


async def test_the_command_is_acknowledged_before_the_registry_is_asked(stage: Stage) -> None:
    """A slow registry does not keep Slack waiting."""
    seed(stage)
    stage.acr.options.latency = 1.5
    outcome = await stage.riley.slash("/acr untagged myrepo", channel=OPS)
    assert outcome.ok
    assert outcome.seconds < 1.5
    await stage.slack.wait_for(lambda: [m for m in stage.riley.messages(OPS) if "could go" in text_of(m)], timeout=30)


async def test_each_look_is_one_request_a_call_once_there_are_tokens(stage: Stage) -> None:
    """After the first token, looking costs one request a listing and none of the handshake."""
    seed(stage)
    await stage.ask(stage.riley, "/acr untagged myrepo")
    stage.acr.log.clear()
    await stage.ask(stage.riley, "/acr untagged myrepo")
    kinds = stage.acr.log.kinds()
    assert sum(kinds.values()) == 3, kinds
    assert set(stage.acr.log.statuses()) == {200}


async def test_a_channel_that_the_app_is_not_in_gets_an_explanation(stage: Stage) -> None:
    """Where the card can't be posted nothing stays open, and who proposed learns how to mend it."""
    seed(stage)
    answer = await stage.ask(stage.riley, "/acr untagged myrepo", channel=ELSEWHERE)
    text = await stage.private_after(stage.riley, stage.riley.click(answer, "propose"), "/invite", channel=ELSEWHERE)
    assert "nothing was proposed" in text
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    assert "[Approve]" in text_of(card), "the same can be proposed elsewhere afterwards"


async def test_names_come_out_as_text(transport: str) -> None:
    """A hostile tag pings nobody and breaks no message."""
    async with make_stage(transport) as stage, stage.running():
        stage.registry.push_image("a" * 200 + "/b", layers=[3], updated=days_ago(9))
        answer = await stage.ask(stage.riley, f"/acr untagged {'a' * 200}/b")
        assert check_message({"text": answer.text, "blocks": answer.blocks}, "message") == []
        text = text_of(await stage.ask(stage.riley, "/acr untagged <!channel>&*`"))
        assert "<!channel>" not in str(stage.riley.messages(OPS)[-1].text).replace("&lt;!channel&gt;", "")
        assert "is not the name of a repository" in text
