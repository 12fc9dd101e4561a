"""Logs: one form for all, and no secret in any line."""

import io
import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
import structlog

from bot.logs import configure_logging
from bot.redaction import HIDDEN, Redactor

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE3MDAwMDAwMDB9.c2lnbmF0dXJl"
SECRETS = [
    "xoxb-111-222-abcDEF",
    "xoxe.xoxp-1-abcdef",
    "xapp-1-A111-222-abcdef0123456789",
    JWT,
]


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Read the JSON lines that were written."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail(text: str) -> None:
    """Raise with that text, for a traceback."""
    raise RuntimeError(text)


def test_a_line_is_json_with_its_time_in_utc() -> None:
    """Our own lines have an event, a level, the logger's name, an ISO time in UTC, and what was bound."""
    stream = io.StringIO()
    configure_logging("INFO", "json", stream=stream)

    with structlog.contextvars.bound_contextvars(proposal="p1"):
        structlog.get_logger("bot.work").info("approved", digests=3, grace=timedelta(hours=1))

    (line,) = lines(stream)
    time = datetime.fromisoformat(line.pop("timestamp"))
    assert time.utcoffset() == timedelta()
    assert line == {
        "event": "approved",
        "level": "info",
        "logger": "bot.work",
        "proposal": "p1",
        "digests": 3,
        "grace": "1:00:00",
    }


def test_lines_of_libraries_have_the_same_form() -> None:
    """What a library logs the standard way comes out as the same JSON, extras and traceback included."""
    stream = io.StringIO()
    configure_logging("INFO", "json", stream=stream)

    try:
        fail("socket closed")
    except RuntimeError:
        logging.getLogger("slack_bolt.AsyncApp").exception("failed %s", "twice", extra={"attempt": 2})

    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("failed twice", "error", "slack_bolt.AsyncApp")
    assert line["attempt"] == 2
    assert line["exception"].endswith("RuntimeError: socket closed")
    assert "timestamp" in line


def test_the_console_form_is_for_people() -> None:
    """On a console a line is plain text, and a traceback follows it."""
    stream = io.StringIO()
    configure_logging("INFO", "console", stream=stream)

    structlog.get_logger("bot").warning("slow", seconds=3)
    try:
        fail("odd")
    except RuntimeError:
        structlog.get_logger("bot").exception("broke")

    text = stream.getvalue()
    assert re.search(r"^\S+Z \[warning *\] slow +\[bot\] seconds=3$", text, re.MULTILINE)
    assert "Traceback (most recent call last)" in text
    assert "\x1b" not in text, "no colours where nobody sees them"


def test_the_level_holds_for_all() -> None:
    """Below the level nobody speaks, and chatty libraries speak from warnings up only."""
    stream = io.StringIO()
    configure_logging("DEBUG", "json", stream=stream)

    structlog.get_logger("bot").debug("heard")
    logging.getLogger("slack_sdk.web").debug("heard")
    for name in (
        "azure.core.pipeline.policies.http_logging_policy",
        "azure.identity.aio",
        "apscheduler.executors.default",
    ):
        logging.getLogger(name).info("not heard")
        logging.getLogger(name).warning("heard")
    configure_logging("ERROR", "json", stream=stream)
    structlog.get_logger("bot").warning("not heard")
    logging.getLogger("azure.core").warning("not heard")

    assert [line["event"] for line in lines(stream)] == ["heard"] * 5


def test_setting_up_twice_writes_each_line_once() -> None:
    """The second set-up replaces the first one."""
    first, second = io.StringIO(), io.StringIO()
    configure_logging(stream=first)
    configure_logging(stream=second)

    structlog.get_logger("bot").info("once")

    assert first.getvalue() == ""
    assert len(lines(second)) == 1


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("secret", SECRETS)
def test_no_token_in_a_line(form: Literal["json", "console"], secret: str) -> None:
    """A token never reaches the stream: not as an event, a value, inside an object, an extra, or a traceback."""
    stream = io.StringIO()
    configure_logging("DEBUG", form, stream=stream)
    ours, theirs = structlog.get_logger("bot"), logging.getLogger("slack_sdk")

    class Opaque:
        def __str__(self) -> str:
            return f"<client {secret}>"

        __repr__ = __str__

    ours.info(f"connecting with {secret}", url=f"https://x/?token={secret}", body={"a": [secret, Opaque()]})
    theirs.debug("Authorization: Bearer %s", secret, extra={"headers": {"x": secret}})
    try:
        fail(f"refused {secret}")
    except RuntimeError:
        ours.exception("broke")
        theirs.exception("broke")

    assert secret not in stream.getvalue()
    assert len(lines(stream) if form == "json" else stream.getvalue().splitlines()) >= 4
    assert stream.getvalue().count("hidden") >= 6


def test_known_secrets_are_hidden_whatever_they_look_like() -> None:
    """A signing secret or a password has no form of its own, so its value is looked for, escaped or not."""
    stream = io.StringIO()
    configure_logging(secrets=["8f742231b10e8888", 'p"ässword', "abc"], stream=stream)

    structlog.get_logger("bot").info("signed with 8f742231b10e8888", url='postgresql://u:p"ässword@h/d', word="abc")

    (line,) = lines(stream)
    assert line["event"] == f"signed with {HIDDEN}"
    assert "ssword" not in stream.getvalue()
    assert line["word"] == "abc", "a secret that short would garble every line"


def test_a_key_that_names_a_secret_hides_its_value() -> None:
    """A value under a telling key is hidden at any depth, even where nothing else gives it away."""
    stream = io.StringIO()
    configure_logging(stream=stream)

    structlog.get_logger("bot").info(
        "request", signing_secret="s", empty_token="", headers=[{"Set-Cookie": "c=1", "X-Slack-Signature": "v0"}]
    )

    (line,) = lines(stream)
    assert line["signing_secret"] == HIDDEN
    assert line["empty_token"] == ""
    assert line["headers"] == [{"Set-Cookie": HIDDEN, "X-Slack-Signature": "v0"}]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Authorization: Bearer abcdef0123456789==", f"Authorization: Bearer {HIDDEN}"),
        ("Basic dXNlcjpwYXNzd29yZA==", f"Basic {HIDDEN}"),
        ("postgresql://janitor:pass@db/x", f"postgresql://janitor:{HIDDEN}@db/x"),
        (
            "grant_type=refresh_token&refresh_token=abc.def&scope=x",
            f"grant_type=refresh_token&refresh_token={HIDDEN}&scope=x",
        ),
        ('{"access_token": "opaque-1", "expires_in": 3}', f'{{"access_token": "{HIDDEN}", "expires_in": 3}}'),
        (r'{"event": "{\"client_secret\":\"xy\"}"}', rf'{{"event": "{{\"client_secret\":\"{HIDDEN}\"}}"}}'),
        (
            "wss://wss-primary.slack.com/link/?ticket=12345&app_id=A1",
            f"wss://wss-primary.slack.com/link/?ticket={HIDDEN}&app_id=A1",
        ),
        ("token=gIkuvaNzQIHg97ATvDxqgjtO&team_id=T1", f"token={HIDDEN}&team_id=T1"),
        ('{"token": "gIkuvaNzQIHg97ATvDxqgjtO", "team_id": "T1"}', f'{{"token": "{HIDDEN}", "team_id": "T1"}}'),
        (r"{\"token\": \"gIkuvaNzQIHg97ATvDxqgjtO\"}", rf"{{\"token\": \"{HIDDEN}\"}}"),
        ("https://hooks.slack.com/commands/T1/2/abc done", f"https://hooks.slack.com/{HIDDEN} done"),
        ("https://hooks.slack-gov.com/actions/T1/2/abc", f"https://hooks.slack-gov.com/{HIDDEN}"),
        ("url: http://127.0.0.1:80/actions/T1/abc, body", f"url: http://127.0.0.1:80/actions/{HIDDEN} body"),
    ],
)
def test_what_looks_like_a_secret(text: str, clean: str) -> None:
    """Headers, URLs, forms and JSON lose the secret and keep the rest."""
    assert Redactor()(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "sha256:" + "ab" * 32,
        "myregistry.azurecr.io/team/app:v1",
        "the token expired; a new one is asked for",
        "https://myregistry.azurecr.io/oauth2/token?service=myregistry.azurecr.io&scope=repository:a/b:pull",
        "2026-11-23T10:00:00Z U0123 proposed 3 of 4",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Digests, references, times and prose come through unchanged."""
    assert Redactor()(text) == text
