"""A small tree in characters: what each line is about on the left, what is said of it in a column on the right."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.blocks.text import clip, number

_LEFT_MOST = 50
_RIGHT_MOST = 48  # together what a line of code has room for on a laptop's screen
_LEVELS_MOST = 8
_CHARACTERS_MOST = 2900  # one piece of rich text has 3000 at most


@dataclass(frozen=True, slots=True)
class Line:
    """A line with those that hang from it. No text may hold line breaks or what can't be seen."""

    left: str
    right: str = ""
    below: tuple["Line", ...] = ()


def drawn(root: Line) -> str:
    """Draw a tree, 2900 characters at most. What is too long for its column is cut, and so is what is too deep."""
    rows = [(left, line.right) for left, line in _rows(root)]
    width = min(_LEFT_MOST, max(len(left) for left, _ in rows))
    lines = [f"{clip(left, width):{width}}  {clip(right, _RIGHT_MOST)}".rstrip() for left, right in rows]
    return _fitting(lines)


def _rows(root: Line) -> Iterator[tuple[str, Line]]:
    yield root.left, root
    yield from _below(root.below, "", _LEVELS_MOST)


def _below(lines: Sequence[Line], indent: str, levels: int) -> Iterator[tuple[str, Line]]:
    if lines and not levels:
        yield f"{indent}└─ …", Line("")
        return
    for line in lines:
        last = line is lines[-1]
        yield f"{indent}{'└─' if last else '├─'} {line.left}", line
        yield from _below(line.below, f"{indent}{'   ' if last else '│  '}", levels - 1)


def _fitting(lines: Sequence[str]) -> str:
    room = _CHARACTERS_MOST
    for position, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            # The last line that fits makes room for this note.
            shown = max(0, position - 1)
            return "\n".join([*lines[:shown], f"… and {number(len(lines) - shown)} lines more"])
    return "\n".join(lines)
