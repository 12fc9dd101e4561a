"""A person at their screen: what they see, and what they do with it."""

import re
from typing import Any

from sandbox.slack.core import Core
from sandbox.slack.elements import (
    EXTERNAL,
    STATELESS,
    Found,
    choose,
    feedback,
    find,
    interactive,
    state_values,
)
from sandbox.slack.errors import NotPossibleError
from sandbox.slack.forms import complaints
from sandbox.slack.interactions import Interactions, Outcome
from sandbox.slack.model import Channel, Json, Message, View
from sandbox.slack.text import text_of

MENTION = re.compile(r"(?P<sign>[@#])(?P<name>[\w.-]+)")
# What Slack's composer may make of typed text: an em dash, curly quotes, a non-breaking space after a dash.
TYPOGRAPHY = (("--", "\u2014"), (' "', " \u201c"), ('"', "\u201d"), (" '", " \u2018"), ("'", "\u2019"))


class Human:
    """Drives the app as one person would, over whichever transport is in use.

    Moves that a person could not make raise NotPossibleError, with what is on the screen instead.
    """

    def __init__(self, core: Core, interactions: Interactions, user: str) -> None:
        if user not in core.workspace.people:
            raise NotPossibleError(f"nobody in {core.workspace.name} has the id {user!r}")
        if core.workspace.people[user].deleted:
            raise NotPossibleError(f"{user} is deactivated")
        self._core = core
        self._do = interactions
        self.id = user

    # what they see

    @property
    def dm(self) -> str:
        """The channel id of their direct messages with the app."""
        return self._core.workspace.dm(self.id).id

    def messages(self, channel: str) -> list[Message]:
        """List what they see in a channel, oldest first, ephemeral ones included, thread replies left out."""
        return [m for m in self._core.workspace.seen_by(self.id, channel) if m.thread_ts in {None, m.ts}]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """List a thread as they see it, its first message included."""
        return [m for m in self._core.workspace.seen_by(self.id, channel) if ts in {m.ts, m.thread_ts}]

    @property
    def views(self) -> list[View]:
        """The modals open on their screen, the top one last."""
        return list(self._core.workspace.modals.get(self.id, []))

    @property
    def view(self) -> View | None:
        """The modal on top."""
        return self.views[-1] if self.views else None

    @property
    def home(self) -> View | None:
        """The app's Home tab as it is for them."""
        return self._core.workspace.homes.get(self.id)

    def confirm_of(self, surface: Message | View, action_id: str, *, block_id: str | None = None) -> Json | None:
        """Return the confirmation dialog that a click would bring up first, None without one."""
        confirm: Json | None = self._one(surface, action_id, block_id=block_id).element.get("confirm")
        return confirm

    def reload(self) -> None:
        """Reload Slack: ephemeral messages are gone then."""
        for messages in self._core.workspace.messages.values():
            for message in messages:
                if message.only_for == self.id and not message.deleted:
                    self._core.workspace.delete(message)

    # what they do

    async def slash(self, typed: str, *, channel: str, smart: bool = False) -> Outcome:
        """Type a slash command. `smart` lets the composer make dashes and quotes of it, as Slack may.

        The outcome tells when the app acknowledged, with what, and what Slack shows where it didn't.
        """
        place = self._place(channel)
        command, text = (*typed.split(maxsplit=1), "")[:2]
        known = {entry.command: entry for entry in self._core.commands or ()}
        if self._core.commands is not None and command not in known:
            return Outcome(ok=False, sent=False, shown=f"{command} is not a valid command.")
        text = text.strip()
        if smart:
            for plain, fancy in TYPOGRAPHY:
                text = text.replace(plain, fancy)
        if command in known and known[command].should_escape:
            text = MENTION.sub(self._escape, text)
        return await self._do.slash(self.id, place, command, text)

    async def click(
        self,
        surface: Message | View,
        action_id: str,
        *,
        value: Any = None,
        block_id: str | None = None,
        option: Any = None,
        stale: bool = False,
    ) -> Outcome:
        """Click a button, having agreed to its confirmation dialog, or pick or type something.

        `value` tells apart buttons with the same action id; for a field or a date picker it is what to enter.
        `option` (a value, a text, or a list of them) is for selects, overflow menus, checkboxes and radio buttons.
        `stale` clicks on an earlier version of the message, as a screen that hasn't caught up shows it.
        """
        found = self._one(surface, action_id, block_id=block_id, value=value, stale=stale)
        chosen = feedback(found, value) if found.type == "feedback_buttons" else None
        if found.type not in STATELESS or found.type == "overflow":
            raw = value if option is None else option
            chosen = await self._chosen(surface, found, raw)
        return await self._do.act(self.id, surface, found, chosen)

    async def submit(self, view: View, values: Json | None = None) -> Outcome:
        """Fill in a modal and submit it.

        `values` go by block id then action id, or by action id alone. What the form itself refuses (a required
        field left empty, a number out of range) comes back as `errors` with `sent` False.
        """
        self._on_top(view)
        for block_id, action_id, raw in _flat(values or {}, {found.block_id for found in interactive(view.blocks)}):
            found = self._one(view, action_id, block_id=block_id)
            chosen = await self._chosen(view, found, raw)
            view.entered.setdefault(found.block_id, {})[found.action_id] = chosen
        if "submit" not in view.definition:
            raise NotPossibleError(f"the modal {view.title!r} has no submit button")
        if errors := complaints(view.blocks, state_values(view.blocks, view.entered)):
            return Outcome(ok=False, sent=False, errors=errors)
        return await self._do.submit(self.id, view)

    def enter(self, surface: Message | View, values: Json) -> None:
        """Fill in without sending: `values` by block id then action id. What isn't there any more is left out."""
        entered = self._do.entered(self.id, surface)
        for found in interactive(_all_blocks(surface)):
            raw = values.get(found.block_id, {}).get(found.action_id)
            if raw is not None and found.type not in STATELESS:
                chosen = choose(found, raw, self._do.offered(self.id, surface, found))
                entered.setdefault(found.block_id, {})[found.action_id] = chosen

    async def close(self, view: View, *, clear: bool = False) -> Outcome:
        """Close the modal on top; `clear` closes all of them, as Escape held down does."""
        self._on_top(view)
        return await self._do.close(self.id, view, clear=clear)

    async def type_ahead(
        self, surface: Message | View, action_id: str, typed: str, *, block_id: str | None = None
    ) -> list[Json]:
        """Type into an external select and return the options that the app suggests."""
        return await self._do.suggest(self.id, surface, self._one(surface, action_id, block_id=block_id), typed)

    async def open_home(self) -> Outcome:
        """Open the app's Home tab."""
        return await self._do.open_home(self.id)

    def say(self, text: str, *, channel: str, thread_ts: str | None = None) -> Message:
        """Write a message of one's own. The app isn't told: it has no business reading along."""
        place = self._place(channel)
        return self._core.workspace.post(place.id, self.id, text=text, thread_ts=thread_ts)

    # how

    def _place(self, channel: str) -> Channel:
        place = self._core.workspace.channel_called(channel)
        if place is None or self.id not in place.members:
            raise NotPossibleError(f"{self.id} is not in {channel}")
        if place.archived:
            raise NotPossibleError(f"{channel} is archived")
        return place

    def _escape(self, match: re.Match[str]) -> str:
        workspace, name = self._core.workspace, match["name"]
        if match["sign"] == "@":
            person = next((p for p in workspace.people.values() if p.name == name), None)
            return f"<@{person.id}|{name}>" if person else match[0]
        channel = workspace.channel_called(name)
        return f"<#{channel.id}|{name}>" if channel else match[0]

    def _on_top(self, view: View) -> None:
        if self.view is None or self.view.id != view.id:
            top = f"{self.view.title!r} is on top" if self.view else "no modal is open"
            raise NotPossibleError(f"the modal {view.title!r} is not on {self.id}'s screen: {top}")

    def _can_see(self, surface: Message | View) -> None:
        if isinstance(surface, View):
            if surface.type == "modal":
                self._on_top(surface)
            elif self.home is not surface:
                raise NotPossibleError(f"this is not {self.id}'s Home tab")
            return
        if surface.deleted:
            raise NotPossibleError(f"the message is deleted: {text_of(surface)!r}")
        if surface not in self._core.workspace.seen_by(self.id, surface.channel):
            whose = f"only {surface.only_for} sees it" if surface.ephemeral else f"not a member of {surface.channel}"
            raise NotPossibleError(f"{self.id} can't see the message, {whose}: {text_of(surface)!r}")

    def _one(
        self,
        surface: Message | View,
        action_id: str,
        *,
        block_id: str | None = None,
        value: Any = None,
        stale: bool = False,
    ) -> Found:
        if not stale:
            self._can_see(surface)
        shown = [_all_blocks(surface)]
        # Whoever names the block has a screen with it: the message may have been edited since, while a dialog was open.
        if (stale or block_id) and isinstance(surface, Message):
            shown = [version.blocks for version in reversed(surface.versions)]
        for blocks in shown:
            found = find(blocks, action_id, block_id=block_id, value=value)
            if found:
                return found[0]
        there = ", ".join(f"{f.action_id} ({f.label})" for f in interactive(shown[0])) or "nothing to click"
        raise NotPossibleError(f"no {action_id!r} here; there is {there}, in: {text_of(surface)!r}")

    async def _chosen(self, surface: Message | View, found: Found, raw: Any) -> Json:
        offered = self._do.offered(self.id, surface, found)
        if found.type in EXTERNAL and raw:
            for typed in raw if isinstance(raw, list) else [raw]:
                if isinstance(typed, str) and not _offers(offered, typed):
                    await self._do.suggest(self.id, surface, found, typed)
            offered = self._do.offered(self.id, surface, found)
        return choose(found, raw, offered)


def _all_blocks(surface: Message | View) -> list[Json]:
    blocks = list(surface.blocks)
    if isinstance(surface, Message):
        for attachment in surface.attachments:
            blocks += attachment.get("blocks", [])
    return blocks


def _offers(options: list[Json], wanted: str) -> bool:
    return any(wanted in {option.get("value"), option.get("text", {}).get("text")} for option in options)


def _flat(values: Json, block_ids: set[str]) -> list[tuple[str | None, str, Any]]:
    flat: list[tuple[str | None, str, Any]] = []
    for key, value in values.items():
        if isinstance(value, dict) and key in block_ids:
            flat += [(key, action_id, raw) for action_id, raw in value.items()]
        else:
            flat.append((None, key, value))
    return flat
