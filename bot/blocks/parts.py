"""The blocks that every surface is made of. Slack never touches up our mrkdwn (``verbatim``); plain text is literal."""

from collections.abc import Sequence
from typing import Any

from bot.blocks.message import Block

CONTEXT_MOST = 10  # elements of a context block

TextObject = dict[str, Any]


def mrkdwn(text: str) -> TextObject:
    """Make a text with formatting; names in it must come from ``text.code``, ids from ``text.mention``."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str) -> TextObject:
    """Make a text that is shown as it is."""
    return {"type": "plain_text", "text": text, "emoji": False}


def section(text: str) -> Block:
    """Make a paragraph of mrkdwn, 3000 characters at most."""
    return {"type": "section", "text": mrkdwn(text)}


def fields(pairs: Sequence[tuple[str, str]]) -> Block:
    """Make two columns of labels with values in mrkdwn, 10 at most of 2000 characters each."""
    return {"type": "section", "fields": [mrkdwn(f"*{label}*\n{value}") for label, value in pairs]}


def context(*lines: str) -> Block:
    """Make small grey lines of mrkdwn; empty ones are passed over."""
    return {"type": "context", "elements": [mrkdwn(line) for line in lines if line][:CONTEXT_MOST]}


def actions(*elements: dict[str, Any]) -> Block:
    """Make a row of buttons."""
    return {"type": "actions", "elements": list(elements)}


def button(
    label: str, action_id: str, value: str, *, style: str = "", confirm: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Make a button. ``style`` is ``primary``, ``danger`` or empty; ``value`` has 2000 characters at most."""
    element: dict[str, Any] = {"type": "button", "text": plain(label), "action_id": action_id, "value": value}
    if style:
        element["style"] = style
    if confirm:
        element["confirm"] = confirm
    return element


def confirm(title: str, text: str, yes: str, no: str, *, style: str = "") -> dict[str, Any]:
    """Make a confirm dialog: 100, 300, 30 and 30 characters at most."""
    dialog: dict[str, Any] = {"title": plain(title), "text": plain(text), "confirm": plain(yes), "deny": plain(no)}
    if style:
        dialog["style"] = style
    return dialog
