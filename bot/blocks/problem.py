"""What people see when something can't be done: what was wrong, what is expected, one example that works."""

from bot.blocks import rich
from bot.blocks.message import Message, fallback
from bot.blocks.parts import section
from bot.blocks.text import code, said
from bot.errors import JanitorError

_MOST = 900


def problem(error: JanitorError) -> Message:
    """Say what was wrong, what was expected, and one line that works. The words can hold anything."""
    return _explained(error, "warning")


def refusal(error: JanitorError) -> Message:
    """Say to one person why their click or command was refused, and that it changed nothing."""
    return _explained(error, "no_entry_sign", "Nothing was changed by this.")


def unexpected(reference: str) -> Message:
    """Own up to a fault of ours. ``reference`` finds it in the log."""
    text = (
        ":warning: *Something went wrong on our side*, and this was not finished. Only what somebody approved is ever "
        "deleted; this does not change that. Please try again, and if it stays so, give your platform team the "
        f"reference {code(reference, 100)}."
    )
    return Message(text, [section(text)])


def explained(error: JanitorError, *, most: int = _MOST) -> list[rich.Element]:
    """Give the elements of one paragraph: the problem in bold, what is expected, an example as code, a line each."""
    elements = [rich.text(error.problem, bold=True, most=most)]
    if error.expected:
        elements += [rich.BREAK, rich.text(error.expected, most=most)]
    if error.example:
        elements += [rich.BREAK, rich.text("For example: "), rich.code(error.example, 300)]
    return elements


def explained_text(error: JanitorError, *, most: int = _MOST) -> list[str]:
    """Give the same as sentences in mrkdwn."""
    return [
        said(error.problem, most),
        said(error.expected, most) if error.expected else "",
        f"For example: {code(error.example, 300)}" if error.example else "",
    ]


def _explained(error: JanitorError, emoji: str, end: str = "") -> Message:
    elements = [rich.emoji(emoji), rich.text(" "), *explained(error)]
    if end:
        elements += [rich.BREAK, rich.text(end)]
    return Message(fallback(*explained_text(error), end), [rich.rich(rich.paragraph(*elements))])
