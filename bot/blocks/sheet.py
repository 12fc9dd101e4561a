"""CSV as every file of the app has it: RFC 4180 in UTF-8, with a header; times are ISO 8601 in UTC.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` (or with a tab or a line break before it) for a
formula. Such a cell gets one apostrophe before it, and so does one that begins with an apostrophe already. So nothing
is lost: a reader that takes one leading apostrophe away has what the registry said. A number of the app itself, such as
a negative change, is no such cell.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

_DEFUSED = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list as a file, for whoever asked for all of it, and the comment in mrkdwn that introduces it."""

    name: str
    content: bytes
    comment: str


def sheet(subject: str, columns: Sequence[str], rows: Iterable[Sequence[str | int]], comment: str) -> Sheet:
    """Make a sheet; ``subject`` is a word for its name."""
    return Sheet(f"acr-janitor-{subject}.csv", write(columns, rows), comment)


def write(columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """Write the columns' names, then the rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([defused(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    # Half a surrogate pair, which JSON can carry and UTF-8 can't, is written as its escape.
    return text.getvalue().encode("utf-8", "backslashreplace")


def defused(cell: str) -> str:
    """Keep a spreadsheet from running a cell; see the module's text for how to undo it."""
    return f"'{cell}" if cell.startswith(_DEFUSED) else cell


def moment(when: datetime | None) -> str:
    """Write a time, nothing for none."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if when else ""
