"""Deleting a whole repository: the private answer to `/acr delete REPO`, and the words that its card shares."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from bot.blocks import rich
from bot.blocks.listing import LOOKING_IS_DRY, PROPOSE, item_page
from bot.blocks.message import Block, Message, fallback
from bot.blocks.named import tag_count, tag_words
from bot.blocks.naming import tag_list, what_it_is
from bot.blocks.parts import actions, button, context, section
from bot.blocks.text import code, date, join, name, number, plural, size
from bot.blocks.wording import SHARED_LAYERS, fault_list, kept
from bot.domain.plan import Item, Plan, Staying
from bot.domain.reason import Verdict, Why, short
from bot.domain.rule import Rule

_STAY_MOST = 8

WARNING = (
    "Everything in this repository goes, and deleted data can't be recovered. Whoever pulls from it, by tag or by "
    "digest, gets an error."
)


def whole_repository(
    plan: Plan,
    stays: Sequence[Verdict],
    *,
    now: datetime,
    propose: str | None,
    why_not: str = "",
    changed: str = "",
    start: int = 0,
    page: Callable[[int], str] | None = None,
) -> Message:
    """Draw for the one who asked what is in a repository that is to go as a whole, and what of it would stay.

    ``stays``: what can't go. ``propose`` is the value of the button that proposes it (2000 characters at most), None
    for no button; then ``why_not`` says in plain words why there is none. ``changed``, ``start`` and ``page`` are as in
    ``listing``.
    """
    scope = context(f"Registry {code(plan.registry, 100)} · seen {date(plan.taken)}. {LOOKING_IS_DRY}")
    if not plan.items:
        return _refusal(plan, stays, scope)
    warning = f":rotating_light: *{WARNING}*"
    headline = _headline(plan)
    blocks: list[Block] = [section(headline), *([section(changed)] if changed else [])]
    if plan.staying is not None:
        warning = f":warning: *{_SOME}*"
        blocks += [_staying(plan.staying, plan.rule), *_those(stays)]
    blocks.append(section(warning))
    if guarded := guarded_words(plan.items, plan.rule):
        blocks.append(section(guarded))
    items = newest_first(plan.items)
    blocks += item_page(items, now, start, page)
    if tags := tag_words(items, plan.target):
        blocks.append(section(f"*{plural(tag_count(items), 'tag goes', 'tags go')} with them:* {tags}."))
    blocks.append(scope)
    if plan.upper_bytes:
        blocks.append(context(f"The size is an upper bound. {SHARED_LAYERS}"))
    if propose is not None:
        blocks.append(actions(button("Propose deletion", PROPOSE, propose)))
        blocks.append(
            context(
                "This puts a card into the channel. Nothing is deleted before somebody approves it and types the name "
                "of the repository. What is pushed after you have proposed it stays, and the repository with it."
            )
        )
    elif why_not:
        blocks.append(rich.rich(rich.paragraph(rich.text("Can't be proposed: ", bold=True), rich.text(why_not))))
    stay = f"{_stay(plan.staying)}." if plan.staying else ""
    return Message(fallback(headline, changed, stay, warning, guarded, LOOKING_IS_DRY), blocks)


_SOME = "Deleted data can't be recovered. What stays is whole: all that it needs stays with it."


def of_all(items: int, staying: Staying) -> str:
    """``46 of 48 manifests``."""
    return f"{number(items)} of {plural(items + staying.count, 'manifest')}"


def staying_words(staying: Staying, rule: Rule) -> str:
    """Say in plain text what stays and why: ``1 locked and 2 changed within the grace time (24 h)``."""
    reasons = sorted(staying.by_reason.items(), key=lambda pair: (-pair[1], pair[0].value))
    return join([f"{number(count)} {kept(why, rule)}" for why, count in reasons], len(reasons))


def guarded_words(items: Iterable[Item], rule: Rule) -> str:
    """Warn in mrkdwn where the settings keep some of this from every rule; empty where they don't."""
    protection = rule.protection
    tags = [tag for item in items for tag in item.tags if protection.pattern_for([tag])]
    said = []
    if tags:
        patterns = [code(each, 80) for each in dict.fromkeys(protection.pattern_for([tag]) for tag in tags)]
        said.append(
            f"*The settings protect {plural(len(tags), 'tag')} of it* ({code('keep_tags', 20)}: {join(patterns)})"
        )
    repositories = {item.repository for item in items}
    whole = dict.fromkeys(filter(None, map(protection.pattern_for_repository, sorted(repositories))))
    said += [f"*The settings protect it* ({code('keep_repositories', 20)}: {code(each, 80)})" for each in whole]
    if not said:
        return ""
    return f":warning: {join(said)}: no clean-up would select that. It can go only since the repository is named here."


def newest_first(items: Iterable[Item]) -> list[Item]:
    """Order items so that what was touched last, and may still be in use, is seen."""
    return sorted(items, key=lambda item: (item.changed, item.position), reverse=True)


def _headline(plan: Plan) -> str:
    tags = tag_count(plan.items)
    more = (f", {plural(tags, 'tag')}" if tags else "") + (
        f", up to *{size(plan.upper_bytes)}*" if plan.upper_bytes else ""
    )
    if plan.staying is None:
        what = plural(len(plan.items), "manifest")
        return f":wastebasket: *The whole repository could go:* {code(plan.target)}, {what}{more}."
    of = of_all(len(plan.items), plan.staying)
    return f":warning: *Not all of* {code(plan.target)} *can go:* {of}{more} could."


def _stay(staying: Staying) -> str:
    return f"{plural(staying.count, 'manifest stays', 'manifests stay')}, and so does the repository"


def _staying(staying: Staying, rule: Rule) -> Block:
    return rich.rich(
        rich.paragraph(rich.text(f"{_stay(staying)}: ", bold=True), rich.text(f"{staying_words(staying, rule)}."))
    )


def _those(stays: Sequence[Verdict]) -> list[Block]:
    """Name the first of what stays, each with its reason."""
    lines = []
    for verdict in stays[:_STAY_MOST]:
        manifest = verdict.manifest
        what = ", ".join(filter(None, (what_it_is(manifest), tag_list(manifest, 60))))
        named = [rich.code(name(short(manifest.digest), 16)), rich.text(f" ({what})") if what else rich.text("")]
        lines.append([*named, rich.text(f": {verdict.reason}")])
    if len(stays) > _STAY_MOST:
        lines.append([rich.text(f"and {number(len(stays) - _STAY_MOST)} more")])
    return [rich.rich(rich.bullets(lines))] if lines else []


def _refusal(plan: Plan, stays: Sequence[Verdict], scope: Block) -> Message:
    if not plan.manifests:
        headline = f"*Nothing to delete:* {code(plan.target)} has no manifests."
        return Message(fallback(headline, LOOKING_IS_DRY), [section(headline), scope])
    headline = f":no_entry: *This can't be deleted:* the repository {code(plan.target)}."
    blocks: list[Block] = [section(headline)]
    if plan.faults:
        blocks.append(fault_list("Not everything in it could be read, so it stays as it is:", plan.faults))
        return Message(fallback(headline, "Not everything in it could be read.", LOOKING_IS_DRY), [*blocks, scope])
    why = "Nothing in it can go now."
    if all(verdict.reason.why is Why.LOCKED and "whole" in verdict.reason.detail for verdict in stays):
        unlock = code(f"/acr unlock {plan.target}", 300)
        why = f"The whole repository is locked. {unlock} proposes to lift that lock, and somebody else approves."
        blocks.append(section(why))
    elif plan.staying is not None:
        blocks += [_staying(plan.staying, plan.rule), *_those(stays)]
    return Message(fallback(headline, why, LOOKING_IS_DRY), [*blocks, scope])
