"""The private answer to `/acr history [REPO]`: what was done, by whom asked and approved, the latest first."""

from collections import Counter
from collections.abc import Sequence

from bot.blocks import rich
from bot.blocks.message import Block, Message, fallback
from bot.blocks.paging import Cell, grid, pager
from bot.blocks.parts import context, section
from bot.blocks.sheet import Sheet, moment, sheet
from bot.blocks.text import actor, code, is_mention, join, name, plural, size, utc
from bot.domain.lists import ALL, History
from bot.domain.plan import Action
from bot.domain.proposal import Proposal, Record
from bot.janitor.history import Past
from bot.store import Run

_COLUMNS = (
    ("When", "left"),
    ("Repository", "left"),
    ("Done", "left"),
    ("Freed", "right"),
    ("Asked by", "left"),
    ("Approved by", "left"),
    ("Registry", "left"),
)
_CSV = (
    "done_at",
    "registry",
    "repository",
    "digest",
    "tags",
    "size_bytes",
    "counted_bytes",
    "platform",
    "media_type",
    "reason",
    "proposal",
    "asked_by",
    "approved_by",
    "action",
    "tag",
)
_UPPER = "“Up to” counts layers that surviving images share and so stayed. *All as CSV* names each manifest."
_ALL = "*All as CSV* names each tag and each lock."


def history(past: Past, request: History) -> Message:
    """Draw one page for the one who asked."""
    headline = _headline(past, request)
    blocks: list[Block] = [section(headline)]
    if past.runs:
        blocks += [
            grid(_COLUMNS, [_row(run, request) for run in past.runs]),
            context(_UPPER if past.totals.manifests else _ALL),
        ]
    blocks += pager(str(request), past.start, past.totals.runs)
    return Message(fallback(headline, *(_sentence(run, request) for run in past.runs[:5])), blocks)


def history_csv(done: Sequence[tuple[Proposal, Record]]) -> Sheet:
    """Write each manifest that was deleted, each tag that was removed, and each lock that was lifted.

    ``action`` and ``tag`` are as in a plan's file. Times are ISO 8601 in UTC, people are Slack's ids.
    """
    rows = [
        [
            moment(record.at),
            proposal.registry,
            record.item.repository,
            record.item.digest,
            " ".join(record.item.tags),
            str(record.item.size),
            str(record.item.counted_size),
            record.item.platform,
            record.item.media_type,
            record.item.reason,
            proposal.id,
            proposal.requester,
            proposal.decided_by,
            record.item.action.value,
            record.item.tag,
        ]
        for proposal, record in done
    ]
    actions = Counter(record.item.action for _, record in done)
    done_words = told(actions[Action.DELETE], actions[Action.UNTAG], actions[Action.UNLOCK])
    return sheet("history", _CSV, rows, f"{join(done_words) or 'Nothing was done so far'}.")


def _headline(past: Past, request: History) -> str:
    where = "" if request.reference == ALL else f" in {code(request.reference.repository)}"
    totals = past.totals
    if not totals.runs:
        return f"*Nothing was deleted*{where} so far."
    up_to = f", up to *{size(totals.deleted_bytes)}*" if totals.deleted_bytes else ""
    words = join([f"*{what}" for what in told(totals.manifests, totals.tags, totals.locks, mark="*")])
    return f"{words}{where} in {plural(totals.runs, 'run')}{up_to}."


def told(manifests: int, tags: int, locks: int, mark: str = "") -> list[str]:
    """Say ``3 manifests deleted``, ``2 tags removed``, ``1 lock lifted``; ``mark`` goes behind what is counted."""
    counts = ((manifests, "manifest", "deleted"), (tags, "tag", "removed"), (locks, "lock", "lifted"))
    return [f"{plural(count, what)}{mark} {done}" for count, what, done in counts if count]


def _row(run: Run, request: History) -> list[Cell]:
    proposal = run.proposal
    return [
        utc(proposal.finished or proposal.started or proposal.created),
        name(_where(run, request), 100),
        join(told(run.manifests, run.tags, run.locks)),
        _freed(run, request),
        _person(proposal.requester),
        _person(proposal.decided_by),
        name(proposal.registry, 48),
    ]


def _where(run: Run, request: History) -> str:
    return run.proposal.target if request.reference == ALL else request.reference.repository


def _freed(run: Run, request: History) -> str:
    """Give the measure where it is of exactly what is counted here, else the most that it can be.

    Removing a tag or a lock frees nothing.
    """
    if not run.manifests:
        return ""
    proposal = run.proposal
    whole = request.reference == ALL or proposal.target == request.reference.repository
    if whole and run.measured_bytes is not None:
        return size(run.measured_bytes)
    return f"up to {size(run.deleted_bytes)}"


def _person(who: str) -> Cell:
    text = actor(who)
    elements = rich.worded(text, [text]) if is_mention(text) else [rich.text(name(who, 40))]
    return rich.rich(rich.paragraph(*elements))


def _sentence(run: Run, request: History) -> str:
    proposal = run.proposal
    return (
        f"{join(told(run.manifests, run.tags, run.locks))} in {code(_where(run, request), 100)}, asked by "
        f"{actor(proposal.requester)}, approved by {actor(proposal.decided_by)}."
    )
