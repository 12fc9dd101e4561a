"""A list as a CSV file, for whoever asked for all of it. The form is that of ``files``."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.blocks.files import defused


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file, and the comment in mrkdwn that introduces it."""

    name: str
    content: bytes
    comment: str


def sheet(subject: str, columns: Sequence[str], rows: Iterable[Sequence[str]], comment: str) -> Sheet:
    """Write a sheet; ``subject`` is a word for its name."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([defused(cell) for cell in row] for row in rows)
    # Half a surrogate pair, which JSON can carry and UTF-8 can't, is written as its escape.
    return Sheet(f"acr-janitor-{subject}.csv", text.getvalue().encode("utf-8", "backslashreplace"), comment)


def moment(when: datetime | None) -> str:
    """Write a time in ISO 8601 and UTC, nothing for none."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if when else ""
