"""What holds for every command: it fits and pings nobody, whatever the names; it asks the registry that was named."""

import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.domain.grammar import COMMANDS
from sandbox.acr import AcrOptions, AcrSandbox, Registry
from sandbox.slack import text_of
from tests.scenarios.every import EVERY, RULES, Names, check_all_fit, play, said
from tests.scenarios.reading import read
from tests.scenarios.stage import OLU, Stage, days_ago, make_stage

HOSTILE = (
    "<!channel>",
    f"<@{OLU}>",
    "&amp;*b*_i_~s~",
    "`code`",
    "=1+1",
    "<https://evil.example|here>",
    "<!subteam^S1>",
)
BROKEN = "application/vnd.<!channel>`*&+json"

# How a message is made and which registry is asked does not hang on how Slack reaches the app.
over_http = pytest.mark.parametrize("transport", ["http"])
ASKING = [command for command in EVERY if command != "help"]
PASTED = "a pasted reference"
FORMS = [("its name", "http"), ("its name", "socket"), ("its login server", "http"), (PASTED, "http")]


def takes_at(command: str) -> bool:
    """Whether a command is about a repository, which a login server may stand before."""
    return "{at}" in EVERY[command]


def test_no_command_is_left_out() -> None:
    """What is shown here of every command is shown of a new one, too."""
    assert set(EVERY) == set(COMMANDS)


@pytest.fixture
async def stage(transport: str) -> AsyncIterator[Stage]:
    """Give a stage whose app runs and knows a standing rule."""
    async with make_stage(transport) as stage:
        write(stage, rules=RULES)
        async with stage.running():
            yield stage


def write(stage: Stage, **settings: Any) -> None:
    """Put settings into a file that the app reads when it starts."""
    config = stage.folder / "config.yml"
    config.write_text(json.dumps(settings))
    stage.environ["ACR_JANITOR_CONFIG"] = str(config)


def long_names(stage: Stage) -> Names:
    """Fill a registry with names as long as ACR allows: 256 characters for a repository, 128 for a tag."""
    registry = stage.registry
    repos = [f"{'a' * 100}/{'b' * 100}/{'c' * 51}{n:03}" for n in range(30)]
    tags = [f"{n:03}{'t' * 125}" for n in range(60)]
    assert {len(repo) for repo in repos} == {256}
    assert {len(tag) for tag in tags} == {128}
    old = days_ago(60)
    for n in range(1, 30):
        registry.push_image(repos[n], layers=[n], updated=old)
    registry.push_raw(repos[29], "application/vnd.example.new+json", b"{}", tags=tags[:1], updated=old)
    repo = repos[0]
    for n in range(40):
        registry.push_image(repo, layers=[n + 1], updated=days_ago(60 + n))
    for n in range(40):
        registry.push_image(repo, tags=[tags[n]], layers=[n + 50], updated=days_ago(60 + n))
    parts = [
        registry.push_image(repo, layers=[n + 100], platform=f"linux/{'p' * 90}{n}", updated=old) for n in range(9)
    ]
    index = registry.push_index(repo, parts, tags=tags[40:58], updated=old)
    registry.push_artifact(repo, subject=index, artifact_type=f"application/{'x' * 200}", updated=old)
    registry.push_image(repo, tags=tags[58:59], layers=[200], updated=old)
    registry.lock_tag(repo, tags[58])
    return Names(repo, index, tags[40], tags[58])


@pytest.mark.parametrize("command", EVERY)
@over_http
async def test_the_longest_names_fit(stage: Stage, command: str, logged: list[str]) -> None:
    """Every answer, page, card and comment of a command keeps to Slack's limits, and none had to be made plainer."""
    names = long_names(stage)
    await some_work(stage, names.repo, command)
    await play(stage, names.line(command))
    check_all_fit(stage, logged)


async def some_work(stage: Stage, repo: str, command: str) -> None:
    """Do what a command speaks of: one proposal waits and one is carried out, or there has been a report."""
    if command in WEEKLY:
        await stage.ask(stage.sam, "/acr subscribe")
        await play(stage, "subscribe " + repo)
        await play(stage, "report --private")
    if command not in {"pending", "history"}:
        return
    await play(stage, f"purge '{repo}:^0' --ago 30d --untagged")
    stage.registry.push_image(repo, layers=[999], updated=days_ago(60))
    await stage.propose(stage.sam, f"/acr untagged {repo}")


def hostile_names(stage: Stage) -> Names:
    """Fill a registry that keeps to no grammar: tags, platforms, types and repositories of control characters."""
    registry = stage.registry
    old = days_ago(60)
    for n, name in enumerate(HOSTILE):
        platform = f"{name.replace('/', '')}/{name}"
        registry.push_image("team/app", tags=[f"{name}{n}"], layers=[n + 1], platform=platform, updated=old)
        registry.push_image("team/app", layers=[n + 50], platform=platform, updated=old)
    image = registry.push_image("team/app", tags=["v1", *HOSTILE], layers=[90], updated=old)
    registry.push_artifact("team/app", subject=image, artifact_type="<!channel>", updated=old)
    registry.push_image("team/app", tags=["locked", "<!here>"], layers=[91], updated=old)
    registry.lock_tag("team/app", "locked")
    registry.push_raw("team/broken", BROKEN, b"{}", tags=HOSTILE, updated=old)
    return Names("team/app", image, "v1", "locked")


def check_nobody_is_pinged(stage: Stage) -> None:
    """Fail where a name has become a mention, a link or a broadcast, in text, blocks or a file's comment."""
    for text, blocks in said(stage):
        for words in [text, *_mrkdwn(blocks)]:
            for mark in ("<!channel>", "<!here>", f"<@{OLU}>", "<https://evil.example", "<!subteam^S1>"):
                assert mark not in words, words
        for element in _elements(blocks):
            assert element.get("type") not in {"broadcast", "channel_mention"}, element
            assert element.get("user_id") != OLU, element
            assert "evil.example" not in str(element.get("url", "")), element


def _mrkdwn(value: Any) -> list[str]:
    return [element["text"] for element in _elements(value) if element.get("type") == "mrkdwn"]


def _elements(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(found for part in value.values() for found in _elements(part))]
    return [found for part in value for found in _elements(part)] if isinstance(value, list) else []


@pytest.mark.parametrize("command", EVERY)
@over_http
async def test_names_come_out_as_text(stage: Stage, command: str, logged: list[str]) -> None:
    """Whatever a registry calls its things, it is shown and pings nobody; no file holds a formula."""
    names = hostile_names(stage)
    await some_work(stage, names.repo, command)
    answer, *_ = await play(stage, names.line(command))
    check_nobody_is_pinged(stage)
    check_all_fit(stage, logged)
    if command in {"explain", "old", "delete", "purge", "manifests"}:
        assert "<!" in read(answer) or "<@" in read(answer), "the names are not hidden either"
    for file in stage.slack.workspace.files.values():
        for row in csv.reader(io.StringIO(file.content.decode(), newline="")):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("command", EVERY)
@over_http
async def test_what_is_typed_comes_out_as_text(stage: Stage, command: str) -> None:
    """A repository, an option, a value and a registry of control characters are repeated as text."""
    for name in HOSTILE:
        for line in (
            f"{command} '{name}'",
            f"{command} team/app '--{name}'",
            f"{command} team/app --registry '{name}'",
            f"{command} 'team/app:{name}' --ago '{name}'",
            f"{command} team/app --before '{name}'",
        ):
            await stage.ask(stage.sam, f"/acr {line}")
    check_nobody_is_pinged(stage)


@pytest.fixture
async def two(transport: str) -> AsyncIterator[tuple[Stage, AcrSandbox]]:
    """Give a stage with two registries: ``prod``, which is the default, and ``dev``."""
    tenant = AcrOptions(tenant_key=b"one tenant")
    async with make_stage(transport, options=tenant) as stage, AcrSandbox(Registry(), tenant) as dev:
        registries = [{"name": "prod", "endpoint": stage.acr.url}, {"name": "dev", "endpoint": dev.url}]
        write(stage, rules=RULES, registries=registries)
        del stage.environ["ACR_REGISTRIES"]
        async with stage.running():
            yield stage, dev


def fill(registry: Registry) -> Names:
    """Put the same into a registry: what is loose, what has a tag, and what is locked."""
    old = days_ago(60)
    registry.push_image("app", layers=[1], updated=old)
    image = registry.push_image("app", tags=["v1", "v2"], layers=[2], updated=old)
    registry.push_image("app", tags=["locked"], layers=[3], updated=old)
    registry.lock_tag("app", "locked")
    return Names("app", image, "v1", "locked")


def state(registry: Registry) -> str:
    """Describe all that a command could change in a registry."""
    tags = registry.repository("app").tags.values()
    manifests = registry.manifests("app")
    return str([(tag.name, tag.digest, tag.locks) for tag in tags] + [(m.digest, m.tags, m.locks) for m in manifests])


def asked(sandbox: AcrSandbox) -> int:
    """Count the requests for what a registry holds."""
    return sum(entry.path.startswith(("/acr/", "/v2/")) for entry in sandbox.log)


# About subscriptions, which are rows of ours; a report reads the registry.
WEEKLY = {"report", "trend", "subscribe", "subscriptions", "unsubscribe"}
ROWS = {"pending", "history", "audit", "freeze", "unfreeze", *WEEKLY} - {"report"}

# An example never changes what nobody has asked for.
BY_NAME = {"delete", "untag", "lock", "unlock"}
SHOWN = {
    "pending": "1 proposal waits",
    "history": "*1 manifest* deleted",
    "trend": "1 stale manifest",
    "freeze": "Frozen:* `dev`",
    "unfreeze": "dev is not frozen",
    "audit": "`acr-janitor-audit.csv` in a direct message",
    "subscribe": "gets a report* of `app` in `dev`",
    "subscriptions": "1 weekly report",
    "unsubscribe": "No more reports* of `app`",
}
CHANGING = {"untagged", "old", "delete", "untag", "lock", "unlock", "purge", "apply"}


@pytest.mark.parametrize(
    ("command", "form", "transport"),
    [
        (command, form, transport)
        for command in ASKING
        for form, transport in FORMS
        if form != PASTED or takes_at(command)
    ],
)
async def test_the_registry_that_is_named_is_asked(two: tuple[Stage, AcrSandbox], command: str, form: str) -> None:
    """By ``--registry`` or by a pasted reference: it alone is asked, shown and changed."""
    stage, dev = two
    fill(stage.registry)
    names = fill(dev.registry)
    before = state(stage.registry), state(dev.registry)
    if form == PASTED:
        line = names.line(command, at=f"{dev.login_server}/")
    else:
        line = f"{names.line(command)} --registry {'dev' if form == 'its name' else dev.login_server}"
    if command in {"pending", "history"}:
        await play(stage, "untagged app --registry dev")
        dev.registry.push_image("app", layers=[9], updated=days_ago(60))
        await stage.propose(stage.sam, "/acr untagged app --registry dev")
        await stage.propose(stage.sam, "/acr untagged app")
    if command in WEEKLY:
        for registry in ("prod", "dev"):
            await play(stage, f"subscribe app --registry {registry}")
        if command == "trend":
            await play(stage, "report --private --registry dev")
    stage.acr.log.clear()
    shown = await play(stage, line)
    if command in ROWS:
        assert SHOWN[command] in text_of(shown[0])
    else:
        assert asked(dev)
        assert not asked(stage.acr)
    if command not in {"delete", "untag", "lock", "unlock", "explain", "subscribe", "unsubscribe", "report", "audit"}:
        assert "dev" in text_of(shown[0]) or dev.login_server in text_of(shown[0])
    for card in shown[1:]:
        assert "`dev`" in text_of(card)
        assert "`dev`" in "".join(str(version.blocks) for version in card.versions[:1]), "also while it is open"
    if command not in {"pending", "history"}:
        assert state(stage.registry) == before[0]
        assert (state(dev.registry) != before[1]) == (command in CHANGING)


@pytest.mark.parametrize("command", ASKING)
@over_http
async def test_an_unknown_registry_is_answered(two: tuple[Stage, AcrSandbox], command: str) -> None:
    """The answer names those that there are and gives an example of this command, which then works."""
    stage, dev = two
    names = fill(stage.registry)
    fill(dev.registry)
    for line in (f"{names.line(command)} --registry devel", names.line(command, at="devel.azurecr.io/"))[
        : 1 + takes_at(command)
    ]:
        text = read(await stage.ask(stage.sam, f"/acr {line}"))
        assert "There is no registry 'devel" in text
        assert "The registries are: prod, dev." in text
        example = text.partition("For example: ")[2].splitlines()[0].strip("`")
        assert example.startswith("/acr explain " if command in BY_NAME else f"/acr {command} "), example
        assert "--registry dev" in example
    assert not asked(stage.acr)
    assert not asked(dev)
