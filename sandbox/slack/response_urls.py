"""Response URLs: five uses within thirty minutes, to answer where somebody did something."""

import secrets
from dataclasses import dataclass

from sandbox.slack.content import Content, read_content
from sandbox.slack.core import Core
from sandbox.slack.errors import SlackError
from sandbox.slack.model import Json, Message

USES = 5
LIFETIME = 30 * 60.0


@dataclass(kw_only=True)
class ResponseUrl:
    """Where an answer goes. `original` is the message clicked on, or the last answer to the command."""

    user: str
    channel: str
    at: float
    from_action: bool
    original: Message | None = None
    uses: int = 0


class ResponseUrls:
    """Issues response URLs and carries out what is sent to them, and what comes in acknowledgements."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, user: str, channel: str, original: Message | None = None) -> str:
        """Make a URL for an answer to a command or, with `original`, to an action on that message."""
        from_action = original is not None
        token = secrets.token_hex(12)
        self._issued[token] = ResponseUrl(
            user=user, channel=channel, at=self._core.clock(), from_action=from_action, original=original
        )
        kind = "actions" if from_action else "commands"
        return f"{self._core.base_url}/{kind}/{self._core.workspace.team_id}/{token}"

    def use(self, token: str, payload: Json) -> Message | None:
        """Carry out what the app sent to a URL.

        Returns the message that came of it, None after a deletion. Raises SlackError `expired_url` past thirty
        minutes or for a URL never issued, `used_url` at the sixth use, and those of the content.
        """
        url = self._issued.get(token)
        if url is None or self._core.clock() - url.at > LIFETIME:
            raise SlackError("expired_url")
        if url.uses >= USES:
            raise SlackError("used_url")
        url.uses += 1
        return self._carry_out(url, payload)

    def acknowledge(self, url: str, payload: Json) -> Message | None:
        """Carry out the body of an acknowledgement. It is no use of the URL."""
        return self._carry_out(self._issued[url.rsplit("/", 1)[-1]], payload)

    def _carry_out(self, url: ResponseUrl, payload: Json) -> Message | None:
        workspace = self._core.workspace
        if _true(payload.get("delete_original")):
            workspace.delete(_original(url))
            return None
        content = read_content(payload, newer_blocks=self._core.options.newer_blocks)
        if self._replaces(url, payload):
            original = _original(url)
            workspace.edit(
                original,
                text=content.text or "",
                blocks=content.blocks or [],
                attachments=content.attachments or [],
                metadata=content.metadata or original.metadata,
            )
            return original
        message = self._post(url, content, payload)
        if not url.from_action:
            url.original = message
        return message

    @staticmethod
    def _replaces(url: ResponseUrl, payload: Json) -> bool:
        if "replace_original" in payload:
            return _true(payload["replace_original"]) and url.original is not None
        # Not documented, but seen by many app authors (howdyai/botkit pull request 446 is one): an answer to an
        # action that says neither where it goes nor that it is new takes the place of the message clicked on.
        return url.from_action and "response_type" not in payload

    def _post(self, url: ResponseUrl, content: Content, payload: Json) -> Message:
        in_channel = payload.get("response_type") == "in_channel"
        return self._core.workspace.post(
            url.channel,
            self._core.bot,
            text=content.text or "",
            blocks=content.blocks,
            attachments=content.attachments,
            metadata=content.metadata,
            thread_ts=payload.get("thread_ts"),
            only_for=None if in_channel else url.user,
        )


def _original(url: ResponseUrl) -> Message:
    if url.original is None or url.original.deleted:
        raise SlackError("message_not_found")
    return url.original


def _true(value: object) -> bool:
    return value is True or value == "true"
