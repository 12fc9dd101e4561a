"""The commands that hold a registry and let it go on: ``freeze`` and ``unfreeze``."""

from bot.domain.asked import Asked, Example, Group, Usage, registry_of
from bot.domain.hold import REASON_MOST, Freeze, Unfreeze
from bot.errors import BadInputError


def _freeze(asked: Asked) -> Freeze:
    if len(asked.word) > REASON_MOST:
        raise BadInputError(
            f"The reason is too long: {len(asked.word)} characters.",
            expected=f"It has at most {REASON_MOST}; everybody reads it on each card.",
            example="/acr freeze incident 4711",
        )
    return Freeze(asked.word, registry_of(asked))


def _unfreeze(asked: Asked) -> Unfreeze:
    return Unfreeze(registry_of(asked))


HOLD_USAGES = {
    "freeze": Usage(
        _freeze,
        ("--registry",),
        "Say why, in your own words: everybody reads it.",
        "incident 4711",
        Group.NAMED,
        (
            Example(
                "freeze REASON",
                "hold all deletions in a registry until it is unfrozen, if you approve for all of it",
            ),
        ),
        noun="reason",
        free=True,
    ),
    "unfreeze": Usage(
        _unfreeze,
        ("--registry",),
        "It is about a whole registry; only that can be named.",
        "",
        Group.NAMED,
        (Example("unfreeze", "let what was approved go on, if you approve for all of it"),),
        needs_word=False,
        takes_word=False,
    ),
}
