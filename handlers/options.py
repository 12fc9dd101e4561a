"""What the form suggests while somebody types the name of a repository: Slack waits three seconds for it."""

from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.blocks.form import Origin, suggestions
from bot.domain.form import REPOSITORY
from bot.domain.suggest import suggest
from bot.errors import JanitorError
from handlers.parts import Parts

Body = dict[str, Any]

log = structlog.get_logger(__name__)


def register(app: AsyncApp, parts: Parts) -> None:
    """Listen to what is typed into the field with the repository."""

    @app.options(REPOSITORY)
    async def typed(ack: AsyncAck, body: Body) -> None:
        with parts.under_way:
            await ack(options=suggestions(await _suggested(parts, body)))


async def _suggested(parts: Parts, body: Body) -> list[str]:
    """Give the repositories that fit; none where the registry does not list them in time. A name can still be typed."""
    try:
        origin = Origin.from_json((body.get("view") or {}).get("private_metadata", ""))
        return suggest(str(body.get("value") or ""), await parts.names.of(origin.registry))
    except (JanitorError, TimeoutError) as error:
        log.info("nothing_suggested", problem=getattr(error, "problem", type(error).__name__))
        return []
