"""What a modal about a proposal carries, so that what is submitted is about exactly what was clicked on."""

import json
from dataclasses import dataclass
from typing import Any

from bot.blocks.card import button_value, parse_button_value
from bot.domain.proposal import Proposal
from bot.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Carried:
    """Which proposal in which form, and the message (its timestamp) with the button that opened the modal.

    ``channel`` and ``message`` are empty where that was in the Home tab.
    """

    proposal: str
    revision: int
    checksum: str
    channel: str
    message: str


def carry(proposal: Proposal, channel: str, message: str) -> str:
    """Write it as a modal's private metadata."""
    metadata = {"value": button_value(proposal), "channel": channel, "message": message}
    return json.dumps(metadata, separators=(",", ":"))


def parse_carried(metadata: str, button: str) -> Carried:
    """Read what ``carry`` wrote. Raises BadInputError for anything else, which names the button to click again."""
    try:
        data: Any = json.loads(metadata)
    except (ValueError, RecursionError):
        data = None
    match data:
        case {"value": str(value), "channel": str(channel), "message": str(message)}:
            return Carried(*parse_button_value(value), channel, message)
    raise BadInputError("This form is from another version of the app.", expected=f"Click {button} on the card again.")
