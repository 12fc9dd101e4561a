"""The workspace's state and the moves on it. It knows nothing of HTTP."""

import copy
import itertools
import mimetypes
import time
from collections.abc import Callable, Iterable, Iterator

from sandbox.slack.changes import Changes
from sandbox.slack.model import App, Channel, File, Json, Message, Person, UserGroup, Version, View

MODAL_DEPTH = 3


class Workspace:
    """A team with its people, groups and channels, and all that happened in it.

    `enterprise_id` makes it part of an Enterprise Grid organisation.
    """

    def __init__(
        self,
        name: str = "Example",
        *,
        people: Iterable[Person] = (),
        channels: Iterable[Channel] = (),
        groups: Iterable[UserGroup] = (),
        team_id: str = "T0EXAMPLE",
        domain: str = "example",
        enterprise_id: str | None = None,
        app: App | None = None,
    ) -> None:
        self.name = name
        self.team_id = team_id
        self.domain = domain
        self.enterprise_id = enterprise_id
        self.app = app or App()
        self.people = {person.id: person for person in people}
        self.groups = {group.id: group for group in groups}
        self.channels = {channel.id: channel for channel in channels}
        self.messages: dict[str, list[Message]] = {}
        self.files: dict[str, File] = {}
        self.modals: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.changes = Changes()
        self.clock: Callable[[], float] = time.time
        self._last_micro = 0
        self._ids = itertools.count(1)
        self.introduce_app()

    def introduce_app(self) -> None:
        """Put the app's bot user among the people, under the app's present name."""
        app = self.app
        bot = Person(id=app.bot_user_id, name=app.bot_name, real_name=app.name, is_bot=True)
        self.people[app.bot_user_id] = bot

    def new_id(self, prefix: str) -> str:
        """Make an id that nothing else in this workspace has, such as `F0000000A`."""
        return f"{prefix}{next(self._ids):08X}"

    def new_ts(self) -> str:
        """Make a message timestamp: later than every one before, also when the clock stands still."""
        self._last_micro = max(int(self.clock() * 1_000_000), self._last_micro + 1)
        seconds, micro = divmod(self._last_micro, 1_000_000)
        return f"{seconds}.{micro:06d}"

    # channels

    def channel_called(self, name_or_id: str) -> Channel | None:
        """Find a channel by id, or by name with or without its `#`."""
        if channel := self.channels.get(name_or_id):
            return channel
        wanted = name_or_id.removeprefix("#")
        return next((c for c in self.channels.values() if c.name == wanted and c.im_user is None), None)

    def dm(self, user: str) -> Channel:
        """Return the app's direct messages with a person, made on first use."""
        for channel in self.channels.values():
            if channel.im_user == user:
                return channel
        channel = Channel(id=self.new_id("D"), name="directmessage", members=[user], private=True, im_user=user)
        self.channels[channel.id] = channel
        self.changes.notify()
        return channel

    def channels_of(self, user: str) -> Iterator[Channel]:
        """Yield the channels that a person is in, direct messages included."""
        return (channel for channel in self.channels.values() if user in channel.members)

    # messages

    def post(
        self,
        channel: str,
        user: str,
        *,
        text: str,
        blocks: list[Json] | None = None,
        attachments: list[Json] | None = None,
        metadata: Json | None = None,
        thread_ts: str | None = None,
        only_for: str | None = None,
        files: Iterable[File] = (),
    ) -> Message:
        """Add a message; blocks without a block id get one, as in Slack."""
        message = Message(
            channel=channel,
            ts=self.new_ts(),
            user=user,
            by_app=user == self.app.bot_user_id,
            versions=[
                Version(
                    at=self.clock(),
                    text=text,
                    blocks=self.with_ids(blocks or []),
                    attachments=copy.deepcopy(attachments or []),
                    metadata=metadata,
                )
            ],
            thread_ts=thread_ts,
            only_for=only_for,
            files=list(files),
        )
        for file in message.files:
            file.shared_in.append((channel, message.ts))
        self.messages.setdefault(channel, []).append(message)
        self.changes.notify()
        return message

    def edit(
        self,
        message: Message,
        *,
        text: str,
        blocks: list[Json],
        attachments: list[Json],
        metadata: Json | None,
    ) -> None:
        """Add a version to a message."""
        message.versions.append(
            Version(
                at=self.clock(),
                text=text,
                blocks=self.with_ids(blocks),
                attachments=copy.deepcopy(attachments),
                metadata=metadata,
            )
        )
        self.changes.notify()

    def delete(self, message: Message) -> None:
        """Take a message off people's screens."""
        message.deleted_at = self.clock()
        self.changes.notify()

    def message_at(self, channel: str, ts: str) -> Message | None:
        """Find a message, an ephemeral one included; None where it never was or is deleted."""
        for message in self.messages.get(channel, []):
            if message.ts == ts and not message.deleted:
                return message
        return None

    def seen_by(self, user: str, channel: str) -> list[Message]:
        """List what a person sees in a channel, oldest first, thread replies included."""
        found = self.channels.get(channel)
        if found is None or user not in found.members:
            return []
        return [
            message
            for message in self.messages.get(channel, [])
            if not message.deleted and message.only_for in {None, user}
        ]

    def with_ids(self, blocks: list[Json]) -> list[Json]:
        """Copy blocks, giving each block and interactive element the id that the app left out."""
        blocks = copy.deepcopy(blocks)
        for block in blocks:
            block.setdefault("block_id", self.new_id("b"))
            inner = [*block.get("elements", ()), *block.get("actions", ())]
            inner += [block.get("accessory"), block.get("element")]
            for element in inner:
                if isinstance(element, dict) and element.get("type") in WITH_ACTION_ID:
                    element.setdefault("action_id", self.new_id("a"))
            for block_type, children in (("container", "child_blocks"), ("carousel", "elements")):
                if block.get("type") == block_type:
                    block[children] = self.with_ids(block[children])
        return blocks

    # files and views

    def add_file(self, *, file_id: str, name: str, title: str, content: bytes) -> File:
        """Keep an uploaded file; its media type is guessed from its name."""
        file = File(
            id=file_id,
            name=name,
            title=title,
            mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream",
            content=content,
            user=self.app.bot_user_id,
            created=self.clock(),
        )
        self.files[file_id] = file
        return file

    def view_called(self, view_id: str) -> View | None:
        """Find an open modal or a home by its id."""
        stacks = itertools.chain(self.homes.values(), *self.modals.values())
        return next((view for view in stacks if view.id == view_id), None)

    def new_view(self, user: str, definition: Json, *, previous: View | None = None) -> View:
        """Make a view out of what the app sent; it is on nobody's screen yet."""
        view_id = self.new_id("V")
        return View(
            id=view_id,
            type=definition["type"],
            user=user,
            definition=self._definition(definition),
            hash=self._hash(),
            root_id=previous.root_id if previous else view_id,
            previous_id=previous.id if previous else None,
        )

    def change_view(self, view: View, definition: Json) -> None:
        """Replace what a view shows; what was entered stays where block and action ids stay."""
        view.definition = self._definition(definition)
        view.hash = self._hash()
        view.errors = {}
        self.changes.notify()

    def _definition(self, definition: Json) -> Json:
        return {**definition, "blocks": self.with_ids(definition.get("blocks", []))}

    def _hash(self) -> str:
        return f"{int(self.clock())}.{self.new_id('h')}"


WITH_ACTION_ID = frozenset(
    {
        "button",
        "channels_select",
        "checkboxes",
        "conversations_select",
        "datepicker",
        "datetimepicker",
        "email_text_input",
        "external_select",
        "feedback_buttons",
        "file_input",
        "icon_button",
        "multi_channels_select",
        "multi_conversations_select",
        "multi_external_select",
        "multi_static_select",
        "multi_users_select",
        "number_input",
        "overflow",
        "plain_text_input",
        "radio_buttons",
        "rich_text_input",
        "static_select",
        "timepicker",
        "url_text_input",
        "users_select",
        "workflow_button",
    }
)
