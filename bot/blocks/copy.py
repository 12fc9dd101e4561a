"""The direct message that tells somebody who may approve: what waits for them, and later what came of it."""

from bot.blocks import card_question
from bot.blocks.card import APPROVE, REJECT, WITHDRAW, button_value
from bot.blocks.card_view import View
from bot.blocks.home import state_words
from bot.blocks.message import Block, Message, fallback, stamped
from bot.blocks.parts import actions, context, section
from bot.blocks.text import code, date, link, mention, name, number
from bot.blocks.voting import need_words, votes_words
from bot.blocks.wording import criteria
from bot.domain.plan import Action
from bot.domain.proposal import State


def copy(view: View, user: str, url: str) -> Message:
    """Draw it for one person; ``url`` leads to the card, empty where Slack gives none."""
    proposal = view.proposal
    text, blocks = _waiting(view, user, url) if proposal.state is State.OPEN else _decided(view, url)
    return stamped(text, blocks, f"copy.{name(proposal.id, 64)}.{proposal.revision}.{proposal.state}.{len(view.votes)}")


def told(count: int, of: int) -> Message:
    """Say in the card's thread that there were too many to tell each of them."""
    text = f":incoming_envelope: {number(count)} of the {number(of)} people who may approve this got a direct message."
    return Message(text, [section(text)])


def _waiting(view: View, user: str, url: str) -> tuple[str, list[Block]]:
    proposal = view.proposal
    mine = user in {vote.user for vote in view.votes if vote.covers}
    point = "You have approved this; it takes others, too." if mine else "It waits for your approval."
    asked = f"Asked by {mention(proposal.requester)} in {mention(proposal.channel)}"
    until = f"open until {date(proposal.expires)}"
    where = link(url, "Look at the card") if url else f"The card is in {mention(proposal.channel)}"
    may = need_words(view.needs, requester_too=view.allow_self and Action.UNLOCK not in view.actions)
    given = votes_words(view.needs, view.votes)
    changed = f"Its list has changed since it was proposed: this is revision {number(proposal.revision)}."
    typed = f"To approve it, type the name of the repository: {code(proposal.needs_typed)}."
    row = card_question.buttons(view, button_value(proposal), (APPROVE, REJECT, WITHDRAW))
    left_out = {WITHDRAW, APPROVE} if mine else {WITHDRAW}
    blocks = [
        section(f"{view.to()}{view.up_to}? {point}\n{asked} · {until} · {where}"),
        context(f"Selected: {' · '.join(criteria(proposal.rule))} · registry {code(proposal.registry, 100)}"),
        section(f"*Who may approve*: {may}" + (f"\n*Approved so far*: {given}" if given else "")),
        *([context(changed)] if proposal.revision > 1 else []),
        *([context(typed)] if proposal.needs_typed and not mine else []),
        actions(*(one for one in row["elements"] if one["action_id"] not in left_out)),
    ]
    return fallback(f"{view.to(mark='')}{view.up_to}? {point}", f"{asked}, {until}.", f"{where}."), blocks


def _decided(view: View, url: str) -> tuple[str, list[Block]]:
    proposal = view.proposal
    verb, rest = view.parts()
    what = f"{verb} {rest}{view.up_to}"
    words = state_words(proposal, view.deciders)
    if not proposal.state.final:
        # How far it has come only the card shows.
        words = f":arrow_forward: Approved by {view.deciders}"
    where = link(url, "Look at the card") if url else f"The card is in {mention(proposal.channel)}"
    said = f"{words}\nIt was to {what}. {where}."
    return fallback(f"{words}.", f"It was to {what}.", f"{where}."), [section(said)]
