"""Rich text: the block whose text Slack takes literally. Causes, reasons and what people typed are shown in it."""

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from bot.blocks.message import Block
from bot.blocks.text import is_mention, name, said_plain

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


def worded(words: str, mentions: Sequence[str] = (), *, bold: bool = False, most: int = LINE_MOST) -> list[Element]:
    """Show words as they are, but for those of ``mentions`` that stand in them and are well formed."""
    known = [mention for mention in mentions if is_mention(mention)]
    clipped = said_plain(words, most)
    pieces = re.split("|".join(map(re.escape, known)), clipped) if known else [clipped]
    found = re.findall("|".join(map(re.escape, known)), clipped) if known else []
    elements: list[Element] = []
    for piece, mention in zip_longest(pieces, found):
        if piece:
            elements.append(text(piece, bold=bold, most=most))
        if mention:
            elements.append(_mention(mention))
    return elements


def _mention(mention: str) -> Element:
    if mention.startswith("<!subteam^"):
        return {"type": "usergroup", "usergroup_id": mention[10:-1]}
    if mention.startswith("<#"):
        return {"type": "channel", "channel_id": mention[2:-1]}
    return {"type": "user", "user_id": mention[2:-1]}


def code(words: str, most: int = 256) -> Element:
    """Show a name as code."""
    return {"type": "text", "text": name(words, most), "style": {"code": True}}


def link(label: str, url: str) -> Element:
    """Link some words of ours."""
    return {"type": "link", "url": url, "text": label}


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


def preformatted(words: str) -> Element:
    """Show lines as they are, each character as wide as any other; 3000 characters at most."""
    return {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": words or " "}]}


def rich(*elements: Element) -> Block:
    """Make the block."""
    return {"type": "rich_text", "elements": list(elements)}
