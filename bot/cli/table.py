"""The result of a scan for people at a terminal: plain text, aligned, with nothing in it that a terminal obeys."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.blocks.naming import short_digest, tags_of, what_it_is
from bot.blocks.text import age, clip, name, number, plural, said_plain, size, utc
from bot.blocks.wording import SHARED_LAYERS, criteria, kept
from bot.cli.verdicts import verdicts, word
from bot.domain.manifest import Kind, Manifest
from bot.domain.plan import Plan
from bot.domain.reason import Verdict
from bot.janitor.scan import Scan

_WORDS = {"goes": "could go", "kept": "kept", "gone": "gone"}


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    cell: Callable[[str, Verdict], str]
    right: bool = False


def table(scan: Scan, plan: Plan, *, everything: bool) -> str:
    """Write a scan: what could go, with ``everything`` the rest as well; then what is kept by reason, and faults."""
    sections = [_head(plan)]
    rows = list(verdicts(scan, everything=everything))
    if rows:
        columns = _columns(scan, everything=everything)
        cells = [[column.cell(*row) for column in columns] for row in rows]
        sections.append(list(_aligned([column.title for column in columns], cells, [c.right for c in columns])))
    if plan.kept:
        counts = sorted(plan.kept.items(), key=lambda pair: (-pair[1], pair[0].value))
        cells = [[number(count), kept(why, plan.rule)] for why, count in counts]
        sections.append(list(_aligned(["KEPT", "WHY"], cells, [True, False])))
    if plan.faults:
        lines = [f"  {name(where)}: {said_plain(fault, 500)}" for where, fault in plan.faults.items()]
        sections.append(["Not cleaned, since not everything in it could be read:", *lines])
    if plan.broken:
        sections.append(_broken(scan))
    note = f" The size is an upper bound. {SHARED_LAYERS}" if plan.upper_bytes else ""
    sections.append([f"Nothing was deleted: this command only reads.{note}"])
    return "\n\n".join("\n".join(lines) for lines in sections) + "\n"


def _head(plan: Plan) -> list[str]:
    several = f" ({plural(len(plan.repositories), 'repository', 'repositories')})" if len(plan.repositories) > 1 else ""
    up_to = f", up to {size(plan.upper_bytes)}" if plan.upper_bytes else ""
    going = f"{number(len(plan.items))} of {plural(plan.manifests, 'manifest')} could go{up_to}"
    asked = criteria(plan.rule, name)
    if plan.rule.tagged and plan.rule.untagged:
        asked.insert(0, "tagged or not")
    return [
        f"{name(plan.registry)}/{name(plan.target)}{several}: {going}",
        f"Asked for: {'; '.join(asked)}. Seen {utc(plan.taken)}.",
    ]


def _columns(scan: Scan, *, everything: bool) -> list[_Column]:
    def changed(_: str, verdict: Verdict) -> str:
        return age(verdict.manifest.changed, scan.taken)

    columns = [
        _Column("DIGEST", lambda _, verdict: short_digest(verdict.manifest.digest)),
        _Column("TAGS", lambda _, verdict: clip(" ".join(map(name, tags_of(verdict.manifest))), 48)),
        _Column("AGE", changed, right=True),
        _Column("SIZE", lambda _, verdict: _size(verdict.manifest), right=True),
        _Column("WHAT", lambda _, verdict: what_it_is(verdict.manifest)),
        _Column("WHY", lambda _, verdict: name(str(verdict.reason), 90)),
    ]
    if everything:
        columns.insert(1, _Column("VERDICT", lambda _, verdict: _WORDS[word(verdict)]))
    if len(scan.repositories) > 1:
        columns.insert(0, _Column("REPOSITORY", lambda repository, _: name(repository)))
    return columns


def _size(manifest: Manifest) -> str:
    return "(its parts)" if manifest.kind is Kind.INDEX else size(manifest.size)


def _aligned(titles: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> Iterator[str]:
    """Lay out columns; one in which nothing stands is left out."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(titles))]
    shown = [column for column, width in enumerate(widths) if width]
    for row in (titles, *rows):
        cells = [
            row[column].rjust(max(widths[column], len(titles[column])))
            if right[column]
            else row[column].ljust(max(widths[column], len(titles[column])))
            for column in shown
        ]
        yield "  ".join(cells).rstrip()


def _broken(scan: Scan) -> list[str]:
    lines = [
        f"  {name(judgement.repository)}@{short_digest(digest)} lacks {', '.join(map(short_digest, missing[:5]))}"
        + (f" and {number(len(missing) - 5)} more" if len(missing) > 5 else "")  # noqa: PLR2004 - as many as shown
        for judgement in scan.judgements
        for digest, missing in judgement.broken.items()
    ]
    return ["Incomplete already, and kept as it is:", *lines]
