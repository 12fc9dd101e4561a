"""What a message says: read from the app's payload, checked against the limits, or refused as Slack would."""

import json
from dataclasses import dataclass
from typing import Any

from sandbox.slack.errors import SlackError
from sandbox.slack.limits import check_message
from sandbox.slack.model import Json

POST_TEXT = 40_000
UPDATE_TEXT = 4_000
MARKDOWN_TEXT = 12_000
ATTACHMENTS = 100


@dataclass(frozen=True, kw_only=True)
class Content:
    """A message's content. None means that the payload left the field out, which matters to `chat.update`."""

    text: str | None
    blocks: list[Json] | None
    attachments: list[Json] | None
    metadata: Json | None
    truncated: bool = False


def read_content(payload: Json, *, newer_blocks: bool, longest_text: int = POST_TEXT, truncate: bool = True) -> Content:
    """Read and check a message payload of the Web API, a response URL or an acknowledgement.

    Text past `longest_text` characters is cut, as `chat.postMessage` does, or with `truncate=False` refused with
    `msg_too_long`, as `chat.update` does. Raises SlackError.
    """
    text = _text(payload, "text")
    markdown = _text(payload, "markdown_text")
    blocks = _json_list(payload, "blocks", "invalid_blocks_format")
    attachments = _json_list(payload, "attachments", "invalid_attachments")
    if markdown is not None:
        if text or blocks:
            raise SlackError("markdown_text_conflict")
        if len(markdown) > MARKDOWN_TEXT:
            raise SlackError("msg_too_long")
        text, blocks = markdown, [{"type": "markdown", "text": markdown}]
    if not (text or "").strip() and not blocks and not attachments:
        raise SlackError("no_text")
    if attachments and len(attachments) > ATTACHMENTS:
        raise SlackError("too_many_attachments")
    truncated = text is not None and len(text) > longest_text
    if text is not None and truncated:
        if not truncate:
            raise SlackError("msg_too_long")
        text = text[:longest_text]
    checked = {"text": (text or "")[:UPDATE_TEXT], "blocks": blocks or [], "attachments": attachments or []}
    if faults := check_message(checked, "message", newer_blocks=newer_blocks):
        only_tables = all("only_one_table_allowed" in fault for fault in faults)
        raise SlackError.with_messages("invalid_attachments" if only_tables else "invalid_blocks", faults)
    return Content(text=text, blocks=blocks, attachments=attachments, metadata=_metadata(payload), truncated=truncated)


def _text(payload: Json, key: str) -> str | None:
    value = payload.get(key)
    return None if value is None else str(value)


def parsed(value: Any) -> Any:
    """Read JSON where a form carries it as text."""
    if not isinstance(value, str):
        return value
    return json.loads(value)


def _json_list(payload: Json, key: str, error: str) -> list[Json] | None:
    value = payload.get(key)
    if value is None or value == "":
        return None
    try:
        value = parsed(value)
    except ValueError:
        raise SlackError(error) from None
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise SlackError(error)
    return value


def _metadata(payload: Json) -> Json | None:
    value = payload.get("metadata")
    if value is None or value == "":
        return None
    try:
        value = parsed(value)
    except ValueError:
        raise SlackError("invalid_metadata_format") from None
    if not isinstance(value, dict):
        raise SlackError("invalid_metadata_format")
    well_formed = isinstance(value.get("event_type"), str) and isinstance(value.get("event_payload"), dict)
    if value and not well_formed:
        raise SlackError("invalid_metadata_schema")
    return value
