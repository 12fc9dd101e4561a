"""Collecting what is wrong with a payload, in Slack's own words, and the checks that all rules share."""

from collections.abc import Iterable
from typing import Any, Literal

Surface = Literal["message", "modal", "home"]
TEXT_TYPES = ("plain_text", "mrkdwn")


def kind_of(value: Any) -> str:
    """Return the `type` that a block or element claims, "" where it claims none."""
    kind = value.get("type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else ""


class Faults:
    """What was found wrong so far, and what has to be counted over a whole message or view.

    A line reads as in Slack's `response_metadata.messages`, `[ERROR] must be less than 3001 characters
    [json-pointer:/blocks/0/text/text]` (seen in yonicd/slackreprex issue 3).
    """

    def __init__(self, surface: Surface, *, newer_blocks: bool = True) -> None:
        self.surface = surface
        self.newer_blocks = newer_blocks
        self.lines: list[str] = []
        self.block_ids: set[str] = set()
        self.task_ids: set[str] = set()
        self.focused = 0
        self.tables = 0
        self.plans = 0
        self.charts = 0
        self.characters: dict[str, int] = {}

    def add(self, pointer: str, what: str) -> None:
        """Note one fault at a place."""
        self.lines.append(f"[ERROR] {what} [json-pointer:{pointer}]")

    def count(self, what: str, characters: int) -> int:
        """Add to the characters of a kind in this message, and return their number so far."""
        self.characters[what] = self.characters.get(what, 0) + characters
        return self.characters[what]

    def object(self, pointer: str, value: Any, required: Iterable[str] = (), optional: Iterable[str] = ()) -> bool:
        """Check that a value is an object with these fields and no others; say whether to look further."""
        if not isinstance(value, dict):
            self.add(pointer, "must be an object")
            return False
        required = set(required)
        for name in sorted(required - value.keys()):
            self.add(pointer, f"missing required field: {name}")
        for name in sorted(value.keys() - required - set(optional)):
            self.add(f"{pointer}/{name}", f"invalid additional property: {name}")
        return True

    def items(self, pointer: str, value: Any, most: int, least: int = 1) -> list[Any]:
        """Check that a value is a list of so many items, and return it (empty when it is none)."""
        if not isinstance(value, list):
            self.add(pointer, "must be an array")
            return []
        if len(value) > most:
            self.add(pointer, f"no more than {most} items allowed")
        if len(value) < least:
            self.add(pointer, f"no fewer than {least} items allowed")
        return value

    def string(self, pointer: str, value: Any, longest: int, least: int = 1) -> None:
        """Check that a value is text of a length."""
        if not isinstance(value, str):
            self.add(pointer, "must be a string")
        elif len(value) > longest:
            self.add(pointer, f"must be less than {longest + 1} characters")
        elif len(value) < least:
            self.add(pointer, f"must be more than {least - 1} characters")

    def strings(self, pointer: str, value: dict[str, Any], /, **longest: int) -> None:
        """Check those fields of an object that are there, each against its length."""
        for name, limit in longest.items():
            if name in value:
                self.string(f"{pointer}/{name}", value[name], limit)

    def one_of(self, pointer: str, value: Any, allowed: Iterable[Any]) -> None:
        """Check that a value is one of a few."""
        allowed = list(allowed)
        if value not in allowed:
            self.add(pointer, f"must be one of: {', '.join(str(item) for item in allowed)}")

    def flags(self, pointer: str, value: dict[str, Any], *names: str) -> None:
        """Check that those fields that are there are true or false."""
        for name in names:
            if name in value and not isinstance(value[name], bool):
                self.add(f"{pointer}/{name}", "must be a boolean")

    def text(self, pointer: str, value: Any, longest: int, *, plain: bool = False) -> None:
        """Check a text object: its type, its length, and that `emoji` and `verbatim` are where they belong."""
        if not isinstance(value, dict):
            self.add(pointer, "must be an object")
            return
        kind = value.get("type")
        if kind not in TEXT_TYPES or (plain and kind != "plain_text"):
            self.add(f"{pointer}/type", "must be plain_text" if plain else "must be plain_text or mrkdwn")
        own = "emoji" if kind == "plain_text" else "verbatim"
        self.object(pointer, value, ("type", "text"), (own,))
        self.flags(pointer, value, own)
        if "text" in value:
            self.string(f"{pointer}/text", value["text"], longest)
