"""What people see when something can't be done: what was wrong, what is expected, one example that works."""

from collections.abc import Sequence

from bot.blocks import rich
from bot.blocks.message import Message, fallback
from bot.blocks.parts import section
from bot.blocks.text import code, escape, is_mention, link, said
from bot.errors import ConflictError, JanitorError, RefusedError

_MOST = 900
_EXAMPLE_MOST = 300


def problem(error: JanitorError) -> Message:
    """Say what was wrong, what was expected, and one line that works; a refusal looks different from a fault.

    The words can hold anything, since they quote what people typed and what registries said. Only what the error lists
    as mentions becomes one.
    """
    emoji = "no_entry_sign" if isinstance(error, RefusedError | ConflictError) else "warning"
    elements = [rich.emoji(emoji), rich.text(" "), *explained(error)]
    return Message(fallback(*explained_text(error)), [rich.rich(rich.paragraph(*elements))])


def unexpected(reference: str) -> Message:
    """Own up to a fault of ours. ``reference`` finds it in the log."""
    text = (
        ":warning: *Something went wrong on our side*, and this was not finished. Only what somebody approved is ever "
        "deleted; this does not change that. Please try again, and if it stays so, give your platform team the "
        f"reference {code(reference, 100)}."
    )
    return Message(text, [section(text)])


def explained(error: JanitorError) -> list[rich.Element]:
    """Give the elements of one paragraph: the problem in bold, what is expected, an example as code, a line each."""
    elements = rich.worded(error.problem, error.mentions, bold=True, most=_MOST)
    if error.expected:
        elements += [rich.BREAK, *rich.worded(error.expected, error.mentions, most=_MOST)]
    if error.example:
        elements += [rich.BREAK, rich.text("For example: "), rich.code(error.example, _EXAMPLE_MOST)]
    if error.see:
        elements += [rich.BREAK, rich.link(*error.see)]
    return elements


def explained_text(error: JanitorError) -> list[str]:
    """Give the same as sentences in mrkdwn."""
    return [
        _mrkdwn(error.problem, error.mentions),
        _mrkdwn(error.expected, error.mentions) if error.expected else "",
        f"For example: {code(error.example, _EXAMPLE_MOST)}" if error.example else "",
        link(error.see[1], error.see[0]) if error.see else "",
    ]


def _mrkdwn(words: str, mentions: Sequence[str]) -> str:
    text = said(words, _MOST)
    for mention in filter(is_mention, mentions):
        text = text.replace(escape(mention), mention)
    return text
