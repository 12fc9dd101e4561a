"""The private answer to `/acr untagged` and `/acr old`: what could go, and what stays and why. Nothing is deleted."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.blocks import rich
from bot.blocks.message import Block, Message, fallback
from bot.blocks.named import tag_count, tag_words
from bot.blocks.paging import PAGE, PLAN_BACK, PLAN_CSV, PLAN_NEXT, first_of_page, turning
from bot.blocks.parts import actions, button, context, section
from bot.blocks.table import item_table
from bot.blocks.text import code, date, join, number, plural, said, size
from bot.blocks.wording import SHARED_LAYERS, criteria, fault_list, kept, what
from bot.domain.plan import Action, Item, Plan
from bot.domain.reason import Why

PROPOSE = "propose"

LOOKING_IS_DRY = "Nothing was deleted: looking is always a dry run."

_BROKEN_MOST = 5


def listing(
    plan: Plan,
    *,
    now: datetime,
    propose: str | None,
    why_not: str = "",
    note: str = "",
    headline: str = "",
    told: str = "",
    changed: str = "",
    start: int = 0,
    page: Callable[[int], str] | None = None,
) -> Message:
    """Draw a plan for the one who asked, the page with the item ``start`` of it; all else is the same on each page.

    ``propose`` is the value of the button that proposes it (2000 characters at most), None for no button; then
    ``why_not`` says in plain words why there is none. ``note`` (mrkdwn) explains the scope. ``page`` gives the value of
    a button that turns to the page with an item, and of the one for all as CSV; without it there are no such buttons.
    ``headline`` stands in the place of the usual one; ``told`` (mrkdwn) goes below the list, and names the tags that
    go; ``changed`` (mrkdwn) says how the list differs from what this person saw.
    """
    headline = headline or _headline(plan)
    blocks: list[Block] = [section(headline), context(_scope(plan), note)]
    if changed:
        blocks.append(section(changed))
    items = in_order(plan)
    blocks += item_page(items, now, start, page, repositories=_several(plan))
    if told:
        blocks.append(section(told))
    elif tags := tag_words(items, plan.target):
        blocks.append(section(f"*{plural(tag_count(items), 'tag goes', 'tags go')} with them:* {tags}."))
    blocks += _kept(plan)
    if plan.faults:
        blocks.append(fault_list("Not cleaned, since not everything in it could be read:", plan.faults))
    if plan.broken:
        blocks.append(context(_broken(plan)))
    blocks.append(context(LOOKING_IS_DRY + (f" {_UPPER}" if plan.upper_bytes else "")))
    offered = bool(plan.items) and propose is not None
    if offered and propose is not None:
        blocks.append(
            actions(
                button(
                    "Propose deletion" if any(item.action is Action.DELETE for item in items) else "Propose removal",
                    PROPOSE,
                    propose,
                )
            )
        )
        blocks.append(context("This puts a card into the channel. Nothing is deleted before somebody approves it."))
    elif plan.items and why_not:
        blocks.append(rich.rich(rich.paragraph(rich.text("Can't be proposed: ", bold=True), rich.text(why_not))))
    return Message(
        fallback(headline, changed, note, told, _kept_sentence(plan), _fault_sentence(plan), LOOKING_IS_DRY), blocks
    )


_UPPER = f"The size is an upper bound. {SHARED_LAYERS}"


def in_order(plan: Plan) -> Sequence[Item]:
    """Give what a rule with a cutoff selects the oldest first, anything else in the order in which it would go."""
    return sorted(plan.items, key=_changed) if plan.rule.before else plan.items


def since_seen(plan: Plan, count: int) -> str:
    """Say in mrkdwn that a plan is not the one that somebody saw, which had so many items."""
    now = len(plan.items)
    if now == count:
        how = "as much could go, but not the same"
    else:
        how = f"{number(count - now)} fewer could go" if now < count else f"{number(now - count)} more could go"
    return f":warning: *The registry has changed since you looked:* {how}. This is the list as it is now."


def item_page(
    items: Sequence[Item],
    now: datetime,
    start: int,
    page: Callable[[int], str] | None,
    *,
    repositories: bool = False,
) -> list[Block]:
    """Draw the page with the item ``start``, with the buttons where ``page`` gives what they carry."""
    start = first_of_page(start, len(items))
    # Of all items, so that the columns are the same on each page.
    table, _ = item_table(items[start : start + PAGE], now, PAGE, repositories=repositories, of=items)
    blocks = [table] if table else []
    if page is not None:
        return blocks + turning(page, start, len(items), page=PAGE, ids=(PLAN_BACK, PLAN_NEXT, PLAN_CSV))
    if rest := len(items) - start - PAGE:
        blocks += [context(f"and {number(rest)} more.")] if rest > 0 else []
    return blocks


def _changed(item: Item) -> tuple[datetime, int]:
    return max(item.created, item.updated), item.position


def _several(plan: Plan) -> bool:
    return len(plan.repositories) > 1 or any(item.repository != plan.target for item in plan.items)


def _where(plan: Plan) -> str:
    if len(plan.repositories) > 1:
        return f"{code(plan.target)} ({plural(len(plan.repositories), 'repository', 'repositories')})"
    return code(plan.target)


def _headline(plan: Plan) -> str:
    where = _where(plan)
    if plan.items:
        up_to = f": up to *{size(plan.upper_bytes)}*" if plan.upper_bytes else ""
        return f"*{number(len(plan.items))} of {plural(plan.manifests, 'manifest')}* in {where} could go{up_to}."
    if plan.faults and len(plan.faults) == max(1, len(plan.repositories)):
        return f"*Nothing in {where} can be cleaned now:* not everything in it could be read."
    if not plan.repositories:
        return f"*Nothing to clean:* no repository matches {where}."
    if not plan.manifests:
        return f"*Nothing to clean:* {where} has no manifests."
    stay = "its only manifest stays" if plan.manifests == 1 else f"all {number(plan.manifests)} manifests stay"
    nothing = f"Nothing {what(plan.rule)} to clean".replace("  ", " ")
    return f"*{nothing}* in {where}: {stay}."


def _scope(plan: Plan) -> str:
    return " · ".join([f"Registry {code(plan.registry, 100)}", *criteria(plan.rule), f"seen {date(plan.taken)}"])


def _kept(plan: Plan) -> list[Block]:
    stays = sum(plan.kept.values())
    if not stays:
        return []
    lines = [
        [rich.text(f"{number(count)} ", bold=True), rich.text(kept(why, plan.rule))] for why, count in _most_first(plan)
    ]
    title = f"{plural(stays, 'manifest stays', 'manifests stay')}:"
    return [rich.rich(rich.paragraph(rich.text(title, bold=True)), rich.bullets(lines))]


def _kept_sentence(plan: Plan) -> str:
    reasons = [f"{number(count)} {said(kept(why, plan.rule), 300)}" for why, count in _most_first(plan)]
    return f"{number(sum(plan.kept.values()))} stay: {join(reasons, len(reasons))}." if reasons else ""


def _most_first(plan: Plan) -> list[tuple[Why, int]]:
    return sorted(plan.kept.items(), key=lambda pair: (-pair[1], pair[0].value))


def _fault_sentence(plan: Plan) -> str:
    return f"Not cleaned: {join([code(repository, 120) for repository in plan.faults])}." if plan.faults else ""


def _broken(plan: Plan) -> str:
    count = sum(plan.broken.values())
    where = join([code(repository, 120) for repository in plan.broken], _BROKEN_MOST)
    one = f"multi-arch image in {where} lacks some of its parts"
    many = f"multi-arch images in {where} lack some of their parts"
    return f":warning: {plural(count, one, many)}, and did so before this app came. They are kept as they are."
