"""A card while it is open: exactly what would be deleted, who asks, who may decide, until when."""

from bot.blocks import doing
from bot.blocks.card_view import View
from bot.blocks.hold import held_words
from bot.blocks.message import Block, fallback
from bot.blocks.named import all_of, names_of, protected, tag_count, tag_words
from bot.blocks.one import about_one
from bot.blocks.parts import actions, button, confirm, context, fields, section
from bot.blocks.replaced import replaces_words
from bot.blocks.revising import revised_words
from bot.blocks.share import share_words
from bot.blocks.table import item_table
from bot.blocks.text import code, date, mention, name, number, plural, said
from bot.blocks.voting import need_words, votes_words
from bot.blocks.whole import WARNING, guarded_words, newest_first, staying_words
from bot.blocks.wording import criteria, fault_list
from bot.domain.plan import Action, Item
from bot.domain.proposal import Proposal
from bot.domain.rule import Rule

_PREVIEW_MOST = 10
_YES_MOST = 30  # Slack's limit for the button of a dialog
_SHORT = {
    Action.DELETE: "Deleted data can't be recovered; pulls by digest will fail.",
    Action.UNTAG: "Pulls by tag will fail; the manifests stay.",
    Action.UNLOCK: "It can then be overwritten and deleted.",
}
_AGAIN = "All is checked again right before it is deleted: what {} locked or referenced by then is skipped."
_AGAIN_TAGS = "All is checked again right before it is removed: a tag that was moved or locked by then is skipped."
_AGAIN_LOCK = "It is looked at again right before: a tag that has moved by then is skipped."


def question(view: View, buttons: Block) -> tuple[str, list[Block]]:
    """Draw the question: its text and its blocks."""
    proposal = view.proposal
    may = need_words(view.needs, requester_too=view.allow_self and Action.UNLOCK not in view.actions)
    given = votes_words(view.needs, view.votes)
    until = date(proposal.expires)
    gone = [record.item for record in view.preview if record.item.action is Action.DELETE]
    tags = tag_words(gone, proposal.target)
    warning, emoji = doing.warnings(view.actions, "tag or digest" if tags else "digest"), "warning"
    if proposal.rule.whole and proposal.staying is None:
        warning, emoji = WARNING, "rotating_light"
    guarded = guarded_words(gone, proposal.rule) if proposal.rule.whole else ""
    stays = _staying(view)
    share = share_words(proposal.share)
    again = _AGAIN.format("has other tags, is" if tags else "was tagged,")
    if not view.deletes:
        again = _AGAIN_TAGS if Action.UNTAG in view.actions else _AGAIN_LOCK
    held = held_words(view.held, is_open=True)
    replaces = replaces_words(view.older)
    revised = revised_words(view.revised)
    blocks: list[Block] = [
        section(f"{view.to()}{view.up_to}?"),
        *([section(replaces)] if replaces else []),
        *([section(revised)] if revised else []),
        *([section(_named(view.named, proposal.rule))] if view.named else []),
        *([section(about_one(view.alone, proposal.rule))] if view.alone else []),
        *([section(stays)] if stays else []),
        *([section(guarded)] if guarded else []),
        *([section(share)] if share else []),
        *([section(held)] if held else []),
        fields(
            [
                ("Asked by", view.asked),
                ("Open until", until),
                ("Registry", code(proposal.registry, 100)),
                ("Who may approve", may),
                *([("Approved so far", given)] if given else []),
            ]
        ),
        *_items(view),
        context(f"Selected: {_selected(view)}"),
    ]
    if view.faults:
        blocks.append(fault_list("Not part of this, since not everything in it could be read:", view.faults))
    blocks += [
        section(f":{emoji}: *{warning}* {view.freed}".rstrip()),
        buttons,
        context(_typed(proposal), f"Withdraw is for {mention(proposal.requester)}. {again}"),
    ]
    text = fallback(
        f"{view.to(mark='')}{view.up_to}?",
        replaces,
        revised,
        stays,
        guarded,
        share,
        held,
        protected(view.named, proposal.rule) if view.named else "",
        f"Asked by {mention(proposal.requester)}.",
        f"Who may approve: {may}.",
        f"Approved so far: {given}." if given else "",
        f"Open until {until}.",
        warning,
        "Approve or reject it with the buttons of this message.",
        _typed(proposal),
    )
    return text, blocks


def _selected(view: View) -> str:
    by_hand = view.alone is not None and not view.proposal.rule.tags  # one tag may be all that a pattern has hit
    return "named by hand" if by_hand else " · ".join(criteria(view.proposal.rule))


def buttons(view: View, value: str, action_ids: tuple[str, str, str]) -> Block:
    """Draw the buttons to approve (with its dialog), reject and withdraw; all carry the same value.

    Where something has to be typed to approve, the form for that takes the place of the dialog.
    """
    approve, reject, withdraw = action_ids
    proposal = view.proposal
    count = _count(view)
    dialog = confirm(
        title=f"{count}?",
        text=f"{_scope(view)} on {name(proposal.registry, 40)}{view.up_to}. {_SHORT[_first_of(view)]}",
        yes=count if len(count) <= _YES_MOST else "Do both",
        no="Not now",
        style="danger",
    )
    return actions(
        button("Approve", approve, value, style="danger", confirm=None if proposal.needs_typed else dialog),
        button("Reject", reject, value),
        button("Withdraw", withdraw, value),
    )


def _count(view: View) -> str:
    """``Delete 37 manifests``, ``Remove 3 tags and delete 2 manifests``, in plain text."""
    return doing.capital(doing.deeds(view.actions, Rule(untagged=True, tagged=True)))


def _first_of(view: View) -> Action:
    """Give the action that weighs most."""
    return Action.DELETE if view.deletes else next(iter(view.actions))


def _scope(view: View) -> str:
    """Say in plain text what it is about."""
    if view.alone is not None:
        return name(view.alone.about, 110)
    if view.named is not None:
        return names_of(view.named, name, 40)
    return f"{view.things} in {name(view.proposal.target, 70)}"


def _staying(view: View) -> str:
    staying = view.proposal.staying
    if staying is None:
        return ""
    stays = "stays" if staying.count == 1 else "stay"
    why = said(staying_words(staying, view.proposal.rule), 900)
    return f":information_source: *The repository stays*, since {number(staying.count)} of it {stays}: {why}."


def _typed(proposal: Proposal) -> str:
    """Say what else it takes to approve; empty where a click will do."""
    if not proposal.needs_typed:
        return ""
    since = " What is pushed to it from now on stays." if proposal.rule.whole else ""
    return f"To approve it, type the name of the repository: {code(proposal.needs_typed)}.{since}"


def _named(item: Item, rule: Rule) -> str:
    return "\n".join(filter(None, (all_of(item), protected(item, rule))))


def _items(view: View) -> list[Block]:
    items = [record.item for record in view.preview]
    if view.proposal.rule.whole:
        items = newest_first(items)
    elsewhere = any(item.repository != view.proposal.target for item in items)
    table, shown = item_table(items, view.now, _PREVIEW_MOST, repositories=elsewhere)
    rest = view.proposal.item_count - shown
    whole = "The whole list is in the thread, as a CSV file."
    going_too = [item for item in items if item.action is Action.DELETE]
    tags = "" if view.named else tag_words(going_too, view.proposal.target)
    going = [section(f"*{plural(tag_count(going_too), 'tag goes', 'tags go')} with them:* {tags}.")] if tags else []
    return ([table] if table else []) + going + [context(f"and {number(rest)} more. {whole}" if rest > 0 else whole)]
