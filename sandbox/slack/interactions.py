"""What happens when a person does something: the payload goes out, and the app's answer is carried out."""

import asyncio
from dataclasses import dataclass, field

from sandbox.slack import payloads
from sandbox.slack.api.views import checked_view, push_on
from sandbox.slack.core import Core, Delivery, Transport
from sandbox.slack.elements import EXTERNAL, STATELESS, Found, Values, options_of, state_values
from sandbox.slack.errors import NotPossibleError, SlackError
from sandbox.slack.limits import check_options
from sandbox.slack.model import Channel, Json, Message, View
from sandbox.slack.response_urls import ResponseUrls

TROUBLE = "We had some trouble connecting. Try again?"
DEFAULT_QUERY = 3  # characters before an external select asks for options


@dataclass(kw_only=True)
class Outcome:
    """What a person's move led to.

    `status` is the HTTP status (None over Socket Mode), `body` the acknowledgement's payload, `seconds` how long
    the app took to acknowledge. `shown` is what Slack tells the person when something went wrong. `errors` are a
    modal's, by block id; with `sent` False they are Slack's own and the app wasn't asked. `message` is the answer
    that came within the acknowledgement of a command.
    """

    ok: bool
    status: int | None = None
    body: Json | None = None
    seconds: float = 0.0
    failure: str | None = None
    shown: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    message: Message | None = None
    sent: bool = True

    @classmethod
    def of(cls, delivery: Delivery, shown: str | None = None) -> "Outcome":
        """Make the outcome of a delivery; `shown` is what the person sees when it failed."""
        return cls(
            ok=delivery.failure is None,
            status=delivery.status,
            body=delivery.answer,
            seconds=delivery.seconds,
            failure=delivery.failure,
            shown=shown if delivery.failure else None,
        )


class Interactions:
    """Carries people's moves to the app and the app's answers to people."""

    def __init__(self, core: Core, response_urls: ResponseUrls) -> None:
        self._core = core
        self._urls = response_urls
        self._retries: set[asyncio.Task[None]] = set()
        # What people chose in messages, and the options offered to their external selects, by surface.
        self._in_messages: dict[tuple[str, str], Values] = {}
        self._offered: dict[tuple[str, str, str, str], list[Json]] = {}

    @property
    def _transport(self) -> Transport:
        if self._core.transport is None:
            raise NotPossibleError(
                "no app is connected yet, try again in a moment (a test calls deliver_to(url) or deliver_by_socket())"
            )
        return self._core.transport

    async def slash(self, user: str, channel: Channel, command: str, text: str) -> Outcome:
        """Send a slash command and show what its acknowledgement says."""
        url = self._urls.issue(user, channel.id)
        payload = payloads.slash_command(
            self._core,
            user=user,
            channel=channel,
            command=command,
            text=text,
            trigger_id=self._core.triggers.issue(user),
            response_url=url,
        )
        delivery = await self._transport.send("slash_commands", payload)
        reason = "operation_timeout" if delivery.failure == "http_timeout" else "dispatch_failed"
        outcome = Outcome.of(delivery, f'{command} failed with the error "{reason}"')
        if outcome.ok and delivery.answer is not None:
            try:
                outcome.message = self._urls.acknowledge(url, delivery.answer)
            except SlackError as error:
                outcome.ok, outcome.failure = False, error.code
                outcome.shown = f'{command} failed with the error "invalid_command_response"'
        return outcome

    async def act(self, user: str, surface: Message | View, found: Found, chosen: Json | None) -> Outcome:
        """Send a click, or a choice in a stateful element."""
        entered = self.entered(user, surface)
        if chosen is not None and found.type not in STATELESS:
            entered.setdefault(found.block_id, {})[found.action_id] = chosen
        if found.block.get("type") == "input" and not found.block.get("dispatch_action"):
            return Outcome(ok=True, sent=False)
        in_view = isinstance(surface, View)
        view_id = surface.id if isinstance(surface, View) and surface.type == "modal" else None
        payload = payloads.block_actions(
            self._core,
            user=user,
            surface=surface,
            found=found,
            chosen=chosen,
            state=state_values(surface.blocks, entered),
            trigger_id=self._core.triggers.issue(user, view_id),
            response_url=None if isinstance(surface, View) else self._urls.issue(user, surface.channel, surface),
        )
        shown = TROUBLE if in_view else f"{found.label!r}: this app didn't answer"
        return Outcome.of(await self._transport.send("interactive", payload), shown)

    async def submit(self, user: str, view: View) -> Outcome:
        """Submit a modal as filled in so far, and do what the app answers."""
        state = state_values(view.blocks, view.entered)
        payload = payloads.view_submission(
            self._core, user=user, view=view, state=state, trigger_id=self._core.triggers.issue(user, view.id)
        )
        view.errors = {}
        delivery = await self._transport.send("interactive", payload)
        outcome = Outcome.of(delivery, TROUBLE)
        if outcome.ok:
            try:
                self._after_submission(user, view, delivery.answer or {})
            except SlackError as error:
                outcome.ok, outcome.failure, outcome.shown = False, error.code, TROUBLE
        outcome.errors = view.errors
        self._core.workspace.changes.notify()
        return outcome

    def _after_submission(self, user: str, view: View, answer: Json) -> None:
        stack = self._core.workspace.modals.setdefault(user, [])
        match answer.get("response_action"):
            case None:
                if view in stack:
                    stack.remove(view)
            case "clear":
                stack.clear()
            case "update":
                self._core.workspace.change_view(view, checked_view(self._core, answer.get("view") or {}, "modal"))
            case "push":
                push_on(self._core, stack, user, checked_view(self._core, answer.get("view") or {}, "modal"))
            case "errors":
                inputs = {block["block_id"] for block in view.blocks if block.get("type") == "input"}
                errors = answer.get("errors")
                if not isinstance(errors, dict) or not errors or not inputs.issuperset(errors):
                    raise SlackError("invalid_errors")
                view.errors = {str(block_id): str(text) for block_id, text in errors.items()}
            case other:
                raise SlackError(f"unknown response_action {other}")

    async def close(self, user: str, view: View, *, clear: bool = False) -> Outcome:
        """Close a modal; with `clear`, or where the view says so, the whole stack under it too."""
        stack = self._core.workspace.modals.setdefault(user, [])
        closing = [view]
        if clear or view.definition.get("clear_on_close"):
            closing = stack[::-1]
            stack.clear()
        elif view in stack:
            stack.remove(view)
        self._core.workspace.changes.notify()
        outcome = Outcome(ok=True, sent=False)
        for closed in closing:
            if closed.definition.get("notify_on_close"):
                cleared = len(closing) > 1 or clear
                payload = payloads.view_closed(self._core, user=user, view=closed, cleared=cleared)
                outcome = Outcome.of(await self._transport.send("interactive", payload))
        return outcome

    async def suggest(self, user: str, surface: Message | View, found: Found, typed: str) -> list[Json]:
        """Ask the app for the options of an external select; groups are flattened.

        Raises NotPossibleError when it can't be typed into or too little is typed, SlackError when the app's
        answer is none that Slack would show.
        """
        if found.type not in EXTERNAL:
            raise NotPossibleError(f"{found.label!r} is a {found.type}, which asks the app for nothing")
        least = found.element.get("min_query_length", DEFAULT_QUERY)
        if len(typed) < least:
            raise NotPossibleError(f"{found.label!r} asks the app from {least} characters on, {typed!r} is less")
        payload = payloads.block_suggestion(self._core, user=user, surface=surface, found=found, typed=typed)
        delivery = await self._transport.send("interactive", payload)
        if delivery.failure:
            raise SlackError(delivery.failure)
        answer = delivery.answer or {}
        if faults := check_options(answer):
            raise SlackError.with_messages("invalid_options", faults)
        options = options_of(answer)
        self._offered.setdefault(_key(user, surface, found), []).extend(options)
        return options

    def offered(self, user: str, surface: Message | View, found: Found) -> list[Json]:
        """List the options that the app has suggested to this person here."""
        return self._offered.get(_key(user, surface, found), [])

    def entered(self, user: str, surface: Message | View) -> Values:
        """Return what a person has entered in a message or a view; changes to it stick."""
        if isinstance(surface, View):
            return surface.entered
        return self._in_messages.setdefault((user, surface.ts), {})

    async def open_home(self, user: str) -> Outcome:
        """Tell the app that somebody opened its Home tab, where it has subscribed to that."""
        if not self._core.manifest.home_tab:
            raise NotPossibleError("the app has no Home tab")
        events = self._core.manifest.bot_events
        if events is not None and "app_home_opened" not in events:
            return Outcome(ok=True, sent=False)
        return Outcome.of(await self.send_event(payloads.app_home_opened(self._core, user)))

    async def send_event(self, event: Json) -> Delivery:
        """Deliver an event; where the app doesn't take it, up to three more times in the background."""
        payload = payloads.event_callback(self._core, event)
        delivery = await self._transport.send("events_api", payload)
        if delivery.failure and not delivery.no_retry:
            task = asyncio.create_task(self._retry(payload, delivery.failure))
            self._retries.add(task)
            task.add_done_callback(self._retries.discard)
        return delivery

    async def _retry(self, payload: Json, reason: str) -> None:
        for number, delay in enumerate(self._core.options.event_retry_delays, start=1):
            await asyncio.sleep(delay)
            delivery = await self._transport.send("events_api", payload, retry_num=number, retry_reason=reason)
            if delivery.failure is None or delivery.no_retry:
                return
            reason = delivery.failure

    async def stop(self) -> None:
        """Give up the retries that are still to come."""
        tasks = list(self._retries)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _key(user: str, surface: Message | View, found: Found) -> tuple[str, str, str, str]:
    where = surface.id if isinstance(surface, View) else surface.ts
    return (user, where, found.block_id, found.action_id)
