"""What a workspace holds: people, groups, channels, messages with their history, files and views."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(kw_only=True)
class Person:
    """Somebody in the workspace, or a bot."""

    id: str
    name: str
    real_name: str = ""
    title: str = ""
    is_bot: bool = False
    deleted: bool = False
    tz: str = "Europe/Amsterdam"
    email: str = ""


@dataclass(kw_only=True)
class UserGroup:
    """A user group; `disabled` ones answer only to `include_disabled`."""

    id: str
    handle: str
    name: str = ""
    users: list[str] = field(default_factory=list)
    disabled: bool = False


@dataclass(kw_only=True)
class Channel:
    """A channel or, where `im_user` is set, the app's direct messages with that person.

    `bot` says whether the app has been invited. `members` are people's ids, the bot's own left out.
    """

    id: str
    name: str
    members: list[str] = field(default_factory=list)
    purpose: str = ""
    private: bool = False
    archived: bool = False
    bot: bool = True
    im_user: str | None = None


@dataclass(kw_only=True)
class App:
    """The one app installed in the workspace, and its bot user."""

    id: str = "A0JANITOR"
    name: str = "ACR Janitor"
    bot_id: str = "B0JANITOR"
    bot_user_id: str = "U0JANITOR"
    bot_name: str = "acr-janitor"


@dataclass(frozen=True, kw_only=True)
class Version:
    """What a message said from `at` on (Unix seconds)."""

    at: float
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None


@dataclass(kw_only=True)
class File:
    """An uploaded file. `shared_in` lists the (channel, ts) of the messages that carry it."""

    id: str
    name: str
    title: str
    mimetype: str
    content: bytes
    user: str
    created: float
    shared_in: list[tuple[str, str]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.content)


@dataclass(kw_only=True)
class Message:
    """A message, an ephemeral one where `only_for` names the person who sees it.

    `versions` is never empty; the last one is what people see now.
    """

    channel: str
    ts: str
    user: str
    by_app: bool
    versions: list[Version]
    thread_ts: str | None = None
    only_for: str | None = None
    files: list[File] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    deleted_at: float | None = None

    @property
    def text(self) -> str:
        """The top-level text that notifications and screen readers use."""
        return self.versions[-1].text

    @property
    def blocks(self) -> list[Json]:
        """The blocks as they are now."""
        return self.versions[-1].blocks

    @property
    def attachments(self) -> list[Json]:
        """The attachments as they are now."""
        return self.versions[-1].attachments

    @property
    def metadata(self) -> Json | None:
        """The metadata as it is now."""
        return self.versions[-1].metadata

    @property
    def edited(self) -> str | None:
        """When it was last changed, as a Slack timestamp; None for an unchanged one."""
        return f"{self.versions[-1].at:.6f}" if len(self.versions) > 1 else None

    @property
    def deleted(self) -> bool:
        """Whether it is gone from people's screens. The model keeps it for tests."""
        return self.deleted_at is not None

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return self.only_for is not None


@dataclass(kw_only=True)
class View:
    """A modal or an App Home. `definition` is what the app sent; `entered` what the person has filled in.

    `entered` has the shape of `state.values`: block id -> action id -> value object.
    """

    id: str
    type: str
    user: str
    definition: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    entered: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> list[Json]:
        """The blocks as they are now."""
        blocks: list[Json] = self.definition.get("blocks", [])
        return blocks

    @property
    def title(self) -> str:
        """The modal's title."""
        return str((self.definition.get("title") or {}).get("text", ""))

    @property
    def callback_id(self) -> str:
        """The app's own name for this view."""
        return str(self.definition.get("callback_id", ""))

    @property
    def private_metadata(self) -> str:
        """What the app hid in the view."""
        return str(self.definition.get("private_metadata", ""))
