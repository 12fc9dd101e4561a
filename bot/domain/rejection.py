"""Why something was rejected, in the words of whoever did."""

from bot.errors import BadInputError

REASON_MOST = 500


def read_reason(text: str) -> str:
    """Give the reason as it was written, without the space around it.

    Raises BadInputError where there is nothing in it to read, or more than ``REASON_MOST`` characters.
    """
    reason = text.strip()
    if not any(character.isprintable() and not character.isspace() for character in reason):
        raise BadInputError(
            "A reason is missing.",
            expected="Say in a few words why not: whoever asked reads it, and so does everybody on the card.",
            example="We still roll back to these until Friday.",
        )
    if len(reason) > REASON_MOST:
        raise BadInputError(
            f"That is too long: {len(reason):,} characters.",
            expected=f"A reason has at most {REASON_MOST}; the rest can go into the card's thread.",
            example="We still roll back to these until Friday.",
        )
    return reason
