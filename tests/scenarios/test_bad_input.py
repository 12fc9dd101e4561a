"""Bad input: whoever types it reads what was wrong, what was expected, and one example that works."""

import html
import re

import pytest

from sandbox.slack import Message, check_message, text_of
from tests.scenarios.stage import OPS, Stage, days_ago

LONG = 40_000
EXAMPLE = re.compile(r"For example: (.+)")

# The help that comes with an answer, and no more: what was typed is not repeated.
SHORT = 6000


def seed(stage: Stage) -> None:
    """Put something to find where the examples of the messages look."""
    for number, repository in enumerate(("myrepo", "team/app")):
        stage.registry.push_image(repository, layers=[number + 1], updated=days_ago(9))


def read(answer: Message) -> str:
    """Give an answer's text as people read it; Slack must have taken it as it is."""
    assert check_message({"text": answer.text, "blocks": answer.blocks}, "message") == []
    return html.unescape(text_of(answer))


async def try_example(stage: Stage, text: str) -> None:
    """Type the example that a message gives, and see that it works."""
    found = EXAMPLE.search(text)
    assert found, text
    answer = text_of(await stage.ask(stage.riley, found[1].strip("`")))
    assert "could go" in answer, f"the example {found[1]} brought: {answer}"


@pytest.mark.parametrize(
    ("typed", "problem", "expected"),
    [
        ("frobnicate myrepo", "There is no command 'frobnicate'", "The commands are: untagged, explain, "),
        ("untagged", "The repository is missing", "Give the name of a repository"),
        ("untagged ''", "The repository is missing", "Give the name of a repository"),
        ("untagged MyRepo", "'MyRepo' is not the name of a repository", "lower case"),
        ("untagged myrepo team/app", "One repository is expected, and there are 2", "a pattern for several"),
        ("untagged myrepo@sha256:" + "a" * 64, "names one manifest", "a whole repository"),
        ("untagged myrepo:v1", "'myrepo:v1' names one manifest", "a whole repository"),
        ("untagged 'myrepo", "A quotation mark is not closed", "come in pairs"),
        ("untagged myrepo --older 7d", "There is no option '--older'", "The options are: --min-age, --registry"),
        ("untagged myrepo --min-age", "--min-age has no value", "A value follows it"),
        ("untagged myrepo --min-age 1d --min-age 2d", "--min-age is given twice", "Give it once"),
        ("untagged nosuch/*", "No repository of", "* stands for any characters"),
        ("untagged myrepo --registry nosuch", "There is no registry 'nosuch' here", "The registries are: 127.0.0.1:"),
        ("untagged nosuch.azurecr.io/myrepo", "no registry 'nosuch.azurecr.io'", "The registries are: 127.0.0.1:"),
    ],
)
async def test_what_cannot_be_meant_is_answered(stage: Stage, typed: str, problem: str, expected: str) -> None:
    """The answer names the problem and what was expected, and its example works as it stands."""
    seed(stage)
    text = read(await stage.ask(stage.riley, f"/acr {typed}"))
    assert problem in text
    assert expected in text
    await try_example(stage, text)


@pytest.mark.parametrize(
    "typed", ["untagged myrepo@sha256:123", "untagged myrepo@sha256:" + "Z" * 64, "untagged myrepo@md5:abc"]
)
async def test_a_malformed_digest_is_answered(stage: Stage, typed: str) -> None:
    """What a digest looks like is said, with one."""
    text = read(await stage.ask(stage.riley, f"/acr {typed}"))
    assert f"'{typed.partition('@')[2][:20]}" in text
    assert "is not a digest" in text
    assert "sha256: and 64 hexadecimal characters" in text
    assert re.search(r"For example: .*myrepo@sha256:[0-9a-f]{64}", text)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("soon", "'soon' is not a length of time"),
        ("7", "'7' is not a length of time"),
        ("-7d", "'-7d' is not a length of time"),
        ("1h1d", "'1h1d' is not a length of time"),
        ("99999w", "longer than a hundred years"),
        ("٣d", "is not a length of time"),
    ],
)
async def test_a_malformed_duration_is_answered(stage: Stage, value: str, problem: str) -> None:
    """What a length of time looks like is said, with one."""
    text = read(await stage.ask(stage.riley, f"/acr untagged myrepo --min-age {value}"))
    assert "--min-age" in text
    assert problem in text
    assert "a number with w, d, h, m or s" in text
    assert re.search(r"For example: .*--min-age 7d", text)


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [("myrpo", "myrepo"), ("app", "team/app"), ("taem/app", "team/app"), ("myrepo-old", "myrepo")],
)
async def test_an_unknown_repository_gets_the_nearest_names(stage: Stage, typed: str, nearest: str) -> None:
    """A name that does not exist is answered with the nearest that do, and the example asks for the nearest."""
    seed(stage)
    text = read(await stage.ask(stage.riley, f"/acr untagged {typed}"))
    assert f"There is no repository {typed} in {stage.acr.login_server}" in text
    assert nearest in text
    assert EXAMPLE.search(text)[1].strip("`") == f"/acr untagged {nearest}"  # type: ignore[index]
    await try_example(stage, text)


async def test_an_unknown_repository_unlike_all_others_is_answered(stage: Stage) -> None:
    """Where nothing is near, no name is made up."""
    seed(stage)
    text = read(await stage.ask(stage.riley, "/acr untagged zzzzzzzz/qqqqqqqq"))
    assert "There is no repository zzzzzzzz/qqqqqqqq in" in text
    assert "Nearest names" not in text


@pytest.mark.parametrize(
    "typed",
    ["x" * LONG, "untagged " + "x" * LONG, "untagged myrepo " + "-" * LONG, "'" * LONG, "untagged " + "💥" * LONG],
    ids=["a-word", "a-name", "dashes", "quotes", "emoji"],
)
async def test_forty_thousand_characters_are_answered(stage: Stage, typed: str) -> None:
    """A text that no command can have is answered with the limit and without repeating it."""
    seed(stage)
    answer = await stage.ask(stage.riley, f"/acr {typed}")
    text = read(answer)
    assert re.search(r"That is too long: (40|80),\d{3} characters", text)
    assert "at most 2,000" in text
    assert len(text) < SHORT
    await try_example(stage, text)


@pytest.mark.parametrize(
    "typed",
    ["untagged " + "x" * 257, "untagged " + "a/" * 900, "untagged myrepo --registry " + "r" * 1900, "\x00\x07\u202e"],
    ids=["longer-than-acr-allows", "long-path", "long-registry", "control-characters"],
)
async def test_odd_text_is_answered_and_breaks_no_message(stage: Stage, typed: str) -> None:
    """Whatever is typed, the answer is one that Slack takes, and it names an example."""
    text = read(await stage.ask(stage.riley, f"/acr {typed}"))
    assert "For example: " in text
    assert len(text) < SHORT


async def test_bad_input_is_nobody_elses_business(stage: Stage) -> None:
    """Nobody but who typed it sees the answer, and nothing is asked of the registry for it."""
    await stage.ask(stage.riley, "/acr frobnicate")
    assert stage.olu.messages(OPS) == []
    assert len(stage.acr.log) == 0
