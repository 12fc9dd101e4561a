"""The files about a plan: what would be done, what was done, and the verdict on each manifest, as CSV."""

from collections.abc import Iterable

from bot.blocks.doing import actions_of, all_things, only_deletes
from bot.blocks.outcomes import counts
from bot.blocks.revising import revised_words, void_words
from bot.blocks.sheet import moment, write
from bot.blocks.text import code
from bot.domain.plan import Item
from bot.domain.proposal import Proposal, Record, Tally
from bot.domain.revision import Revision

_COLUMNS = (
    "registry",
    "repository",
    "digest",
    "tags",
    "size_bytes",
    "counted_bytes",
    "platform",
    "media_type",
    "created",
    "updated",
    "why",
    "reason",
)
# Behind what was there before, for whoever reads these by position.
PLAN_COLUMNS = (*_COLUMNS, "action", "tag")
VERDICT_COLUMNS = (*_COLUMNS, "verdict")
OUTCOME_COLUMNS = (*PLAN_COLUMNS, "outcome", "detail", "settled_at")


def plan_csv(items: Iterable[Item], *, registry: str) -> bytes:
    """Write what would be done, one line an item in the order in which it would be.

    ``action`` is delete (the manifest with all its ``tags``), untag (``tag`` is removed, nothing else) or unlock.
    Tags are parted by spaces, which no tag can hold. ``size_bytes`` is what ACR says; ``counted_bytes`` is what the
    sums count: an index's size is that of its parts, so it counts as 0. Times are ISO 8601 in UTC.
    """
    return write(PLAN_COLUMNS, (step_cells(item, registry, item.action.value) for item in items))


def verdict_csv(verdicts: Iterable[tuple[Item, str]], *, registry: str) -> bytes:
    """Write the verdict on each manifest: the columns of the plan, then the verdict's word."""
    return write(VERDICT_COLUMNS, ([*_item(item, registry), word] for item, word in verdicts))


def outcome_csv(records: Iterable[Record], *, registry: str) -> bytes:
    """Write what became of each item: the columns of the plan, then outcome, detail and when it was settled."""
    rows = (
        [
            *step_cells(record.item, registry, record.item.action.value),
            record.outcome.value,
            record.detail,
            moment(record.at),
        ]
        for record in records
    )
    return write(OUTCOME_COLUMNS, rows)


def plan_name(proposal_id: str, revision: int = 1) -> str:
    """Name the file that holds the plan: ``acr-janitor-0a1b2c3d4e5f-plan.csv``, ``…-revision-2-plan.csv``."""
    which = f"-revision-{revision}" if revision > 1 else ""
    return f"acr-janitor-{proposal_id}{which}-plan.csv"


def outcome_name(proposal_id: str) -> str:
    """Name the file that holds the outcome."""
    return f"acr-janitor-{proposal_id}-outcome.csv"


def plan_comment(proposal: Proposal, items: Iterable[Item] = (), revision: Revision | None = None) -> str:
    """Introduce the plan's file in the card's thread, in mrkdwn; that of a new ``revision`` with how it came about."""
    whole = "The whole list now" if revision else "The whole list"
    listed = f"{whole}: {all_things(actions_of(proposal, items), proposal.rule)} in {code(proposal.target)}."
    return "\n".join(filter(None, (revised_words(revision), listed, void_words(revision) if revision else "")))


def outcome_comment(proposal: Proposal, tally: Tally) -> str:
    """Introduce the outcome's file in the card's thread, in mrkdwn."""
    each = "manifest" if only_deletes(tally.actions) else "item"
    return f"What became of each {each} in {code(proposal.target)}: {counts(tally)}."


def step_cells(item: Item, registry: str, action: str) -> list[str]:
    """Give a line in the columns of a plan; ``action`` is what is said of what is to be done."""
    return [*_item(item, registry), action, item.tag]


def _item(item: Item, registry: str) -> list[str]:
    return [
        registry,
        item.repository,
        item.digest,
        " ".join(item.tags),
        str(item.size),
        str(item.counted_size),
        item.platform,
        item.media_type,
        moment(item.created),
        moment(item.updated),
        item.why.value,
        item.reason,
    ]
