"""The private answers about one tag or one lock: what could be changed, and what was."""

from bot.blocks import rich
from bot.blocks.doing import VERBS, verb_of
from bot.blocks.listing import PROPOSE
from bot.blocks.message import Block, Message, fallback
from bot.blocks.one import LEVELS, about_one
from bot.blocks.parts import actions, button, context, section
from bot.blocks.text import code, date, join
from bot.domain.manifest import Locks
from bot.domain.plan import Action, Plan

_BUTTONS = {Action.UNTAG: "Propose removal", Action.UNLOCK: "Propose unlocking"}
_DRY = "Nothing was changed: looking is always a dry run."


def step(plan: Plan, *, propose: str | None, why_not: str = "") -> Message:
    """Draw for the one who asked what the only item of a plan, a tag or a lock, would change.

    ``propose`` is the value of the button that proposes it (2000 characters at most), None for no button; then
    ``why_not`` says in plain words why there is none.
    """
    item = plan.items[0]
    emoji = "label" if item.action is Action.UNTAG else "unlock"
    headline = f":{emoji}: *You could {verb_of(item)}* {code(item.about)}."
    told = about_one(item, plan.rule)
    blocks: list[Block] = [section(headline), section(told)]
    blocks.append(context(f"Registry {code(plan.registry, 100)} · seen {date(plan.taken)}. {_DRY}"))
    if propose is not None:
        blocks.append(actions(button(_BUTTONS[item.action], PROPOSE, propose)))
        done = VERBS[item.action][2]
        blocks.append(context(f"This puts a card into the channel. Nothing is {done} before somebody approves it."))
    elif why_not:
        blocks.append(rich.rich(rich.paragraph(rich.text("Can't be proposed: ", bold=True), rich.text(why_not))))
    return Message(fallback(headline, told, _DRY), blocks)


def locked(about: str, level: str, *, was: Locks, others: dict[str, Locks], already: bool) -> Message:
    """Say that something is locked, what that does, and what around it is locked besides.

    ``about``: the reference as people write it. ``level``: tag, manifest or repository. ``was``: its locks before.
    """
    if already:
        headline = f":lock: {code(about)} was locked already. Nothing was changed."
    else:
        half = " It was protected in part before." if was.forbid_delete else ""
        headline = f":lock: *Locked:* {code(about)}.{half}"
    besides = [code(name, 150) for name, locks in others.items() if locks.forbid_delete]
    more = f"Locked by itself, too: {join(besides)}. " if besides else ""
    unlock = code(f"/acr unlock {about}", 300)
    back = f"It can be pulled as before. {unlock} proposes to lift the lock, and somebody else approves that."
    blocks = [section(headline), section(LEVELS[level]), context(f"{more}{back}")]
    return Message(fallback(headline, LEVELS[level], more, back), blocks)
