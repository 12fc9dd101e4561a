"""Rich text: the block whose text Slack takes literally. Causes, reasons and what people typed are shown in it."""

from collections.abc import Sequence
from typing import Any

from bot.blocks.message import Block
from bot.blocks.text import name, said_plain

Element = dict[str, Any]

LINE_MOST = 400


# A line break inside of a paragraph.
BREAK: Element = {"type": "text", "text": "\n"}


def text(words: str, *, bold: bool = False, most: int = LINE_MOST) -> Element:
    """Show words as they are. A space at either end is kept: it parts them from their neighbours."""
    core = words.strip()
    shown = words if not core else words.replace(core, said_plain(core, most))
    element: Element = {"type": "text", "text": shown}
    if bold:
        element["style"] = {"bold": True}
    return element


def code(words: str, most: int = 256) -> Element:
    """Show a name as code."""
    return {"type": "text", "text": name(words, most), "style": {"code": True}}


def emoji(shortcode: str) -> Element:
    """Show an emoji by its Slack name."""
    return {"type": "emoji", "name": shortcode}


def paragraph(*elements: Element) -> Element:
    """Make one paragraph."""
    return {"type": "rich_text_section", "elements": list(elements)}


def bullets(lines: Sequence[Sequence[Element]]) -> Element:
    """Make a list with bullets."""
    return {"type": "rich_text_list", "style": "bullet", "elements": [paragraph(*line) for line in lines]}


def quote(words: str, most: int = 1500) -> Element:
    """Quote what somebody wrote."""
    return {"type": "rich_text_quote", "elements": [text(words, most=most)]}


def rich(*elements: Element) -> Block:
    """Make the block."""
    return {"type": "rich_text", "elements": list(elements)}
