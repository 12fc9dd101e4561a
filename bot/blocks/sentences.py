"""Each reason as a sentence for people. The short phrases for tables are ``bot.domain.reason.headline``."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.domain.reason import Why

# {image}: what the reason points to. {detail}: what completes it (see ``bot.domain.reason.Reason``).
SENTENCES: Mapping[Why, str] = MappingProxyType(
    {
        Why.TAGGED: "Kept: it is tagged {detail}.",
        Why.PART_OF_INDEX: "Kept: it is a part of the multi-arch image {image}, which is kept.",
        Why.ATTACHED: "Kept: it is a signature or another attachment of {image}, which is kept.",
        Why.HOLDS_ATTACHMENT: (
            "Kept: {image} is attached to it and is kept, and the registry would delete that together with it."
        ),
        Why.LOCKED: "Kept: {detail} locked.",
        Why.GRACE: "Kept for now: it changed within the grace time, on {detail}.",
        Why.PATTERN: "Kept: a pattern of the settings protects it ({detail}).",
        Why.NEWEST: "Kept: it is among the newest ({detail}).",
        Why.LAST_TAGGED: "Kept: it is the last tagged image of this repository, which no rule takes.",
        Why.UNREADABLE: "Kept, like all of this repository: not everything in it could be read. {image}: {detail}.",
        Why.TOO_NEW: "Kept: it changed after the cutoff, on {detail}.",
        Why.OTHER_TAGS: "Kept: some of its tags do not match: {detail}.",
        Why.NOT_SELECTED: "Kept: it is not what was asked for.",
        Why.SIGNATURE_STORE: (
            "Kept: this repository holds nothing but signatures, and this is one of an image that lives elsewhere."
        ),
        Why.RETAGGED: "Kept: its tags have changed since it was approved ({detail}).",
        Why.CHANGED: "Kept: it has changed since it was proposed ({detail}).",
        Why.UNTAGGED: "Could go: it carries no tag, and nothing that is kept needs it.",
        Why.OLD: "Could go: it last changed before the cutoff, on {detail}.",
        Why.TAGS_MATCH: "Could go: all of its tags match: {detail}.",
        Why.NAMED: "Could go: it was named by hand.",
        Why.WHOLE: "Could go: the whole repository was named by hand.",
        Why.ORPHAN: "Could go: it is attached to {image}, which is not in this repository any more.",
        Why.FOLLOWS: "Could go: it belongs to {image}, which could go, and to nothing that is kept.",
        Why.VANISHED: "Gone already: the registry still lists it, but has it no more.",
    }
)


def pieces(why: Why, *, image: str, detail: str) -> list[tuple[str, str]]:
    """Cut a reason's sentence up: each piece with what it is, ``verdict``, ``text`` or ``image``."""
    verdict, colon, rest = SENTENCES[why].partition(":")
    if not image:
        rest = rest.replace("{image}: ", "")
    found = [("verdict", verdict + colon)]
    for position, words in enumerate(rest.split("{image}")):
        found += [("image", image)] if position else []
        found.append(("text", words.replace("{detail}", detail)))
    return [(kind, words) for kind, words in found if words]
