"""The form that ``/acr`` alone opens: draw it, read it, answer as to the typed command."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import Message
from bot.blocks import form as drawn
from bot.domain.form import REPOSITORY, RULE, Filled, FormError, read_form
from bot.domain.grammar import rules
from bot.domain.request import Request
from bot.errors import BadInputError, JanitorError, RefusedError
from handlers.caller import Caller
from handlers.noting import note_request
from handlers.parts import Parts
from handlers.payload import filled_in, workspace_of
from handlers.replies import Replies, answering
from handlers.trouble import TROUBLE

Body = dict[str, Any]
Answers = Mapping[type, Callable[[Parts, Any, Caller], Awaitable[Message]]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Forms:
    """The form. ``answers`` holds the function that answers each request."""

    parts: Parts
    answers: Answers

    def register(self, app: AsyncApp) -> None:
        """Listen to choices that change the form, and to what is submitted."""

        async def changed(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            await ack()
            await self._redraw(body["view"], client)

        app.action(RULE)(changed)
        app.action(drawn.REGISTRY)(changed)

        @app.view(drawn.CALLBACK)
        async def submitted(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
            try:
                origin = drawn.Origin.from_json(body["view"].get("private_metadata", ""))
                request = await self._read(body["view"], origin)
            except FormError as error:
                await ack(response_action="errors", errors=_errors(body["view"], error))
                return
            except BadInputError as error:
                await ack(response_action="errors", errors={RULE: drawn.fault(error)})
                return
            await ack()
            await self._answer(request, origin, body, client)

    async def open(self, command: Body, client: AsyncWebClient) -> None:
        """Show the form to whoever typed ``/acr``. Raises RefusedError where Slack does not."""
        registries = list(self.parts.desk.registries)
        origin = drawn.Origin(command["channel_id"], command.get("response_url", ""), registries[0])
        try:
            await client.views_open(trigger_id=command.get("trigger_id", ""), view=drawn.form(origin, registries))
        except TROUBLE as error:
            said = str(error.response.get("error")) if isinstance(error, SlackApiError) else "no answer"
            log.warning("form_not_opened", error=said, details=str(error))
            why = "it took more than three seconds" if said == "expired_trigger_id" else said
            raise RefusedError(
                f"Slack did not open the form ({why}).",
                expected="Type /acr once more, or type the whole command.",
                example="/acr untagged myrepo",
            ) from error

    async def _redraw(self, view: Body, client: AsyncWebClient) -> None:
        values = filled_in(view)
        try:
            origin = drawn.Origin.from_json(view.get("private_metadata", ""))
            origin = replace(origin, registry=values.get(drawn.REGISTRY) or origin.registry)
            registries = list(self.parts.desk.registries)
            await client.views_update(view_id=view["id"], view=drawn.form(origin, registries, values.get(RULE, "")))
        except (BadInputError, *TROUBLE) as error:
            # What is submitted is read by the rule that was chosen, whatever fields the form shows.
            log.warning("form_not_redrawn", error=str(error))

    async def _read(self, view: Body, origin: drawn.Origin) -> Request:
        values = filled_in(view)
        registry = values.get(drawn.REGISTRY) or origin.registry
        default = next(iter(self.parts.desk.registries))
        filled = Filled(
            command=values.get(RULE, ""),
            repository=await self._repository(values, registry),
            registry="" if registry == default else registry,
            values=values,
        )
        return read_form(filled, self.parts.desk.clock())

    async def _repository(self, values: Mapping[str, str], registry: str) -> str:
        chosen, typed = values.get(REPOSITORY, ""), values.get(drawn.TYPED, "").strip()
        if not chosen or typed == chosen:
            return typed
        if typed:
            problem = "There are two repositories: the one chosen above and the one typed here."
            raise FormError({drawn.TYPED: BadInputError(problem, expected="Clear one of the two.")})
        if not drawn.stands_for_name(chosen):
            return chosen
        try:
            names = await self.parts.names.of(registry)
        except (JanitorError, TimeoutError):
            names = []
        for name in names:
            if drawn.option_value(name) == chosen:
                return name
        problem = "The registry does not say which repository this is."
        raise FormError({REPOSITORY: BadInputError(problem, expected="Choose it once more, or type its name below.")})

    async def _answer(self, request: Request, origin: drawn.Origin, body: Body, client: AsyncWebClient) -> None:
        user = body["user"]["id"]
        respond = AsyncRespond(response_url=origin.response_url or None, proxy=client.proxy, ssl=client.ssl)
        replies = Replies(respond, client, user=user, channel=origin.channel)
        caller = Caller(user, origin.channel, workspace_of(body), replies, client)
        async with answering(caller.replies, self.parts.under_way, form=str(request), **caller.context):
            note_request(self.parts, request, caller, str(request))
            await caller.replies.private(await self.answers[type(request)](self.parts, request, caller))


def _errors(view: Body, error: FormError) -> dict[str, str]:
    """Give the words for each field that is wrong, by the block that shows it."""
    rule = rules().get(filled_in(view).get(RULE, ""))
    fields = {field.name: field for field in rule.fields} if rule else {}
    typed = filled_in(view).get(drawn.TYPED)
    blocks = {block.get("block_id") for block in view.get("blocks", ())}
    errors = {}
    for name, fault in error.faults.items():
        place = name
        if name == REPOSITORY:
            place = drawn.TYPED if typed else drawn.repository_block(view)
        errors[place if place in blocks else RULE] = drawn.fault(fault, fields.get(name))
    return errors
