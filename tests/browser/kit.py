"""Small builders of Block Kit's objects, blocks and elements."""

from typing import Any

from tests.browser.fixture_server import Json


def mrkdwn(text: str) -> Json:
    """Make a mrkdwn text object."""
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> Json:
    """Make a plain text object."""
    return {"type": "plain_text", "text": text}


def raw(text: str) -> Json:
    """Make a cell of text."""
    return {"type": "raw_text", "text": text}


def number(value: float, text: str) -> Json:
    """Make a cell of a number."""
    return {"type": "raw_number", "value": value, "text": text}


def option(text: str, value: str, description: str | None = None) -> Json:
    """Make an option of a select."""
    made = {"text": plain(text), "value": value}
    return made | ({"description": plain(description)} if description else {})


def rich(*parts: Json) -> Json:
    """Make a rich_text block of one section."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(parts)}]}


def text(value: str, **style: bool) -> Json:
    """Make a piece of rich text."""
    return {"type": "text", "text": value} | ({"style": style} if style else {})


def button(label: str, action_id: str, **more: Any) -> Json:
    """Make a button."""
    return {"type": "button", "text": plain(label), "action_id": action_id, "value": action_id} | more


def block(kind: str, block_id: str, **fields: Any) -> Json:
    """Make a block."""
    return {"type": kind, "block_id": block_id, **fields}


def section(block_id: str, said: str, **fields: Any) -> Json:
    """Make a section of mrkdwn."""
    return block("section", block_id, text=mrkdwn(said), **fields)


def task(title: str, status: str, **fields: Any) -> Json:
    """Make a task of a plan."""
    return {"type": "task_card", "task_id": title, "title": title, "status": status, **fields}
