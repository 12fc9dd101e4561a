"""Private answers to whoever typed or clicked, and the boundary where every error becomes words for people."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol

import structlog
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import Message, problem, unexpected
from bot.domain.workspace import Workspace
from bot.errors import JanitorError
from bot.janitor.refusals import Refusals, Refused
from handlers.fallback import forms, refuses_blocks, send
from handlers.trouble import TROUBLE

log = structlog.get_logger(__name__)

_OK = 200


class Private(Protocol):
    """A way to answer one request privately."""

    @property
    def channel(self) -> str:
        """The channel that the request came from, empty where it came from none."""
        ...

    async def private(self, message: Message, *, replace: bool = False) -> None:
        """Show a message to this person only; ``replace`` puts it in the place of the private message clicked on."""
        ...


class Replies:
    """Answers one request privately, by its response URL or, where that is used up, by an ephemeral message."""

    def __init__(self, respond: AsyncRespond, client: AsyncWebClient, *, user: str, channel: str) -> None:
        self._respond = respond
        self._client = client
        self._user = user
        self.channel = channel

    async def private(self, message: Message, *, replace: bool = False) -> None:
        """Show a message to this person only; ``replace`` puts it in the place of the private message clicked on."""
        for form in forms(message):
            said = await self._by_response_url(form, replace=replace)
            if said is None:
                return
            log.warning("response_url_failed", error=said)
            if not refuses_blocks(said):
                break
        await send(
            message,
            lambda form: self._client.chat_postEphemeral(channel=self.channel, user=self._user, **form.payload()),
        )

    async def _by_response_url(self, message: Message, *, replace: bool) -> str | None:
        """Give None when it has arrived, else what Slack said."""
        try:
            answer = await self._respond(
                text=message.text, blocks=message.blocks, response_type="ephemeral", replace_original=replace
            )
        except (SlackClientError, OSError, TimeoutError, ValueError) as error:
            return str(error) or type(error).__name__
        return None if answer.status_code == _OK else f"{answer.status_code} {answer.body}"


class UnderWay:
    """Counts the answers that are being worked on after their request was acknowledged.

    ``refusals`` writes down those that are one.
    """

    def __init__(self, refusals: Refusals) -> None:
        self.refusals = refusals
        self._count = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def __enter__(self) -> None:
        self._count += 1
        self._idle.clear()

    def __exit__(self, *_: object) -> None:
        self._count -= 1
        if not self._count:
            self._idle.set()

    async def drain(self, seconds: float) -> None:
        """Wait until all are given, but not longer than so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            log.warning("answers_cut_off", count=self._count)


@contextlib.asynccontextmanager
async def answering(replies: Private, under_way: UnderWay, **context: Any) -> AsyncIterator[None]:
    """Turn every error of the block into a private answer; a stack trace goes to the log and nowhere else.

    ``context`` is for the log and the record of refusals: see ``context_of``, and perhaps ``action`` and
    ``proposal``.
    """
    with under_way, structlog.contextvars.bound_contextvars(**context):
        try:
            yield
        except JanitorError as error:
            log.info("answered_with_problem", kind=type(error).__name__, problem=error.problem)
            await under_way.refusals.note(error, _refused(replies, context))
            await _try_private(replies, problem(error))
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("unexpected_error", reference=reference)
            await _try_private(replies, unexpected(reference))


def context_of(user: str, workspace: Workspace, **more: str) -> dict[str, str]:
    """Say who has done what, for each line of the log that comes of it and for the record of refusals."""
    enterprise = {"enterprise": workspace.enterprise_id} if workspace.enterprise_id else {}
    return {"user": user, "team": workspace.team_id, **enterprise, **more}


def _refused(replies: Private, context: Mapping[str, Any]) -> Refused:
    return Refused(
        user=str(context.get("user", "")),
        team_id=str(context.get("team", "")),
        channel=replies.channel,
        action=str(context.get("action", "")),
        proposal=str(context.get("proposal", "")),
        enterprise_id=str(context.get("enterprise", "")),
    )


async def _try_private(replies: Private, message: Message) -> None:
    try:
        await replies.private(message)
    except TROUBLE:
        log.exception("answer_lost")
