"""A table of items, within Slack's limits: 100 rows with the header, 20 columns, 10,000 characters in all."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.blocks.message import Block
from bot.blocks.naming import ATTESTED, tag_cell
from bot.blocks.text import age, clip, name, size
from bot.domain.manifest import Kind, kind_of
from bot.domain.plan import Action, Item
from bot.domain.reason import Why, headline, short

ROWS_MOST = 100
CHARACTERS_MOST = 9500

_NOTHING = "-"  # Slack refuses an empty cell
_WRAPPED = "Why"  # the only column with sentences in it


def item_table(
    items: Sequence[Item],
    now: datetime,
    most: int,
    *,
    repositories: bool = False,
    of: Sequence[Item] = (),
) -> tuple[Block | None, int]:
    """Draw the first items, at most ``most``; give the block and how many it shows, None and 0 for no items.

    The column of tags is there only where an item has some, that of repositories where it is asked for; ``of`` are the
    items that this goes by, where more than those shown decide. An index's size is that of its parts, which have their
    own rows: its cell says so instead of counting twice.
    """
    columns = _columns(of or items[:most], now, repositories=repositories)
    rows = [[title for title, _, _ in columns]]
    room = CHARACTERS_MOST - sum(map(len, rows[0]))
    for item in items[: min(most, ROWS_MOST - 1)]:
        row = [cell(item) or _NOTHING for _, _, cell in columns]
        room -= sum(map(len, row))
        if room < 0:
            break
        rows.append(row)
    if len(rows) == 1:
        return None, 0
    table: Block = {
        "type": "table",
        "column_settings": [{"align": align, "is_wrapped": title == _WRAPPED} for title, align, _ in columns],
        "rows": [[{"type": "raw_text", "text": text} for text in row] for row in rows],
    }
    return table, len(rows) - 1


def _tags(item: Item) -> str:
    """Name all tags that go: the one that is removed, or all those of a manifest."""
    if item.tag:
        return name(item.tag, 48)
    return clip(", ".join(tag_cell(tag, 32) for tag in item.tags[:8]), 48)


def _why(item: Item) -> str:
    # Beside the column of ages, its time would say the same once more, on a second line of each row.
    return headline(item.why) if item.why is Why.OLD else name(item.reason, 64)


def _platform(item: Item) -> str:
    if item.platform == ATTESTED:
        return "attestation"
    return name(item.platform, 32) if item.platform else ""


def _size(item: Item) -> str:
    if item.action is not Action.DELETE:
        return ""  # nothing of it is freed
    return "(its parts)" if kind_of(item.media_type) is Kind.INDEX else size(item.size)


_Column = tuple[str, str, Callable[[Item], str]]


def _columns(items: Sequence[Item], now: datetime, *, repositories: bool) -> list[_Column]:
    columns: list[_Column] = []
    if repositories:
        columns.append(("Repository", "left", lambda item: name(item.repository, 48)))
    columns.append(("Digest", "left", lambda item: name(short(item.digest), 16)))
    if len({item.action for item in items}) > 1:
        columns.insert(0, ("To do", "left", lambda item: item.action.value))
    if any(item.tags for item in items):
        columns.append(("Tags", "left", _tags))
    # Where a whole repository goes, that is why each of it does.
    why: list[_Column] = [(_WRAPPED, "left", _why)]
    return [
        *columns,
        ("Age", "right", lambda item: age(max(item.created, item.updated), now)),
        ("Size", "right", _size),
        ("Platform", "left", _platform),
        *(why if any(item.why is not Why.WHOLE for item in items) else []),
    ]
