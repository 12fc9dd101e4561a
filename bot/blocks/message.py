"""The shape of everything that is shown: blocks, and the text that stands for them where blocks can't be drawn."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]

FALLBACK_MOST = 3500  # Slack refuses an update whose text has more than 4000 characters (chat.update: msg_too_long)


@dataclass(frozen=True)
class Message:
    """What Slack is sent. ``text`` is mrkdwn for notifications and screen readers, and says enough to act on."""

    text: str
    blocks: list[Block]

    def payload(self) -> dict[str, Any]:
        """Give the keyword arguments that chat.postMessage, chat.update and a response URL share."""
        return {"text": self.text, "blocks": self.blocks}


def fallback(*sentences: str) -> str:
    """Join sentences into one text, and leave out those at the end for which there is no room.

    Whole sentences go, since a cut could fall into an escape or a mention. Empty ones are passed over.
    """
    text = ""
    for sentence in filter(None, sentences):
        longer = f"{text} {sentence}".lstrip()
        if len(longer) > FALLBACK_MOST:
            break
        text = longer
    return text


def stamped(text: str, blocks: Sequence[Block], name: str) -> Message:
    """Make a message whose block ids are new with every change of its content, and the same for the same content.

    Slack wants a new id with each iteration of a message; a click on an old drawing can be told by it.
    """
    content = json.dumps([text, list(blocks)], sort_keys=True)
    mark = hashlib.sha256(content.encode()).hexdigest()[:16]
    return Message(text, [{**block, "block_id": f"{name}.{mark}.{index}"} for index, block in enumerate(blocks)])
