"""`/acr delete REPO`: a whole repository, whose name the approver types, from the question to the registry's state."""

import asyncio
import csv
import io
import json
import re
from datetime import timedelta

import pytest

from bot.janitor import decide
from handlers import confirming
from sandbox.acr import LOCKED, Locks
from sandbox.slack import Human, Message, View, check_message, text_of
from tests.scenarios.reading import read
from tests.scenarios.rejecting import reject
from tests.scenarios.stage import OPS, RILEY, SAM, Stage, days_ago, make_stage
from tests.scenarios.test_decisions import _approve_button
from tests.scenarios.test_last_moment import outcomes


def seed(stage: Stage, repository: str = "team/app") -> set[str]:
    """Push an image, a multi-arch image with two platforms and a signature, and an untagged image."""
    registry = stage.registry
    registry.push_image(repository, tags=["v1", "v1.0"], layers=[10_000_000], updated=days_ago(40))
    parts = [registry.push_image(repository, layers=[n], updated=days_ago(30)) for n in (2, 3)]
    index = registry.push_index(repository, parts, tags=["v2", "latest"], updated=days_ago(30))
    registry.push_cosign_signature(repository, index, updated=days_ago(30))
    registry.push_image(repository, layers=[4], updated=days_ago(20))
    return registry.digests(repository)


async def form(stage: Stage, person: Human, card: Message) -> View:
    """Click Approve and give the form that comes up."""
    outcome = await person.click(card, "approve")
    assert outcome.ok, outcome
    await stage.slack.wait_for(lambda: person.view is not None, timeout=15)
    view = person.view
    assert view is not None
    return view


async def approved(stage: Stage, card: Message, name: str = "team/app") -> str:
    """Approve by name, and give what the card says in the end."""
    view = await form(stage, stage.sam, card)
    outcome = await stage.sam.submit(view, {"typed": name})
    assert outcome.ok, outcome
    assert outcome.errors == {}
    assert stage.sam.view is None
    return await stage.settled(card)


async def test_the_whole_repository_goes(stage: Stage) -> None:
    """The answer and the card say all that is in it; the right name approves; nothing of it is left."""
    digests = seed(stage)
    other = stage.registry.push_image("team/other", tags=["v1"], layers=[10_000_000], updated=days_ago(40))
    answer = await stage.ask(stage.riley, "/acr delete team/app")
    text = read(answer)
    assert ":wastebasket: *The whole repository could go:* `team/app`, 6 manifests, 5 tags, up to *" in text
    assert "Everything in this repository goes, and deleted data can't be recovered." in text
    assert "*5 tags go with them:* `latest`, `v2`, `v1`, `v1.0`, `sha256-" in text
    assert "types the name of the repository" in text

    card = await stage.card_after(stage.riley.click(answer, "propose"))
    text = read(card)
    assert text.splitlines()[0].startswith("*Delete the whole repository* `team/app`: 6 manifests, 5 tags, up to ")
    assert "Everything in this repository goes" in text
    assert "To approve it, type the name of the repository: `team/app`." in text
    for tag in ("v1", "v1.0", "v2", "latest"):
        assert f"`{tag}`" in text
    (plan,) = [content for name, content in stage.files(card).items() if name.endswith("plan.csv")]
    assert {row["digest"] for row in csv.DictReader(io.StringIO(plan.decode()))} == digests
    assert stage.sam.confirm_of(card, "approve") is None

    view = await form(stage, stage.sam, card)
    assert check_message(view.definition, "modal") == []
    assert "*Delete the whole repository* `team/app`" in json.dumps(view.blocks)
    assert stage.registry.digests("team/app") == digests
    assert (await stage.sam.submit(view, {"typed": " team/app "})).ok
    text = await stage.settled(card)
    assert "*Deleted all 6 manifests* in `team/app`" in text
    assert f"<@{SAM}>" in text
    assert "team/app" not in stage.registry.repositories()
    assert stage.registry.digests("team/other") == {other}
    assert await stage.until(card, "The repository is gone with the last manifest in it: `team/app`.")
    (deed,) = [event for event in stage.events() if event["deed"] == "approved"]
    assert deed["typed"] == " team/app "


async def test_a_pasted_reference_and_another_registry_name_it_too(stage: Stage) -> None:
    """A full reference stands for the repository, as anywhere."""
    seed(stage)
    answer = await stage.ask(stage.riley, f"/acr delete {stage.acr.login_server}/team/app")
    assert "*The whole repository could go:* `team/app`" in read(answer)
    text = read(await stage.ask(stage.riley, "/acr delete team/app --registry nosuch"))
    assert "There is no registry 'nosuch' here" in text
    assert "/acr explain myrepo" in text


@pytest.mark.parametrize("typed", ["team", "Team/app", "team/app:v1", "yes", "team/app2"])
async def test_a_wrong_name_changes_nothing(stage: Stage, typed: str) -> None:
    """It is told at the field, the form stays, and the right name does it."""
    digests = seed(stage)
    card = await stage.propose(stage.riley, "/acr delete team/app")
    view = await form(stage, stage.sam, card)
    outcome = await stage.sam.submit(view, {"typed": typed})
    assert outcome.errors == {"typed": "To approve this, type team/app, exactly so. Nothing was approved."}
    assert stage.sam.view is view
    assert "[Approve]" in text_of(card)
    assert stage.registry.digests("team/app") == digests
    assert not [event for event in stage.events() if event["deed"] == "approved"]
    assert (await stage.sam.submit(view, {"typed": "team/app"})).ok
    await stage.settled(card)
    assert stage.registry.digests("team/app") == set()


async def test_a_click_alone_never_approves(stage: Stage) -> None:
    """Nor does a form that carries another checksum, another proposal, or nothing that is ours."""
    digests = seed(stage)
    card = await stage.propose(stage.riley, "/acr delete team/app")
    for _ in range(2):
        view = await form(stage, stage.sam, card)
        await stage.sam.close(view)
    carried = json.loads(view.private_metadata)
    value = json.loads(_approve_button(card)["value"])
    for forged, words in (
        (carried | {"value": json.dumps(value | {"sum": "0" * 32})}, "This card has changed since"),
        (carried | {"value": json.dumps(value | {"id": "nosuch"})}, "not known here"),
        ({"value": "garbage"}, "from another version"),
    ):
        view = await form(stage, stage.sam, card)
        view.definition["private_metadata"] = json.dumps(forged)
        outcome = await stage.sam.submit(view, {"typed": "team/app"})
        assert outcome.ok, outcome
        assert view.title == "Not approved"
        assert words in json.dumps(view.blocks)
        await stage.sam.close(view)
    assert "[Approve]" in text_of(card)
    assert stage.registry.digests("team/app") == digests
    assert not [event for event in stage.events() if event["deed"] == "approved"]


async def test_who_may_not_approve_gets_no_form(stage: Stage) -> None:
    """The requester and an outsider are refused privately at the click."""
    seed(stage)
    card = await stage.propose(stage.sam, "/acr delete team/app")
    await stage.private_after(stage.sam, stage.sam.click(card, "approve"), "somebody else has to approve")
    await stage.private_after(stage.olu, stage.olu.click(card, "approve"), "not one of those who may approve")
    assert stage.sam.view is None
    assert stage.olu.view is None
    assert "[Approve]" in text_of(card)
    view = await form(stage, stage.kim, card)
    assert view.title == "Approve by name"


async def test_who_lost_the_right_meanwhile_is_refused_in_the_form(transport: str) -> None:
    """Who may approve is asked when the form is sent, not only when it is opened."""
    async with make_stage(transport) as stage:
        async with stage.running():
            digests = seed(stage)
            card = await stage.propose(stage.riley, "/acr delete team/app")
            view = await form(stage, stage.sam, card)
        stage.environ["ACR_APPROVERS"] = "U0KIM"
        async with stage.running():
            assert (await stage.sam.submit(view, {"typed": "team/app"})).ok
            assert "not one of those who may approve" in json.dumps(view.blocks)
            assert stage.registry.digests("team/app") == digests


@pytest.mark.parametrize("end", ["reject", "withdraw", "expire"])
async def test_a_form_that_is_sent_too_late_says_so(stage: Stage, end: str) -> None:
    """What was decided or has expired while it was open is told in the form, and nothing is deleted."""
    digests = seed(stage)
    card = await stage.propose(stage.riley, "/acr delete team/app")
    view = await form(stage, stage.sam, card)
    if end == "expire":
        stage.clock_ahead = timedelta(hours=73)
    else:
        await (reject(stage, stage.kim, card) if end == "reject" else stage.riley.click(card, end))
        await stage.until(card, "ejected" if end == "reject" else "ithdrawn")
    assert (await stage.sam.submit(view, {"typed": "team/app"})).ok
    assert view.title == "Not approved"
    words = {"reject": "This was rejected", "withdraw": "This was withdrawn", "expire": "expired"}[end]
    assert words in json.dumps(view.blocks)
    assert "Your click changed nothing" in json.dumps(view.blocks)
    assert stage.registry.digests("team/app") == digests


async def test_of_two_forms_one_approves(stage: Stage) -> None:
    """Sent twice by one person and once by another, at the same moment: one run, and the others are told."""
    seed(stage)
    card = await stage.propose(stage.riley, "/acr delete team/app")
    mine, other = await form(stage, stage.sam, card), await form(stage, stage.kim, card)
    sent = await asyncio.gather(
        stage.sam.submit(mine, {"typed": "team/app"}),
        stage.sam.submit(mine, {"typed": "team/app"}),
        stage.kim.submit(other, {"typed": "team/app"}),
    )
    assert all(outcome.ok for outcome in sent)
    told = [outcome.body for outcome in sent if outcome.body and outcome.body.get("response_action") == "update"]
    assert len(told) == 2
    assert all("This was approved" in json.dumps(body) for body in told)
    await stage.settled(card)
    assert len([event for event in stage.events() if event["deed"] == "approved"]) == 1
    assert len(stage.acr.log.entries("delete_manifest")) <= 6
    assert "team/app" not in stage.registry.repositories()


@pytest.mark.parametrize("name", ["team/app", "team/ap"])
async def test_a_form_whose_answer_takes_long_closes_and_is_answered_later(
    transport: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Slack is slow to say who is in a group, the form is answered in time and what came of it is seen later."""
    monkeypatch.setattr(confirming, "ANSWER_SECONDS", 0.05)
    async with make_stage(transport) as stage:
        async with stage.running():
            digests = seed(stage)
            card = await stage.propose(stage.riley, "/acr delete team/app")
            view = await form(stage, stage.kim, card)
        async with stage.running():  # this one does not remember who is in the group
            stage.slack.fail("usergroups.users.list", delay=0.5)
            sent = stage.kim.submit(view, {"typed": name})
            if name == "team/app":
                assert (await sent).ok
                await stage.settled(card)
                assert "team/app" not in stage.registry.repositories()
            else:
                await stage.private_after(stage.kim, sent, "To approve this, type team/app, exactly so.")
                assert stage.registry.digests("team/app") == digests
            assert stage.kim.view is None


async def test_a_form_that_can_not_be_opened_in_time_says_so(stage: Stage) -> None:
    """Slack takes three seconds at most between the click and the form; the next click tries again."""
    digests = seed(stage)
    card = await stage.propose(stage.riley, "/acr delete team/app")
    stage.slack.fail("views.open", error="expired_trigger_id")
    await stage.private_after(stage.sam, stage.sam.click(card, "approve"), "could not be opened in time")
    assert stage.sam.view is None
    assert stage.registry.digests("team/app") == digests
    await approved(stage, card)
    assert "team/app" not in stage.registry.repositories()


async def test_a_fault_of_ours_is_owned_up_to_in_the_form(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a reference for the log, and nothing is approved."""
    digests = seed(stage)
    card = await stage.propose(stage.riley, "/acr delete team/app")
    view = await form(stage, stage.sam, card)
    with monkeypatch.context() as broken:
        broken.delattr(decide, "Event")
        assert (await stage.sam.submit(view, {"typed": "team/app"})).ok
    said = json.dumps(view.blocks)
    assert "Something went wrong on our side" in said
    found = re.search(r"the reference `([0-9a-f]{8})`", said)
    assert found
    assert found[1] in capsys.readouterr().out
    assert stage.registry.digests("team/app") == digests


async def test_what_is_pushed_since_stays_and_is_said(stage: Stage) -> None:
    """A new image, and one that reuses an approved platform: both stay whole, and so does the repository."""
    registry = stage.registry
    seed(stage)
    card = await stage.propose(stage.riley, "/acr delete team/app")
    shared = registry.tags("team/app")["v1"]
    new = registry.push_image("team/app", tags=["v3"], layers=[77])
    index = registry.push_index("team/app", [shared], tags=["v4"])
    await approved(stage, card)
    result = outcomes(stage, card)
    assert registry.digests("team/app") == {new, index, shared}
    assert registry.tags("team/app").keys() == {"v1", "v1.0", "v3", "v4"}
    assert result[shared][0] == "skipped"
    assert {outcome for digest, (outcome, _) in result.items() if digest != shared} == {"deleted"}
    text = await stage.until(card, "*is still there:*")
    assert "2 manifests in it were pushed since it was proposed, and stay (`v3`, `v4`)" in text


async def test_what_gets_another_tag_or_a_lock_since_stays(stage: Stage) -> None:
    """Each with its reason; the rest goes."""
    registry = stage.registry
    seed(stage)
    card = await stage.propose(stage.riley, "/acr delete team/app")
    tags = registry.tags("team/app")
    registry.tag("team/app", tags["v1"], "rescued", updated=days_ago(1.5))
    registry.lock_manifest("team/app", tags["v2"])
    await approved(stage, card)
    result = outcomes(stage, card)
    assert result[tags["v1"]] == ("skipped", "its tags have changed since (now rescued, v1, v1.0)")
    assert result[tags["v2"]] == ("skipped", "locked (the manifest is)")
    assert registry.tags("team/app").keys() >= {"v1", "v1.0", "rescued", "v2", "latest"}
    assert len(registry.digests("team/app")) == 5  # with the platforms and the signature of what is locked


@pytest.mark.parametrize("write", [True, False])
async def test_a_repository_that_is_locked_since_stays(stage: Stage, write: bool) -> None:
    """Also by the lock that only keeps the repository itself from being deleted."""
    digests = seed(stage)
    card = await stage.propose(stage.riley, "/acr delete team/app")
    stage.registry.lock_repository("team/app", LOCKED if write else Locks(delete=False))
    text = await approved(stage, card)
    assert "Deleted none of 6 manifests" in text
    assert set(outcomes(stage, card).values()) == {("skipped", "locked (the whole repository is)")}
    assert stage.registry.digests("team/app") == digests


@pytest.mark.parametrize("write", [True, False])
async def test_a_locked_repository_is_refused(stage: Stage, write: bool) -> None:
    """By either lock, with the way to lift it."""
    digests = seed(stage)
    stage.registry.lock_repository("team/app", LOCKED if write else Locks(delete=False))
    text = read(await stage.ask(stage.riley, "/acr delete team/app"))
    assert ":no_entry: *This can't be deleted:* the repository `team/app`." in text
    assert "The whole repository is locked. `/acr unlock team/app` proposes to lift that lock" in text
    assert "[Propose" not in text
    assert stage.registry.digests("team/app") == digests


async def test_what_cannot_go_is_said_and_the_rest_can_be_proposed(stage: Stage) -> None:
    """A locked image stays with all that it needs, so does what changed just now, and the card says so."""
    registry = stage.registry
    seed(stage)
    registry.lock_manifest("team/app", registry.tags("team/app")["v2"])
    young = registry.push_image("team/app", tags=["v3"], layers=[55])
    answer = await stage.ask(stage.riley, "/acr delete team/app")
    text = read(answer)
    assert ":warning: *Not all of* `team/app` *can go:* 2 of 7 manifests, 2 tags, up to *" in text
    assert "5 manifests stay, and so does the repository: 2 part of a kept multi-arch image, 1 " in text
    assert "locked (the manifest is)" in text
    assert "changed within the grace time" in text
    card = await stage.card_after(stage.riley.click(answer, "propose"))
    text = read(card)
    assert text.splitlines()[0].startswith("*Delete 2 of 7 manifests* in `team/app`, 2 tags, up to ")
    assert "*The repository stays*, since 5 of it stay: " in text
    text = await approved(stage, card)
    assert "*Deleted all 2 manifests* in `team/app`" in text
    assert registry.tags("team/app").keys() >= {"v2", "latest", "v3"}
    assert young in registry.digests("team/app")
    assert len(registry.digests("team/app")) == 5
    assert "5 manifests in it were not part of this, and stay" in await stage.until(card, "*is still there:*")


async def test_what_the_settings_protect_goes_with_a_warning(transport: str) -> None:
    """Neither ``keep_tags`` nor ``keep_repositories`` stands against a name; both are named."""
    async with make_stage(transport) as stage:
        settings = stage.folder / "settings.yaml"
        settings.write_text("selection: {keep_repositories: ['team/*'], keep_tags: [latest, 'v1*']}\n")
        stage.environ["ACR_JANITOR_CONFIG"] = str(settings)
        seed(stage)
        async with stage.running():
            answer = await stage.ask(stage.riley, "/acr delete team/app")
            card = await stage.card_after(stage.riley.click(answer, "propose"))
            for message in (answer, card):
                text = read(message)
                assert "*The settings protect 3 tags of it* (`keep_tags`: " in text
                assert "`v1*`" in text
                assert "*The settings protect it* (`keep_repositories`: `team/*`)" in text
            await approved(stage, card)
            assert "team/app" not in stage.registry.repositories()


async def test_what_is_not_understood_stays_as_it_is(stage: Stage) -> None:
    """One manifest of an unknown type keeps all of it, by name too."""
    seed(stage)
    stage.registry.push_raw("team/app", "application/vnd.example.new+json", b"{}", tags=["x"], updated=days_ago(9))
    text = read(await stage.ask(stage.riley, "/acr delete team/app"))
    assert "*This can't be deleted:* the repository `team/app`." in text
    assert "Not everything in it could be read" in text
    assert "its media type is unknown" in text
    assert "[Propose" not in text


async def test_it_is_proposed_once(stage: Stage) -> None:
    """A second proposal of the same is refused, and names who made the first."""
    seed(stage)
    await stage.propose(stage.riley, "/acr delete team/app")
    answer = await stage.ask(stage.kim, "/acr delete team/app")
    text = await stage.private_after(stage.kim, stage.kim.click(answer, "propose"), "has proposed this already")
    assert f"<@{RILEY}>" in text
    assert len(stage.cards()) == 1


async def test_a_repository_that_is_gone_is_said(stage: Stage) -> None:
    """Before the proposal, and between the approval and the run."""
    registry = stage.registry
    seed(stage)
    answer = await stage.ask(stage.riley, "/acr delete team/app")
    card = await stage.card_after(stage.riley.click(answer, "propose"))
    for digest in registry.digests("team/app"):
        registry.delete_manifest("team/app", digest)
    text = await approved(stage, card)
    assert "Deleted none of 6 manifests" in text
    assert "*6* already gone" in text
    text = read(await stage.ask(stage.riley, "/acr delete team/app"))
    assert "There is no repository team/app in" in text


@pytest.mark.parametrize(
    ("typed", "problem", "expected", "example"),
    [
        ("'team/*'", "'team/*' stands for several repositories", "one whole repository by its own", "team/app:v1.2"),
        ("'*'", "'*' stands for several repositories", "one whole repository by its own name", "team/app:v1.2"),
        ("team/ap", "There is no repository team/ap in", "Nearest names: team/app", "/acr explain team/app"),
        ("Team/App", "'Team/App' is not the name of a repository", "Names are lower case", "/acr delete team/app:v1.2"),
        ("team/app team/b", "One repository is expected", "Alone it is the whole", "/acr delete team/app:v1.2"),
        ("team/app --force", "There is no option '--force'", "The options are: --registry", "/acr delete myrepo:v1.2"),
    ],
)
async def test_each_wrong_use_has_its_answer(
    stage: Stage, typed: str, problem: str, expected: str, example: str
) -> None:
    """What it suggests never deletes a repository."""
    seed(stage)
    text = read(await stage.ask(stage.riley, f"/acr delete {typed}"))
    assert problem in text
    assert expected in text
    assert example in text
    assert "[Propose" not in text


async def test_an_interrupted_run_goes_on(transport: str) -> None:
    """The app ends in the middle of it; the next start deletes the rest, and no more."""
    async with make_stage(transport) as stage:
        for number in range(40):
            stage.registry.push_image("team/app", tags=[f"v{number}"], layers=[number + 1], updated=days_ago(9))
        async with stage.running():
            card = await stage.propose(stage.riley, "/acr delete team/app")
            stage.acr.options.latency = 0.2
            view = await form(stage, stage.sam, card)
            await stage.sam.submit(view, {"typed": "team/app"})
            await stage.slack.wait_for(lambda: len(stage.acr.log.entries("delete_manifest")) >= 5, timeout=20)
        stage.acr.options.latency = 0
        new = stage.registry.push_image("team/app", tags=["new"], layers=[99])
        async with stage.running():
            await stage.settled(card)
            assert stage.registry.digests("team/app") == {new}
            assert "1 manifest in it was pushed since" in await stage.until(card, "*is still there:*")


async def test_the_longest_names_fit(stage: Stage) -> None:
    """Answer, card and form stay within Slack's limits."""
    repository = "/".join(["a" * 63] * 4)
    for number in range(30):
        tags = [f"{'t' * 122}{number:03}{n:03}" for n in range(3)]
        stage.registry.push_image(repository, tags=tags, layers=[number + 1], updated=days_ago(9))
    answer = await stage.ask(stage.riley, f"/acr delete {repository}")
    assert read(answer)
    card = await stage.card_after(stage.riley.click(answer, "propose"))
    assert read(card)
    view = await form(stage, stage.sam, card)
    assert check_message(view.definition, "modal") == []
    assert (await stage.sam.submit(view, {"typed": repository})).ok
    await stage.settled(card)
    assert stage.registry.digests(repository) == set()
    assert stage.sam.messages(OPS)
