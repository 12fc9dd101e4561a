"""All that a look has judged as a file: what could go and what stays, each with its reason."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot.blocks.doing import all_things
from bot.blocks.files import PLAN_COLUMNS, step_cells
from bot.blocks.listing import in_order
from bot.blocks.sheet import Sheet, sheet
from bot.blocks.text import code, date, join, plural
from bot.domain.plan import Item, Plan, count_actions, item_of
from bot.domain.stay import Stay

_COLUMNS = (*PLAN_COLUMNS, "age_days")
_DAY = 86400


def listing_csv(plan: Plan, stays: Sequence[Stay], *, changed: str = "") -> Sheet:
    """Write what could go in the order of the list, then what stays, as the registry lists it.

    The columns are those of a plan's file, with the age in whole days when it was looked at. ``action`` is what would
    be done, or keep, or gone for what is not there any more. ``changed`` (mrkdwn): how it differs from what was seen.
    """
    rows = ([*cells, _days(item, plan.taken)] for item, cells in _rows(plan, stays))
    return sheet("listing", _COLUMNS, rows, " ".join(filter(None, (_comment(plan, stays), changed))))


def _rows(plan: Plan, stays: Iterable[Stay]) -> Iterator[tuple[Item, list[str]]]:
    for item in in_order(plan):
        yield item, step_cells(item, plan.registry, item.action.value)
    for stay in stays:
        item = replace(item_of(stay.repository, stay.verdict), tag=stay.tag)
        yield item, step_cells(item, plan.registry, stay.word)


def _days(item: Item, now: datetime) -> str:
    return str(max(0, int((now - item.changed).total_seconds()) // _DAY))


def _comment(plan: Plan, stays: Sequence[Stay]) -> str:
    goes = all_things(count_actions(plan.items), plan.rule) or "nothing"
    kept = [stay for stay in stays if stay.word == "keep"]
    tags = sum(bool(stay.tag) for stay in kept)
    staying = [plural(count, what) for count, what in ((tags, "tag"), (len(kept) - tags, "manifest")) if count]
    rest = f", and {join(staying)} kept, each with its reason" if staying else ""
    listed = {stay.repository for stay in stays}
    missing = [code(repository, 120) for repository in plan.faults if repository not in listed]
    unread = f" Not in it, since not everything in it could be read: {join(missing)}." if missing else ""
    return f"In {code(plan.target)}, as of {date(plan.taken)}: {goes} that could go{rest}.{unread}"
