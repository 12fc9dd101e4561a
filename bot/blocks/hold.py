"""What holds approved work back, in words; and the private answers to `/acr freeze` and `/acr unfreeze`."""

from collections.abc import Sequence

from bot.blocks.message import Message, fallback
from bot.blocks.parts import context, section
from bot.blocks.text import actor, code, date, mention, plural, said
from bot.domain.hold import REASON_MOST, Frozen, Held


def frozen_words(frozen: Frozen) -> str:
    """Say in mrkdwn: ``:snowflake: *Frozen* by @bo, Nov 23 15:00: incident 4711``."""
    return f":snowflake: *Frozen* by {actor(frozen.by)}, {date(frozen.since)}: {said(frozen.reason, REASON_MOST)}"


def held_words(held: Held | None, *, is_open: bool = False) -> str:
    """Say in mrkdwn what holds the work back and until when; empty where nothing does.

    ``is_open``: it is not approved yet, and can be.
    """
    if held is None:
        return ""
    can = "It can be approved, and then waits" if is_open else "It waits"
    if held.frozen:
        return f"{frozen_words(held.frozen)}\n{can} until somebody types {code('/acr unfreeze')}."
    until = f" until {date(held.until)}, and then begins by itself" if held.until else ""
    return f":crescent_moon: *Quiet hours.* {can}{until}."


def froze(frozen: Frozen, count: int) -> Message:
    """Say that a registry is frozen now; ``count``: so many approved proposals are held."""
    held = plural(count, "approved clean-up is held.", "approved clean-ups are held.") if count else ""
    headline = f":snowflake: *Frozen:* {code(frozen.registry, 100)}: {said(frozen.reason, REASON_MOST)}"
    told = f"Nothing is deleted from it. What runs ends within the requests under way, and is held. {held}".rstrip()
    back = f"Proposals can be made and approved; they wait. An approver lets all go on with {code('/acr unfreeze')}."
    return Message(fallback(headline, told, back), [section(headline), section(told), context(back)])


def thawed(frozen: Frozen, count: int) -> Message:
    """Say that a registry is no longer frozen; ``count``: so many approved proposals go on."""
    on = plural(count, "approved clean-up goes on", "approved clean-ups go on") if count else "Nothing was waiting"
    headline = f":sunny: *Unfrozen:* {code(frozen.registry, 100)}."
    told = f"{on}." + (" Each is judged again first, as always." if count else "")
    was = f"It was frozen by {mention(frozen.by)}, {date(frozen.since)}: {said(frozen.reason, REASON_MOST)}"
    return Message(fallback(headline, told, was), [section(headline), section(told), context(was)])


def all_frozen(freezes: Sequence[Frozen]) -> list[str]:
    """Say in mrkdwn of each registry that is frozen by whom and why."""
    return [f"{frozen_words(frozen)} (registry {code(frozen.registry, 100)})" for frozen in freezes]
