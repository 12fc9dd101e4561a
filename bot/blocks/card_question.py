"""A card while it is open: exactly what would be deleted, who asks, who may decide, until when."""

from bot.blocks.card_view import View
from bot.blocks.message import Block, fallback
from bot.blocks.named import all_of, names_of, protected, tag_count, tag_words
from bot.blocks.parts import actions, button, confirm, context, fields, section
from bot.blocks.table import item_table
from bot.blocks.text import code, date, mention, name, number, plural
from bot.blocks.wording import approver_words, criteria, fault_list
from bot.domain.plan import Item
from bot.domain.rule import Rule

_PREVIEW_MOST = 10
_WARNING = "Deleted data can't be recovered, and whoever pulls one of these by {} loses it."


def question(view: View, buttons: Block) -> tuple[str, list[Block]]:
    """Draw the question: its text and its blocks."""
    proposal = view.proposal
    may = approver_words(view.approvers, requester_too=view.allow_self)
    until = date(proposal.expires)
    tags = tag_words([record.item for record in view.preview], proposal.target)
    warning = _WARNING.format("tag or digest" if tags else "digest")
    changed = "has other tags, is" if tags else "was tagged,"
    blocks: list[Block] = [
        section(f"{view.to('Delete')}{view.up_to}?"),
        *([section(_named(view.named, proposal.rule))] if view.named else []),
        fields(
            [
                ("Asked by", view.asked),
                ("Open until", until),
                ("Registry", code(proposal.registry, 100)),
                ("Who may approve", may),
            ]
        ),
        *_items(view),
        context("Selected: " + " · ".join(criteria(proposal.rule))),
    ]
    if view.faults:
        blocks.append(fault_list("Not part of this, since not everything in it could be read:", view.faults))
    blocks += [
        section(f":warning: *{warning}* {view.freed}".rstrip()),
        buttons,
        context(
            f"Withdraw is for {mention(proposal.requester)}. All is checked again right before it is deleted: what "
            f"{changed} locked or referenced by then is skipped."
        ),
    ]
    text = fallback(
        f"{view.to('Delete', '')}{view.up_to}?",
        protected(view.named, proposal.rule) if view.named else "",
        f"Asked by {mention(proposal.requester)}.",
        f"Who may approve: {may}.",
        f"Open until {until}.",
        warning,
        "Approve or reject it with the buttons of this message.",
    )
    return text, blocks


def buttons(view: View, value: str, action_ids: tuple[str, str, str]) -> Block:
    """Draw the buttons to approve (with its dialog), reject and withdraw; all carry the same value."""
    approve, reject, withdraw = action_ids
    proposal = view.proposal
    count = plural(proposal.item_count, "manifest")
    dialog = confirm(
        title=f"Delete {count}?",
        text=(
            f"{_scope(view)} on {name(proposal.registry, 40)}{view.up_to}. "
            "Deleted data can't be recovered; pulls by digest will fail."
        ),
        yes=f"Delete {count}",
        no="Not now",
        style="danger",
    )
    return actions(
        button("Approve", approve, value, style="danger", confirm=dialog),
        button("Reject", reject, value),
        button("Withdraw", withdraw, value),
    )


def _scope(view: View) -> str:
    """Say in plain text what it is about."""
    if view.named is not None:
        return names_of(view.named, name, 40)
    return f"{view.things} in {name(view.proposal.target, 70)}"


def _named(item: Item, rule: Rule) -> str:
    return "\n".join(filter(None, (all_of(item), protected(item, rule))))


def _items(view: View) -> list[Block]:
    items = [record.item for record in view.preview]
    elsewhere = any(item.repository != view.proposal.target for item in items)
    table, shown = item_table(items, view.now, _PREVIEW_MOST, repositories=elsewhere)
    rest = view.proposal.item_count - shown
    whole = "The whole list is in the thread, as a CSV file."
    tags = "" if view.named else tag_words(items, view.proposal.target)
    going = [section(f"*{plural(tag_count(items), 'tag goes', 'tags go')} with them:* {tags}.")] if tags else []
    return ([table] if table else []) + going + [context(f"and {number(rest)} more. {whole}" if rest > 0 else whole)]
