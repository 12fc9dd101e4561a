"""``/acr …``: acknowledge at once, look, answer privately."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import Message, explanation, help_message, overview
from bot.domain.apply import Apply
from bot.domain.audit import Audit
from bot.domain.explain import Overview
from bot.domain.hold import Freeze, Unfreeze
from bot.domain.parse import parse_command
from bot.domain.purge import Purge
from bot.domain.removals import Delete, Old
from bot.domain.request import Explain, Help, OpenForm, Untagged
from bot.domain.tag_requests import Lock, Unlock, Untag
from bot.domain.whocan import WhoCan
from bot.domain.whole import DeleteRepository
from bot.domain.workspace import Workspace
from bot.errors import BadInputError, JanitorError, RefusedError
from bot.janitor.explain import explain
from handlers import teams
from handlers.audit import answer_audit
from handlers.caller import Caller
from handlers.holding import answer_freeze, answer_unfreeze
from handlers.lists import Lists
from handlers.locks import answer_lock
from handlers.noting import note_request, note_view
from handlers.parts import Parts
from handlers.proposing import answer_proposable
from handlers.replies import Replies, answering
from handlers.views import Forms
from handlers.whocan import answer_whocan

Answer = Callable[[Parts, Any, Caller], Awaitable[Message]]


def register(app: AsyncApp, parts: Parts) -> None:
    """Listen to the slash command, and to the buttons that turn the pages of its lists."""
    lists = Lists(parts)
    lists.register(app)
    answers = {**_ANSWERS, **lists.answers}
    forms = Forms(parts, answers)
    forms.register(app)

    @app.command("/acr")
    async def acr(ack: AsyncAck, command: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        user, channel = command["user_id"], command["channel_id"]
        workspace = Workspace(command.get("team_id") or "", command.get("enterprise_id") or "")
        replies = Replies(respond, client, user=user, channel=channel)
        caller = Caller(user, channel, workspace, replies, client)
        async with answering(caller.replies, parts.under_way, **caller.context):
            typed = command.get("text", "")
            try:
                request = parse_command(typed)
            except (BadInputError, RefusedError) as error:
                note_request(parts, None, caller, f"/acr {typed}")
                await caller.replies.private(await _help(parts, error))
                return
            note_request(parts, request, caller, f"/acr {typed}".strip())
            if isinstance(request, OpenForm):
                try:
                    await forms.open(command, client)
                except RefusedError as error:
                    await caller.replies.private(await _help(parts, error))
                return
            await caller.replies.private(await answers[type(request)](parts, request, caller))


async def _helped(parts: Parts, _: Help, _caller: Caller) -> Message:
    return await _help(parts)


async def _explained(parts: Parts, request: Explain, caller: Caller) -> Message:
    found = await explain(parts.desk, request)
    note_view(parts, request, caller, str(request))
    if isinstance(found.about, Overview):
        return overview(found.about, registry=found.registry, rule=found.rule, option=request.registry)
    return explanation(found.about, registry=found.registry, now=parts.desk.clock())


async def _help(parts: Parts, problem: JanitorError | None = None) -> Message:
    registries = parts.desk.registries
    return help_message(
        problem=problem,
        registries=list(registries),
        login_server=next(iter(registries.values())).host,
        grace=parts.desk.policy.protection.grace,
        rule=next((rule.name for rule in parts.desk.policy.rules), ""),
        frozen=await parts.desk.store.freezes.list(),
    )


_ANSWERS: Mapping[type, Answer] = {
    Help: _helped,
    Explain: _explained,
    Lock: answer_lock,
    Freeze: answer_freeze,
    Unfreeze: answer_unfreeze,
    Audit: answer_audit,
    WhoCan: answer_whocan,
    **teams.ANSWERS,
    **dict.fromkeys((Untagged, Old, Delete, DeleteRepository, Untag, Unlock, Purge, Apply), answer_proposable),
}
