"""The private answer to `/acr manifests REPO`: every manifest by time, as the registry has it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.blocks import rich
from bot.blocks.message import Block, Message, fallback
from bot.blocks.naming import tag_cell, what_it_is
from bot.blocks.paging import PAGE, first_of_page, grid, pager
from bot.blocks.parts import context, section
from bot.blocks.sheet import Sheet, moment, sheet
from bot.blocks.text import age, clip, code, date, name, number, plural, size
from bot.domain.lists import Manifests
from bot.domain.manifest import Kind, Manifest
from bot.domain.reason import short
from bot.janitor.manifests import Listed

_COLUMNS = (
    ("Digest", "left"),
    ("Tags", "left"),
    ("What", "left"),
    ("Size", "right"),
    ("Pushed (UTC)", "left"),
    ("Last changed", "right"),
)
_CSV = (
    "registry",
    "repository",
    "digest",
    "tags",
    "size_bytes",
    "platform",
    "media_type",
    "artifact_type",
    "created",
    "updated",
    "delete_enabled",
    "write_enabled",
)
_TAGS_MOST = 3
_TAG_MOST = 48
_TAGS_LINE = 110


def manifests(found: Listed, request: Manifests, *, now: datetime, start: int = 0) -> Message:
    """Draw the page with the row ``start`` for the one who asked."""
    ordered = _ordered(found, oldest=request.oldest)
    start = first_of_page(start, len(ordered))
    headline = _headline(found)
    blocks: list[Block] = [section(headline), context(_scope(found, oldest=request.oldest))]
    if found.fault:
        blocks.append(
            rich.rich(rich.paragraph(rich.text("Not all of it is here: ", bold=True), rich.text(found.fault)))
        )
    page = ordered[start : start + PAGE]
    if page:
        blocks.append(grid(_COLUMNS, [_row(manifest, now) for manifest in page]))
        registry = f" --registry {request.registry}" if request.registry else ""
        line = f"/acr explain {found.repository}@{short(page[0].digest)}{registry}"
        blocks.append(context(f"Why one of them is kept or could go: {code(line, 500)}"))
    blocks += pager(str(request), start, len(ordered))
    return Message(fallback(headline, _first(ordered, now)), blocks)


def manifests_csv(found: Listed, *, oldest: bool) -> Sheet:
    """Write all of them, in the order of the list. Tags are parted by spaces, which no tag can hold."""
    rows = [
        [
            found.registry,
            found.repository,
            manifest.digest,
            " ".join(manifest.tags),
            str(manifest.size),
            manifest.platform,
            manifest.media_type,
            manifest.artifact_type,
            moment(manifest.created),
            moment(manifest.updated),
            str(manifest.locks.delete_enabled).lower(),
            str(manifest.locks.write_enabled).lower(),
        ]
        for manifest in _ordered(found, oldest=oldest)
    ]
    return sheet("manifests", _CSV, rows, f"{plural(len(rows), 'manifest')} of {code(found.repository)}.")


def _ordered(found: Listed, *, oldest: bool) -> Sequence[Manifest]:
    return found.manifests[::-1] if oldest else found.manifests


def _headline(found: Listed) -> str:
    where = code(found.repository)
    if not found.manifests:
        return f"*{where} has no manifests.*"
    tags = len({tag for manifest in found.manifests for tag in manifest.tags})
    untagged = sum(not manifest.tags for manifest in found.manifests)
    total = sum(manifest.size for manifest in found.manifests if manifest.kind is not Kind.INDEX)
    figures = ", ".join([plural(tags, "tag"), f"{number(untagged)} untagged", f"up to {size(total)}"])
    return f"*{plural(len(found.manifests), 'manifest')}* in {where}: {figures}."


def _scope(found: Listed, *, oldest: bool) -> str:
    order = "The one that changed longest ago first" if oldest else "The one that changed last first"
    locked = [] if found.locks.write_enabled else ["the whole repository is locked"]
    return " · ".join([f"Registry {code(found.registry, 100)}", order, *locked, f"seen {date(found.taken)}"])


def _row(manifest: Manifest, now: datetime) -> list[str]:
    return [
        name(short(manifest.digest), 16),
        _tags(manifest),
        what_it_is(manifest) + (" (locked)" if manifest.locks.forbid_delete else ""),
        "(its parts)" if manifest.kind is Kind.INDEX else size(manifest.size),
        manifest.created.astimezone(UTC).strftime("%Y-%m-%d %H:%M"),
        f"{age(manifest.changed, now)} ago",
    ]


def _tags(manifest: Manifest) -> str:
    shown = [tag_cell(tag, _TAG_MOST) for tag in manifest.tags[:_TAGS_MOST]]
    rest = len(manifest.tags) - len(shown)
    return clip(", ".join(shown), _TAGS_LINE) + (f" and {number(rest)} more" if rest else "")


def _first(ordered: Sequence[Manifest], now: datetime) -> str:
    if not ordered:
        return ""
    first = ordered[0]
    tags = f" ({code(_tags(first), 200)})" if first.tags else ""
    return f"The first is {code(short(first.digest), 16)}{tags}, changed {age(first.changed, now)} ago."
