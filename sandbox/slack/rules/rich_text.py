"""The rules on rich text."""

from typing import Any

from sandbox.slack.rules.faults import Faults, kind_of

LONGEST = 3000  # characters in one piece; not documented for rich text, so the bound of text objects
LIST_STYLES = ("bullet", "ordered")

# What each inline piece must and may have, beside `type` and `style`.
PIECES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "broadcast": (("range",), ()),
    "channel": (("channel_id",), ()),
    "color": (("value",), ()),
    "date": (("timestamp", "format"), ("url", "fallback")),
    "emoji": (("name",), ("skin_tone", "unicode")),
    "link": (("url",), ("text", "unsafe")),
    "team": (("team_id",), ()),
    "text": (("text",), ()),
    "user": (("user_id",), ()),
    "usergroup": (("usergroup_id",), ()),
}
PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "rich_text_list": (("elements", "style"), ("indent", "offset", "border")),
    "rich_text_preformatted": (("elements",), ("border", "language")),
    "rich_text_quote": (("elements",), ("border",)),
    "rich_text_section": (("elements",), ()),
}


def check_rich_text(faults: Faults, pointer: str, block: Any, optional: tuple[str, ...] = ("block_id",)) -> None:
    """Check a rich_text block, or a table's cell of that type."""
    if not faults.object(pointer, block, ("type", "elements"), optional):
        return
    if block.get("type") != "rich_text":
        faults.add(f"{pointer}/type", "must be rich_text")
    for index, part in enumerate(faults.items(f"{pointer}/elements", block.get("elements"), 10_000, 0)):
        _part(faults, f"{pointer}/elements/{index}", part)


def length(block: Any) -> int:
    """Count the characters that a rich text shows."""
    if isinstance(block, dict):
        own = block.get("text", "")
        return (len(own) if isinstance(own, str) else 0) + length(block.get("elements"))
    return sum(length(part) for part in block) if isinstance(block, list) else 0


def _part(faults: Faults, pointer: str, part: Any) -> None:
    kind = kind_of(part)
    if kind not in PARTS:
        faults.add(f"{pointer}/type", f"unsupported rich text element: {kind}")
        return
    required, optional = PARTS[kind]
    faults.object(pointer, part, ("type", *required), optional)
    if kind == "rich_text_list":
        faults.one_of(f"{pointer}/style", part.get("style"), LIST_STYLES)
    for index, piece in enumerate(faults.items(f"{pointer}/elements", part.get("elements"), 10_000, 0)):
        at = f"{pointer}/elements/{index}"
        if kind != "rich_text_list":
            _piece(faults, at, piece)
        elif kind_of(piece) == "rich_text_section":
            _part(faults, at, piece)
        else:
            faults.add(f"{at}/type", "a list holds rich_text_section elements only")


def _piece(faults: Faults, pointer: str, piece: Any) -> None:
    kind = kind_of(piece)
    if kind not in PIECES:
        faults.add(f"{pointer}/type", f"unsupported rich text element: {kind}")
        return
    required, optional = PIECES[kind]
    faults.object(pointer, piece, ("type", *required), (*optional, "style"))
    faults.strings(pointer, piece, text=LONGEST, url=LONGEST)
