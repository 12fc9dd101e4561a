"""Long lists in pages: the table of one page, the buttons that turn it, and the one that sends all of it as CSV."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks.message import Block
from bot.blocks.parts import actions, button, context
from bot.blocks.text import number
from bot.errors import BadInputError

# A page's table keeps to 9500 characters when no row has more than PAGE_ROW_MOST.
PAGE = 25
ROW_MOST = 370

# Two buttons of one block may not share an id.
BACK, NEXT, CSV = "page.back", "page.next", "csv"
# Those of what could go, whose buttons stand for a whole request.
PLAN_BACK, PLAN_NEXT, PLAN_CSV = "plan.back", "plan.next", "plan.csv"

_NOTHING = "-"  # Slack refuses an empty cell

Cell = str | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """What a button stands for: the command that it belongs to, and the position of the first row to show."""

    line: str
    start: int = 0

    def value(self) -> str:
        """Give the form that a button carries."""
        return json.dumps({"line": self.line, "at": self.start}, separators=(",", ":"), ensure_ascii=False)


def parse_turn(value: str) -> Turn:
    """Read what ``Turn.value`` gave. Raises BadInputError on anything else."""
    try:
        match json.loads(value):
            case {"line": str(line), "at": int(start)} if start >= 0:
                return Turn(line, start)
    except (ValueError, RecursionError):
        pass
    raise BadInputError("This button is from another version of the app.", expected="Run the command again.")


def first_of_page(start: int, total: int, page: int = PAGE) -> int:
    """Give the first row of a page that there is: lists get shorter between two clicks."""
    return min(start, max(0, total - 1)) // page * page


def pager(line: str, start: int, total: int, *, page: int = PAGE, csv: bool = True) -> list[Block]:
    """Give the blocks below a table that shows the page that begins at ``start``; ``line`` is the command."""
    ids = (BACK, NEXT, CSV if csv else "")
    return turning(lambda first: Turn(line, first).value(), start, total, page=page, ids=ids)


def turning(
    value: Callable[[int], str], start: int, total: int, *, page: int, ids: tuple[str, str, str]
) -> list[Block]:
    """Give the blocks that ``pager`` gives, for buttons of another kind.

    ``value`` gives what a button carries that shows the page with a row; ``ids`` are the buttons' own, an empty one for
    no such button.
    """
    back, following, csv = ids
    buttons = []
    if start > 0:
        buttons.append(button("Previous", back, value(max(0, start - page))))
    if start + page < total:
        buttons.append(button("Next", following, value(start + page)))
    if csv and total:
        buttons.append(button("All as CSV", csv, value(start)))
    blocks: list[Block] = []
    if total > page:
        blocks.append(context(f"{number(start + 1)} to {number(min(total, start + page))} of {number(total)}"))
    return [*blocks, actions(*buttons)] if buttons else blocks


def grid(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Cell]]) -> Block:
    """Make a table of columns (title and alignment) and rows. The caller bounds both the rows and their length."""
    head = [_cell(title) for title, _ in columns]
    return {
        "type": "table",
        "column_settings": [{"align": align} for _, align in columns],
        "rows": [head, *([_cell(cell) for cell in row] for row in rows)],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {"type": "raw_text", "text": cell or _NOTHING} if isinstance(cell, str) else cell
