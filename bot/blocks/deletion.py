"""The private answer to `/acr delete`: all that would go with one manifest, or why it can't go."""

from datetime import datetime

from bot.blocks import rich
from bot.blocks.explain import LOOKING_IS_DRY, facts, steps_sentence, trees, verdict_parts, verdict_sentence
from bot.blocks.listing import PROPOSE
from bot.blocks.message import Block, Message, fallback
from bot.blocks.named import all_of, named_and_more, names_of, protected
from bot.blocks.parts import actions, button, context, section
from bot.blocks.text import code, date, size
from bot.blocks.wording import SHARED_LAYERS, criteria
from bot.domain.explain import Explanation
from bot.domain.plan import Plan, item_of


def deletion(plan: Plan, about: Explanation, *, now: datetime, propose: str | None, why_not: str = "") -> Message:
    """Draw for the one who asked what deleting the manifest that ``about`` explains would delete.

    ``propose`` is the value of the button that proposes it (2000 characters at most), None for no button; then
    ``why_not`` says in plain words why there is none.
    """
    item = item_of(about.judgement.repository, about.verdict)
    seen = " · ".join([f"Registry {code(plan.registry, 100)}", *criteria(plan.rule), f"seen {date(plan.taken)}"])
    if not about.verdict.goes:
        headline = f":no_entry: *This can't be deleted:* {names_of(item)}"
        blocks: list[Block] = [section(headline), rich.rich(*verdict_parts(about), *trees(about))]
        blocks += [context(facts(about.verdict.manifest, now)), context(f"{seen}. {LOOKING_IS_DRY}")]
        return Message(fallback(f"{headline}.", verdict_sentence(about), steps_sentence(about), LOOKING_IS_DRY), blocks)

    up_to = f": up to *{size(plan.upper_bytes)}*" if plan.upper_bytes else ""
    headline = f":wastebasket: *This could go:* {named_and_more(item, len(plan.items))}{up_to}."
    warning = protected(item, plan.rule)
    tree = trees(about)
    blocks = [section(headline), section(all_of(item)), *([section(warning)] if warning else [])]
    blocks += [rich.rich(*tree)] if tree else []
    upper = f" The size is an upper bound. {SHARED_LAYERS}" if plan.upper_bytes else ""
    blocks += [context(facts(about.verdict.manifest, now)), context(f"{seen}. {LOOKING_IS_DRY}{upper}")]
    if propose is not None:
        blocks.append(actions(button("Propose deletion", PROPOSE, propose)))
        blocks.append(
            context(
                "This puts a card into the channel. Nothing is deleted before somebody approves it, and nothing at all "
                "if the tags have changed by then."
            )
        )
    elif why_not:
        blocks.append(rich.rich(rich.paragraph(rich.text("Can't be proposed: ", bold=True), rich.text(why_not))))
    return Message(fallback(headline, warning, all_of(item), LOOKING_IS_DRY), blocks)
