"""The private answer to `/acr untagged` and `/acr old`: what could go, and what stays and why. Nothing is deleted."""

from datetime import datetime

from bot.blocks import rich
from bot.blocks.message import Block, Message, fallback
from bot.blocks.named import tag_count, tag_words
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
    most: int = 20,
) -> Message:
    """Draw a plan for the one who asked; what a rule with a cutoff selects, the oldest first.

    ``propose`` is the value of the button that proposes it (2000 characters at most), None for no button; then
    ``why_not`` says in plain words why there is none. ``note`` (mrkdwn) explains the scope. ``most`` is how many items
    the table shows. ``headline`` stands in the place of the usual one; ``told`` (mrkdwn) goes below the list, and names
    the tags that go.
    """
    headline = headline or _headline(plan)
    blocks: list[Block] = [section(headline), context(_scope(plan), note)]
    items = sorted(plan.items, key=_changed) if plan.rule.before else plan.items
    table, shown = item_table(items, now, most, repositories=_several(plan))
    if table:
        blocks.append(table)
    if rest := len(plan.items) - shown:
        blocks.append(context(f"and {number(rest)} more: a proposal carries the whole list as a CSV file."))
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
    return Message(fallback(headline, note, told, _kept_sentence(plan), _fault_sentence(plan), LOOKING_IS_DRY), blocks)


_UPPER = f"The size is an upper bound. {SHARED_LAYERS}"


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
