"""Standing rules: ``/acr rules`` lists them, ``/acr apply`` proposes what one selects today."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from sandbox.acr import AcrOptions, AcrSandbox, Fault, Registry
from sandbox.slack import Message, text_of
from tests.scenarios.reading import ask, fetch_csv, read, turn
from tests.scenarios.stage import OPS, Stage, days_ago, make_stage

KIB = 1024
CI = {"name": "ci-images", "repositories": ["ci/*", "lab"], "older_than": "14d", "tags": "pr-.*", "keep": 2}
LOOSE = {"name": "left-behind", "repositories": ["ci/app", "web*"], "older_than": "30d", "untagged": True}
NOTHING = {"name": "nothing", "repositories": ["no/such/*", "absent"], "untagged": True}


def write(stage: Stage, *rules: dict[str, Any], **more: Any) -> None:
    """Put rules into the settings file of a stage; the app reads it at its next start."""
    (stage.folder / "janitor.yml").write_text(json.dumps({"rules": list(rules), **more}))
    stage.environ["ACR_JANITOR_CONFIG"] = str(stage.folder / "janitor.yml")


def seed(stage: Stage) -> dict[str, str]:
    """Fill three repositories; give the digests by what they are."""
    registry, old = stage.registry, days_ago(40)
    return {
        "pr-1": registry.push_image("ci/app", tags=["pr-1"], layers=[100 * KIB], updated=days_ago(60)),
        "pr-2": registry.push_image("ci/app", tags=["pr-2"], layers=[200 * KIB], updated=days_ago(50)),
        "pr-3": registry.push_image("ci/app", tags=["pr-3"], layers=[3], updated=old),
        "pr-4": registry.push_image("ci/app", tags=["pr-4"], layers=[4], updated=days_ago(3)),
        "both": registry.push_image("ci/app", tags=["pr-5", "v5"], layers=[5], updated=days_ago(60)),
        "loose": registry.push_image("ci/app", layers=[600 * KIB], updated=old),
        "lab-1": registry.push_image("lab", tags=["pr-1"], layers=[7], updated=days_ago(60)),
        "lab-2": registry.push_image("lab", tags=["pr-2"], layers=[8], updated=days_ago(50)),
        "lab-3": registry.push_image("lab", tags=["pr-3"], layers=[9], updated=old),
        "web": registry.push_image("web", tags=["latest"], layers=[10], updated=old),
        "web-loose": registry.push_image("web", layers=[11], updated=old),
        "web-fresh": registry.push_image("web", layers=[12], updated=days_ago(5)),
    }


@pytest.fixture
async def ruled(transport: str) -> AsyncIterator[Stage]:
    """Give a stage with three rules, two of them about the same repository."""
    async with make_stage(transport) as stage:
        write(stage, CI, LOOSE, NOTHING)
        async with stage.running():
            yield stage


async def test_a_rule_is_applied_by_its_name(ruled: Stage) -> None:
    """What it selects in all its repositories goes by one card: old, every tag matching, beyond the newest of each."""
    digest = seed(ruled)
    everything = {name: ruled.registry.digests(name) for name in ("ci/app", "lab", "web")}
    answer = await ruled.ask(ruled.riley, "/acr apply CI-Images")
    text = read(answer)
    assert "*3 of 9 manifests* in `ci/*, lab` (2 repositories) could go" in text
    assert "by the standing rule `ci-images` · tagged · tags matching `pr-.*` · last changed before " in text
    assert "the newest 2 stay" in text
    assert "*3 tags go with them:* " in text
    assert all(f"`{tag}`" in text for tag in ("ci/app:pr-1", "ci/app:pr-2", "lab:pr-1"))
    assert {name: ruled.registry.digests(name) for name in everything} == everything

    card = await ruled.card_after(ruled.riley.click(answer, "propose"))
    text = read(card)
    assert text.startswith("*Delete 3 matching manifests* in `ci/*, lab`, ")
    assert "Selected: by the standing rule `ci-images` · " in text
    await ruled.sam.click(card, "approve")
    await ruled.settled(card)
    gone = {digest["pr-1"], digest["pr-2"], digest["lab-1"]}
    assert {name: ruled.registry.digests(name) for name in everything} == {
        name: digests - gone for name, digests in everything.items()
    }
    assert "Nothing matching to clean" in await ask(ruled, "apply ci-images")


async def test_what_a_rule_keeps_is_a_floor_at_the_time_of_the_run_too(ruled: Stage) -> None:
    """Where the newest went meanwhile, what was approved and is now among the newest of what is left stays."""
    digest = seed(ruled)
    card = await ruled.propose(ruled.riley, "/acr apply ci-images")
    for name in ("pr-3", "pr-4"):
        ruled.registry.delete_manifest("ci/app", digest[name])
    await ruled.sam.click(card, "approve")
    assert "*2* skipped" in await ruled.settled(card)
    assert {digest["pr-1"], digest["pr-2"]} <= ruled.registry.digests("ci/app")
    assert digest["lab-1"] not in ruled.registry.digests("lab")


async def test_every_rule_is_listed_in_words(ruled: Stage) -> None:
    """What each selects, and what it would free now, the most first; each repository is looked at once for all."""
    seed(ruled)
    ruled.acr.log.clear()
    answer = await ruled.ask(ruled.riley, "/acr rules")
    text = read(answer)
    assert "*3 standing rules:* 2 select something now, the most first." in text
    lines = [line for line in text.splitlines() if line]
    words = " ".join(lines)
    assert words.index("left-behind") < words.index("ci-images") < words.index("nothing")
    flat = words.replace("\n", " ")
    for told in (
        "left-behind : 2 manifests, up to 60",
        "In  ci/app ,  web* : what  carries no tag  and has not changed for 30 days .",
        "ci-images : 3 manifests, up to 30",
        "what  has only tags matching  pr-.*  and has not changed for 14 days ; the newest 2 of each repository stay .",
        "nothing : no repository matches.",
        "In  no/such/* ,  absent : what  carries no tag .",
        "`/acr apply left-behind`",
    ):
        assert told.replace(" ", "") in flat.replace(" ", ""), told
    assert ruled.acr.log.count("list_tags") == 3
    assert answer not in ruled.olu.messages(OPS)


async def test_the_figures_are_those_of_the_rule_itself(ruled: Stage) -> None:
    """What the list counts is what applying the rule shows, and the CSV file has the same."""
    seed(ruled)
    rows = await fetch_csv(ruled, await ruled.ask(ruled.riley, "/acr rules"))
    assert [(row["rule"], row["manifests"], row["matching_repositories"]) for row in rows] == [
        ("left-behind", "2", "2"),
        ("ci-images", "3", "2"),
        ("nothing", "0", "0"),
    ]
    assert [(row["older_than"], row["tags"], row["untagged"], row["keep"]) for row in rows[:2]] == [
        ("30d", "", "true", "0"),
        ("14d", "pr-.*", "false", "2"),
    ]
    assert "*2 of 9 manifests* in `ci/app, web*` (2 repositories) could go" in await ask(ruled, "apply left-behind")


async def test_two_rules_may_be_about_one_repository(ruled: Stage) -> None:
    """Each has its own card, and both can be carried out one after the other."""
    digest = seed(ruled)
    ours = await ruled.propose(ruled.riley, "/acr apply ci-images")
    theirs = await ruled.propose(ruled.riley, "/acr apply left-behind")
    for card in (ours, theirs):
        await ruled.sam.click(card, "approve")
        await ruled.settled(card)
    assert ruled.registry.digests("ci/app") == {digest[name] for name in ("pr-3", "pr-4", "both")}
    assert ruled.registry.digests("web") == {digest["web"], digest["web-fresh"]}


async def test_a_rule_that_matches_nothing_says_so(ruled: Stage) -> None:
    """It is no error, and nothing can be proposed from it."""
    text = await ask(ruled, "apply nothing")
    assert "*Nothing to clean:* no repository matches `no/such/*, absent`." in text
    assert "[Propose" not in text


async def test_a_repository_that_cannot_be_read_is_said(ruled: Stage) -> None:
    """The rest is counted and can be proposed; that one is kept, with its reason."""
    digest = seed(ruled)
    ruled.registry.push_raw("lab", "application/vnd.example.unheard-of+json", b'{"schemaVersion": 2}')
    ruled.acr.faults.add(Fault(status=403, path=r"^/acr/v1/web"))
    text = await ask(ruled, "rules")
    assert "Not counted, since not everything in it could be read:" in text
    assert "its media type is unknown" in text
    assert text.count("1 could not be read") == 2
    text = await ask(ruled, "apply ci-images")
    assert "Not cleaned, since not everything in it could be read:" in text
    card = await ruled.propose(ruled.riley, "/acr apply ci-images")
    await ruled.sam.click(card, "approve")
    await ruled.settled(card)
    assert digest["pr-1"] not in ruled.registry.digests("ci/app")
    assert digest["lab-1"] in ruled.registry.digests("lab")


async def test_a_registry_that_cannot_be_asked_is_said(ruled: Stage) -> None:
    """Words for people, not figures of nothing."""
    ruled.acr.faults.add(Fault(status=403, path=r"^/acr/v1/_catalog"))
    assert "*3 standing rules" not in (text := await ask(ruled, "rules"))
    assert "role" in text


WRONG_USES = [
    ("apply", "The standing rule is missing.", "/acr rules lists them", "/acr apply ci-images"),
    ("apply a b", "One standing rule is expected, and there are 2: a b.", "/acr rules", "/acr apply ci-images"),
    ("apply ci-image", "There is no standing rule 'ci-image'.", "Nearest names: ci-images", "/acr apply ci-images"),
    ("apply <!channel>", "There is no standing rule '<!channel>'.", "/acr rules lists all", "/acr rules"),
    (
        "apply nothing --keep 3",
        "There is no option '--keep'.",
        "The options are: --registry",
        "/acr apply ci-images",
    ),
    (
        "apply nothing --registry x",
        "There is no registry 'x' here.",
        "The registries are:",
        "/acr apply nothing --",
    ),
    ("rules ci-images", "Nothing is expected here, and there is ci-images.", "lists all", "/acr rules"),
    ("rules --registry x", "There is no registry 'x' here.", "The registries are:", "/acr rules --registry "),
]


async def test_wrong_uses_are_answered(ruled: Stage) -> None:
    """The problem, what was expected, and a command of this kind as an example."""
    for typed, problem, expected, example in WRONG_USES:
        text = await ask(ruled, typed)
        assert problem in text
        assert expected in text
        assert f"For example: {example}" in text.replace("For example: \n", "For example: ")


async def test_a_rule_that_was_changed_meanwhile_is_not_proposed(transport: str) -> None:
    """What is proposed by a rule's name is what the rule says; who saw other words is told to look again."""
    async with make_stage(transport) as stage:
        seed(stage)
        write(stage, CI)
        async with stage.running():
            answer = await stage.ask(stage.riley, "/acr apply ci-images")
        for changed, words in (
            ({**CI, "older_than": "15d"}, "has been changed in the settings since you looked"),
            ({**CI, "name": "other"}, "There is no standing rule 'ci-images'"),
        ):
            write(stage, changed)
            async with stage.running():
                await stage.private_after(stage.riley, stage.riley.click(answer, "propose"), words)
        assert not stage.cards()
        write(stage, CI, NOTHING)
        async with stage.running():
            await stage.card_after(stage.riley.click(answer, "propose"))


async def test_a_change_of_the_rule_changes_nothing_that_is_on_a_card(transport: str) -> None:
    """What was approved runs as it was approved, whatever the settings say of the rule by then."""
    async with make_stage(transport) as stage:
        digest = seed(stage)
        write(stage, CI)
        async with stage.running():
            card = await stage.propose(stage.riley, "/acr apply ci-images")
        write(stage, {**CI, "repositories": ["web"], "tags": ".*", "keep": 0})
        async with stage.running():
            await stage.sam.click(card, "approve")
            await stage.settled(card)
        assert stage.registry.digests("ci/app") == {digest[name] for name in ("pr-3", "pr-4", "both", "loose")}
        assert digest["web"] in stage.registry.digests("web")


@pytest.mark.parametrize(("command", "rule"), [("apply ci-images", CI), ("untagged 'web*' --min-age 30d", LOOSE)])
async def test_the_instant_is_fixed_when_it_is_looked_at(transport: str, command: str, rule: dict[str, Any]) -> None:
    """What is too new when somebody looks is not proposed by a click three weeks later."""
    async with make_stage(transport) as stage:
        seed(stage)
        write(stage, {**rule, "keep": 0})
        async with stage.running():
            answer = await stage.ask(stage.riley, f"/acr {command}")
            (told,) = [line for line in read(answer).splitlines() if "last changed before" in line]
            cutoff = told.partition("last changed before ")[2][:20]
            count = read(answer).partition("*")[2].partition(" ")[0]
            stage.clock_ahead = timedelta(days=26)
            card = await stage.card_after(stage.riley.click(answer, "propose"))
        assert cutoff in read(card)
        assert read(card).startswith(f"*Delete {count} ")


async def test_no_rules_say_where_they_come_from(stage: Stage) -> None:
    """Whoever asks without any learns how one is written, and what to type until then."""
    text = await ask(stage, "rules")
    assert "*There are no standing rules.*" in text
    assert 'rules:\n  - {name: ci-images, repositories: ["ci/*"], older_than: 14d, tags: "pr-.*", keep: 3}' in text
    assert "There are no standing rules." in await ask(stage, "apply ci-images")


def names(text: str) -> set[str]:
    """Give the long names of rules that the list has."""
    return set(re.findall(r"- (n{61}\d{3}):", text))


async def first_page(stage: Stage, words: str) -> Message:
    """Ask for the rules, and wait for the page behind the note that says that it takes a moment."""
    assert (await stage.riley.slash("/acr rules", channel=OPS)).ok
    await stage.slack.wait_for(lambda: any(words in text_of(m) for m in stage.riley.messages(OPS)), timeout=30)
    return next(message for message in stage.riley.messages(OPS) if words in text_of(message))


async def test_a_hundred_rules_come_in_pages(transport: str) -> None:
    """With the longest words each page is one that Slack takes; forty repositories are looked at once, as is said."""
    async with make_stage(transport, options=AcrOptions()) as stage:
        for number in range(40):
            stage.registry.push_image(f"{'x' * 200}/{number:02}", layers=[number + 1], updated=days_ago(40))
        globs = [f"{'x' * 200}/*{'?' * 40}" for _ in range(8)]
        write(
            stage,
            *(
                {
                    "name": f"{'n' * 61}{number:03}",
                    "repositories": [*globs, "x*"],
                    "tags": "p" * 1000,
                    "untagged": True,
                    "older_than": "1d",
                    "keep": 1,
                }
                for number in range(100)
            ),
        )
        async with stage.running():
            answer = await first_page(stage, "1 to 10 of 100")
            assert any("Looking through 40 repositories" in text_of(m) for m in stage.riley.messages(OPS))
            assert stage.acr.log.count("list_tags") == 40
            seen = names(read(answer))
            for start in range(11, 101, 10):
                await turn(stage, answer, "page.next")
                text = read(answer)
                assert f"{start} to {start + 9} of 100" in text
                seen |= names(text)
            assert len(seen) == 100
            assert stage.acr.log.count("list_tags") == 40, "turning a page looks at nothing anew"


async def test_a_rule_may_be_about_one_registry(transport: str) -> None:
    """It is looked at there, others where somebody says; a registry that is down is said beside the rest."""
    async with make_stage(transport) as stage, AcrSandbox(Registry(), AcrOptions()) as attic:
        seed(stage)
        attic.registry.push_image("web", layers=[1], updated=days_ago(40))
        environ = stage.acr.identity_env
        attic.options.principals = stage.acr.options.principals
        assert environ
        del stage.environ["ACR_REGISTRIES"]
        registries = [{"name": "main", "endpoint": stage.acr.url}, {"name": "attic", "endpoint": attic.url}]
        write(stage, {**CI, "registry": "main"}, {**LOOSE, "registry": attic.login_server}, registries=registries)
        async with stage.running():
            text = await ask(stage, "apply ci-images --registry attic")
            assert "The standing rule ci-images is about the registry main alone." in text
            assert "/acr apply ci-images --registry main" in text
            await attic.stop()
            text = await ask(stage, "rules")
            assert "not known now, since its registry could not be asked" in text
            assert "3 manifests, up to" in text
