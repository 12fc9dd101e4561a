"""``/acr`` alone: a form with suggestions from the registry, and the same answers as to typed commands."""

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.acr import AcrOptions, AcrSandbox, Fault, Registry
from sandbox.slack import Human, Message, View, text_of
from sandbox.slack.interactions import Outcome
from tests.scenarios.stage import OPS, Stage, days_ago, make_stage
from tests.scenarios.test_registry_trouble import BRIEF

LONG = "team/" + "a" * 140 + "/" + "b" * 100


def seed(registry: Registry, repository: str = "team/app") -> None:
    """Push what each rule finds something of: old and young, tagged and not."""
    old = days_ago(60)
    registry.push_image(repository, layers=[1], updated=old)
    registry.push_image(repository, layers=[2], updated=days_ago(10))
    registry.push_image(repository, tags=["pr-1"], layers=[3], updated=old)
    registry.push_image(repository, tags=["pr-2"], layers=[4], updated=days_ago(50))
    registry.push_image(repository, tags=["v1"], layers=[5], updated=old)


@contextlib.asynccontextmanager
async def two_registries(transport: str) -> AsyncIterator[tuple[Stage, Registry]]:
    """Give a stage whose app knows the registries ``main`` and ``other``, and what is in the other."""
    tenant = AcrOptions(tenant_key=b"one tenant")
    other = AcrSandbox(Registry(), AcrOptions(tenant_key=b"one tenant"))
    async with make_stage(transport, options=tenant) as stage, other:
        config = stage.folder / "settings.yml"
        registries = f"[{{name: main, endpoint: '{stage.acr.url}'}}, {{name: other, endpoint: '{other.url}'}}]"
        config.write_text(f"registries: {registries}\n", encoding="utf-8")
        del stage.environ["ACR_REGISTRIES"]
        stage.environ["ACR_JANITOR_CONFIG"] = str(config)
        async with stage.running():
            yield stage, other.registry


async def opened(stage: Stage, person: Human) -> View:
    """Type ``/acr`` and give the form."""
    outcome = await person.slash("/acr", channel=OPS)
    assert outcome.ok, outcome
    await stage.slack.wait_for(lambda: person.view, timeout=15)
    assert person.view is not None
    return person.view


async def choose(stage: Stage, person: Human, view: View, action_id: str, option: str) -> None:
    """Choose something that changes the form, and wait for that."""
    before = view.hash
    outcome = await person.click(view, action_id, option=option)
    assert outcome.ok, outcome
    await stage.slack.wait_for(lambda: view.hash != before, timeout=15)


async def answered(stage: Stage, person: Human, view: View, values: dict[str, Any]) -> Message:
    """Submit the form and give the private answer."""
    known = {id(message) for message in person.messages(OPS)}
    outcome = await person.submit(view, values)
    assert outcome.ok, outcome
    assert outcome.errors == {}
    assert person.view is None

    def answers() -> list[Message]:
        return [m for m in person.messages(OPS) if id(m) not in known and m.only_for == person.id]

    await stage.slack.wait_for(answers, timeout=15)
    return answers()[-1]


async def refused(person: Human, view: View, values: dict[str, Any]) -> dict[str, str]:
    """Submit the form and give what the app says is wrong, by block."""
    outcome: Outcome = await person.submit(view, values)
    assert outcome.sent
    assert person.view is not None
    return outcome.errors


def shown(view: View) -> list[str]:
    """Give the labels of the fields."""
    return [block["label"]["text"] for block in view.blocks if block["type"] == "input"]


def content(answer: Message) -> list[dict[str, Any]]:
    """Give the blocks without the ids that Slack gives them."""
    return [{key: value for key, value in block.items() if key != "block_id"} for block in answer.blocks]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the app's clock stand still, so that two answers can be the same to the second."""
    now = datetime.now(UTC)
    monkeypatch.setattr(Stage, "now", lambda _: now)


@pytest.fixture
async def still(at_once: None, transport: str) -> AsyncIterator[Stage]:
    """Give a stage whose app's clock stands still."""
    async with make_stage(transport) as stage, stage.running():
        yield stage


RULES: dict[str, tuple[dict[str, Any], str]] = {
    "untagged": ({}, "untagged team/app"),
    "untagged with an age": ({"age": "30d"}, "untagged team/app --min-age 30d"),
    "old": ({"age": " 30d "}, "old team/app --older-than 30d"),
    "old by all": (
        {"age": "1d12h", "tags": "'pr-.*'", "keep": 1},
        "old team/app --older-than 1d12h --tags 'pr-.*' --keep 1",
    ),
    "old since a date": ({"age": "2026-01-05"}, "old team/app --before 2026-01-05"),
    "purge": ({"tags": "^pr-", "age": "30d"}, "purge 'team/app:^pr-' --ago 30d"),
    "purge by all": (
        {"tags": "^pr-", "age": "30d", "keep": "1", "left": ["left"]},
        "purge 'team/app:^pr-' --ago 30d --keep 1 --untagged",
    ),
}


@pytest.mark.parametrize("case", RULES)
async def test_each_rule_is_answered_like_the_typed_command(still: Stage, case: str) -> None:
    """Choosing in the form and typing the command lead to one and the same private answer, button included."""
    stage = still
    values, line = RULES[case]
    seed(stage.registry)
    typed = await stage.ask(stage.riley, f"/acr {line}")
    view = await opened(stage, stage.riley)
    if not case.startswith("untagged"):
        await choose(stage, stage.riley, view, "rule", case.split(maxsplit=1)[0])
    assert [option["value"] for option in await stage.riley.type_ahead(view, "repository", "app")] == ["team/app"]
    answer = await answered(stage, stage.riley, view, {"repository": "team/app", **values})
    assert (answer.text, content(answer)) == (typed.text, content(typed))
    assert answer not in stage.olu.messages(OPS)


async def test_what_the_form_found_can_be_proposed(stage: Stage) -> None:
    """The answer's button puts a card into the channel where the form was asked for."""
    seed(stage.registry)
    view = await opened(stage, stage.riley)
    answer = await answered(stage, stage.riley, view, {"typed": "team/app"})
    card = await stage.card_after(stage.riley.click(answer, "propose"))
    await stage.sam.click(card, "approve")
    assert "Deleted all 2 untagged manifests" in await stage.settled(card)


async def test_the_fields_are_those_of_the_rule(still: Stage) -> None:
    """With the rule its fields change; what was filled in in one that both have stays, and so does the repository."""
    stage = still
    seed(stage.registry)
    view = await opened(stage, stage.riley)
    assert shown(view) == [
        "Repository",
        "Or type its name, or a pattern for several",
        "What could go",
        "Not changed for",
    ]
    await stage.riley.type_ahead(view, "repository", "")
    stage.riley.enter(view, {"repository.0": {"repository": "team/app"}, "age": {"age": "30d"}})
    await choose(stage, stage.riley, view, "rule", "purge")
    assert shown(view)[2:] == [
        "What could go",
        "Tags with",
        "Not changed for",
        "Keep the newest",
        "Manifests left without a tag",
    ]
    typed = await stage.ask(stage.riley, "/acr purge team/app:^pr- --ago 30d")
    answer = await answered(stage, stage.riley, view, {"tags": "^pr-"})
    assert content(answer) == content(typed)


async def test_suggestions_come_from_the_registry(stage: Stage) -> None:
    """Of a thousand repositories those that begin so come first, a hundred at most, asked of the registry once."""
    for number in range(1000):
        stage.registry.push_raw(f"team-{number % 10}/app-{number:03}", "application/vnd.example+json", b"{}")
    for name in ("the-store/app", "store/team-9"):
        stage.registry.push_raw(name, "application/vnd.example+json", b"{}")
    view = await opened(stage, stage.riley)

    async def suggested(typed: str) -> list[str]:
        return [option["value"] for option in await stage.riley.type_ahead(view, "repository", typed)]

    assert (await suggested("team-9/"))[:2] == ["team-9/app-009", "team-9/app-019"]
    asked = stage.acr.log.count("list_repositories")
    assert len(await suggested("")) == 100
    assert await suggested("STORE") == ["store/team-9", "the-store/app"]
    assert await suggested("app-123") == ["team-3/app-123"]
    assert (await suggested("pp-45"))[:2] == ["team-0/app-450", "team-1/app-451"]
    assert await suggested("*-9/*-02?") == ["team-9/app-029"]
    assert await suggested("nothing like it") == []
    assert stage.acr.log.count("list_repositories") == asked


async def test_a_name_too_long_for_an_option_can_be_chosen(still: Stage) -> None:
    """A name of 256 characters is suggested by its beginning and its end, and chosen by what stands for it."""
    stage = still
    seed(stage.registry, LONG)
    seed(stage.registry, LONG[:-1] + "c")
    view = await opened(stage, stage.riley)
    first, _ = await stage.riley.type_ahead(view, "repository", LONG[:200])
    assert len(first["value"]) <= 150
    assert first["text"]["text"].startswith("team/aaaa")
    assert first["description"]["text"].endswith("b")
    answer = await answered(stage, stage.riley, view, {"repository": first["value"]})
    assert content(answer) == content(await stage.ask(stage.riley, f"/acr untagged {LONG}"))


async def test_a_pattern_can_be_typed(still: Stage) -> None:
    """What can't be chosen can be typed: a pattern for several, or a pasted reference."""
    stage = still
    seed(stage.registry)
    seed(stage.registry, "team/api")
    for text in ("team/*", "'team/*'", f"{stage.acr.login_server}/team/app"):
        view = await opened(stage, stage.riley)
        answer = await answered(stage, stage.riley, view, {"typed": text})
        assert content(answer) == content(await stage.ask(stage.riley, f"/acr untagged {text}"))


async def test_another_registry_has_its_own_suggestions(transport: str, at_once: None) -> None:
    """Choosing a registry changes what is suggested, takes back what was chosen, and is where is looked."""
    async with two_registries(transport) as (stage, other):
        seed(stage.registry, "here")
        seed(other, "there")
        view = await opened(stage, stage.riley)
        assert shown(view)[0] == "Registry"
        assert [option["value"] for option in await stage.riley.type_ahead(view, "repository", "")] == ["here"]
        stage.riley.enter(view, {"repository.0": {"repository": "here"}})
        await choose(stage, stage.riley, view, "registry", "other")
        assert [option["value"] for option in await stage.riley.type_ahead(view, "repository", "")] == ["there"]
        assert await refused(stage.riley, view, {}) == {
            "repository.1": "The repository is missing. Choose one, or type its name below."
        }
        answer = await answered(stage, stage.riley, view, {"repository": "there"})
        assert content(answer) == content(await stage.ask(stage.riley, "/acr untagged there --registry other"))
        view = await opened(stage, stage.riley)
        answer = await answered(stage, stage.riley, view, {"typed": "here"})
        assert content(answer) == content(await stage.ask(stage.riley, "/acr untagged here"))


WRONG = {
    "no repository": ("untagged", {}, "repository.0", "The repository is missing."),
    "upper case": ("untagged", {"typed": "Team/App"}, "typed", "'Team/App' is not the name of a repository."),
    "a tag": ("untagged", {"typed": "team/app:v1"}, "typed", "'team/app:v1' names one manifest."),
    "a tag to purge": ("purge", {"typed": "team/app:v1", "tags": "^pr-", "age": "1d"}, "typed", "names one manifest."),
    "an age": ("untagged", {"typed": "app", "age": "soon"}, "age", "'soon' is not a length of time. Write a number"),
    "an age of old": ("old", {"typed": "app", "age": "30"}, "age", "'30' is not a length of time."),
    "years and years": ("old", {"typed": "app", "age": "36500d"}, "age", "is not within the years"),
    "a date": ("old", {"typed": "app", "age": "2026-02-30"}, "age", "'2026-02-30' is not a date."),
    "a day to come": ("old", {"typed": "app", "age": "2999-01-01"}, "age", "is still to come."),
    "a pattern": ("old", {"typed": "app", "age": "30d", "tags": "(?!v).*"}, "tags", "RE2, which has no look-around"),
    "a pattern to purge": ("purge", {"typed": "app", "tags": "(", "age": "30d"}, "tags", "can't be used"),
    "an age to purge": ("purge", {"typed": "app", "tags": "x", "age": "7days"}, "age", "write 7d"),
}


@pytest.mark.parametrize("case", WRONG)
async def test_a_wrong_field_is_told_where_it_is(stage: Stage, case: str) -> None:
    """What is wrong is said below its field, with what is expected and an example; the form stays as it is."""
    rule, values, block, words = WRONG[case]
    seed(stage.registry)
    view = await opened(stage, stage.riley)
    if rule != "untagged":
        await choose(stage, stage.riley, view, "rule", rule)
    errors = await refused(stage.riley, view, values)
    assert list(errors) == [block]
    assert words in errors[block]
    assert "--" not in errors[block]
    if block not in {"typed", "repository.0"}:
        assert "For example: " in errors[block]


async def test_all_that_is_wrong_is_told_at_once(stage: Stage) -> None:
    """Each field gets its own words; two repositories are one too many."""
    seed(stage.registry)
    view = await opened(stage, stage.riley)
    await choose(stage, stage.riley, view, "rule", "purge")
    errors = await refused(stage.riley, view, {"typed": "UPPER", "tags": "(", "age": "old"})
    assert set(errors) == {"typed", "tags", "age"}
    await stage.riley.type_ahead(view, "repository", "")
    errors = await refused(stage.riley, view, {"repository": "team/app", "typed": "other", "tags": "x", "age": "1d"})
    assert errors == {
        "typed": "There are two repositories: the one chosen above and the one typed here. Clear one of the two."
    }


@pytest.mark.parametrize(
    ("transport", "fault"), [("http", Fault(status=500)), ("socket", Fault(status=403)), ("http", Fault(action="hang"))]
)
async def test_a_registry_that_is_down_suggests_nothing(transport: str, fault: Fault, logged: list[str]) -> None:
    """No options come, in time; a repository can still be typed, and when the registry is back they come again."""
    async with make_stage(transport) as stage, stage.running(patience=BRIEF):
        seed(stage.registry)
        view = await opened(stage, stage.riley)
        fault = stage.acr.faults.add(replace(fault, kind="list_repositories"))
        assert await stage.riley.type_ahead(view, "repository", "") == []
        assert fault.hits
        assert "nothing_suggested" in logged
        assert "unexpected_error" not in logged
        answer = await answered(stage, stage.riley, view, {"typed": "team/app"})
        assert "*2 of 5 manifests*" in text_of(answer)
        stage.acr.faults.clear()
        if fault.action != "hang":
            view = await opened(stage, stage.riley)
            assert len(await stage.riley.type_ahead(view, "repository", "")) == 1


async def test_a_form_that_slack_does_not_open_is_replaced_by_help(stage: Stage) -> None:
    """Where the form comes too late or Slack refuses it, the help comes with a word why, and nothing else happens."""
    for error, why in (("expired_trigger_id", "it took more than three seconds"), ("fatal_error", "fatal_error")):
        stage.slack.fail("views.open", error)
        text = text_of(await stage.ask(stage.riley, "/acr"))
        assert f"Slack did not open the form ({why})." in text
        assert "/acr untagged myrepo" in text
        assert stage.riley.view is None


async def test_a_form_outlives_the_way_to_answer(transport: str) -> None:
    """Filled in after half an hour, when the command can no longer be answered by its address, it is answered still."""
    ahead = [0.0]
    async with make_stage(transport, clock=lambda: time.time() + ahead[0]) as stage, stage.running():
        seed(stage.registry)
        view = await opened(stage, stage.riley)
        ahead[0] = 2000.0
        answer = await answered(stage, stage.riley, view, {"typed": "team/app"})
        assert "*2 of 5 manifests*" in text_of(answer)
        assert stage.slack.calls_of("chat.postEphemeral")


async def test_a_form_whose_fields_did_not_follow_says_what_is_missing(stage: Stage) -> None:
    """Where Slack does not take the new fields of a rule, submitting says so at the rule."""
    seed(stage.registry)
    view = await opened(stage, stage.riley)
    stage.slack.fail("views.update", "internal_error")
    outcome = await stage.riley.click(view, "rule", option="old")
    assert outcome.ok
    await stage.slack.wait_for(lambda: stage.slack.calls_of("views.update"), timeout=15)
    stage.riley.enter(view, {"rule": {"rule": "old"}})
    errors = await refused(stage.riley, view, {"typed": "team/app"})
    assert set(errors) == {"age"}
