"""Putting on record what somebody asks for and is shown."""

from typing import Any

from handlers.caller import Caller
from handlers.parts import Parts


def note_request(parts: Parts, request: object, caller: Caller, what: str) -> None:
    """Note a request, as it was typed or filled in."""
    parts.looking.asked(caller.asker, what, **_about(request))


def note_view(parts: Parts, request: object, caller: Caller, what: str) -> None:
    """Note what somebody was shown of what they asked for."""
    parts.looking.viewed(caller.asker, what, **_about(request))


def _about(request: Any) -> dict[str, str]:
    """Say which repository or pattern a request is about, and of which registry, as far as it names them."""
    reference = getattr(request, "reference", None)
    repository = getattr(reference, "repository", "") or getattr(request, "repository", "")
    return {"registry": str(getattr(request, "registry", "")), "repository": str(repository)}
