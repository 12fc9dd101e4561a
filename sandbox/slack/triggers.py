"""Trigger ids: proof that a person has just done something. Each works once, for three seconds at Slack."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.slack.errors import SlackError

LIFETIME = 3.0


@dataclass(kw_only=True)
class Trigger:
    """Who did something, when (Unix seconds), and in which modal, if in one."""

    user: str
    at: float
    view_id: str | None = None
    used: bool = False


class Triggers:
    """Issues trigger ids and takes them back."""

    def __init__(self, clock: Callable[[], float], lifetime: float = LIFETIME) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._issued: dict[str, Trigger] = {}

    def issue(self, user: str, view_id: str | None = None) -> str:
        """Make a trigger id of Slack's form, `132456.7890123.abcdef`."""
        trigger_id = f"{secrets.randbelow(10**10)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._issued[trigger_id] = Trigger(user=user, at=self._clock(), view_id=view_id)
        return trigger_id

    def redeem(self, trigger_id: str) -> Trigger:
        """Use a trigger id up.

        Raises SlackError `invalid_trigger_id`, `exchanged_trigger_id` (used before) or `expired_trigger_id`.
        """
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._clock() - trigger.at > self._lifetime:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger
