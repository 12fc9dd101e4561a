"""Reading the tables of docs/selection.md."""

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "selection.md"


@dataclass(frozen=True)
class Row:
    """One situation as the page tells it."""

    title: str
    loop: str
    purge: str
    janitor: str
    test: str

    @property
    def slug(self) -> str:
        """The name that a test of this row has."""
        return re.sub(r"\W+", "_", self.title.lower())

    @property
    def reasons(self) -> list[str]:
        """The reasons that the last column but one quotes."""
        return re.findall(r"\*([^*]+)\*", re.sub(r"`[^`]*`", "", self.janitor))


def rows() -> list[Row]:
    """Give all situations, in order."""
    return [Row(*cells) for cells in _cells(5)]


def reasons() -> list[tuple[str, ...]]:
    """Give the table of reasons: the word, what people read, what it means."""
    return _cells(3)


def _cells(columns: int) -> list[tuple[str, ...]]:
    """Give the rows of all tables with so many columns, without the heads."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    heads = {number - 1 for number, line in enumerate(lines) if set(line) <= set("|-")}
    found = []
    for number, line in enumerate(lines):
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        if len(cells) == columns and number not in heads and number - 1 not in heads:
            found.append(cells)
    return found
