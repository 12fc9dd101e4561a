"""What the app has said to people, and what must never be in it."""

import json
import re
from collections.abc import Iterator

from sandbox.slack import Message, SlackSandbox

# Words of programmers: they belong into the log.
_INTERNAL = re.compile(
    r"Traceback|File \"|line \d+, in |<class |<function | object at 0x|NoneType|coroutine|errno|Errno"
    r"|\b(?:asyncio|aiohttp|aiosqlite|azure\.|sqlalchemy|sqlite|slack_sdk|slack_bolt|structlog|bot\.[a-z]|handlers\.)"
    r"|\b[A-Z]\w*(?:Error|Exception|Warning)\b"
)


def said_to_people(slack: SlackSandbox) -> Iterator[str]:
    """Give everything that the app's messages have ever said: each version's text and blocks, and deleted ones too."""
    for messages in slack.workspace.messages.values():
        for message in messages:
            if message.by_app:
                yield from _versions(message)


def check_words(slack: SlackSandbox) -> None:
    """Fail where a stack trace or another word of programmers has reached a person."""
    for said in said_to_people(slack):
        found = _INTERNAL.search(said)
        assert found is None, f"{found[0]!r} has reached people: {said}"


def _versions(message: Message) -> Iterator[str]:
    for version in message.versions:
        yield f"{version.text}\n{json.dumps(version.blocks, ensure_ascii=False)}"
