"""Slack's limits on messages, modals and Home tabs, as one pure function.

Where Slack's own pages disagree, or only reports by app authors exist, the narrower reading counts: what passes here
should pass there. Two rules go further than Slack, since no validator of its has them and people need them: a
message with blocks must have a top-level `text` (notifications and screen readers show nothing else), and that text
must fit into `chat.update` too.
"""

from typing import Any

from sandbox.slack.model import Json
from sandbox.slack.rules.blocks import BLOCK_ID, check_blocks
from sandbox.slack.rules.elements import check_options_of
from sandbox.slack.rules.faults import Faults, Surface

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_TEXT = 4000
VIEW_TEXT = 24
PRIVATE_METADATA = 3000
ATTACHMENTS = 100


def check_message(payload: Json, surface: Surface, *, newer_blocks: bool = True) -> list[str]:
    """List what Slack would refuse in a message (`chat.postMessage` arguments), a modal or a Home tab (views).

    Each line reads like those in `response_metadata.messages`: `[ERROR] what [json-pointer:where]`. With
    `newer_blocks=False` the blocks that Slack is still rolling out are unknown, as in some workspaces.
    """
    faults = Faults(surface, newer_blocks=newer_blocks)
    if surface == "message":
        _message(faults, payload)
    else:
        _view(faults, payload)
    return faults.lines


def check_options(payload: Json) -> list[str]:
    """List what Slack would refuse in the answer to an external select: `options`, or `option_groups`."""
    faults = Faults("message")
    if ("options" in payload) == ("option_groups" in payload):
        faults.add("", "exactly one of options and option_groups is required")
    for name in ("options", "option_groups"):
        if payload.get(name) == []:
            return faults.lines  # nothing found is an answer
    check_options_of(faults, "", payload)
    return faults.lines


def _message(faults: Faults, payload: Json) -> None:
    blocks = payload.get("blocks") or []
    text = payload.get("text")
    if not isinstance(text or "", str):
        faults.add("/text", "must be a string")
    elif not (text or "").strip():
        faults.add("/text", "missing required field: text, which notifications and screen readers need")
    elif len(text or "") > MESSAGE_TEXT:
        faults.add("/text", f"must be less than {MESSAGE_TEXT + 1} characters")
    check_blocks(faults, "/blocks", faults.items("/blocks", blocks, MESSAGE_BLOCKS, 0))
    attachments = faults.items("/attachments", payload.get("attachments") or [], ATTACHMENTS, 0)
    for index, attachment in enumerate(attachments):
        at = f"/attachments/{index}"
        if isinstance(attachment, dict) and attachment.get("blocks"):
            check_blocks(faults, f"{at}/blocks", faults.items(f"{at}/blocks", attachment["blocks"], MESSAGE_BLOCKS))


def _view(faults: Faults, view: Json) -> None:
    home = faults.surface == "home"
    required = ("type", "blocks") if home else ("type", "blocks", "title")
    optional: tuple[str, ...] = ("private_metadata", "callback_id", "external_id")
    if not home:
        optional += ("submit", "close", "clear_on_close", "notify_on_close", "submit_disabled")
    faults.object("", view, required, optional)
    faults.one_of("/type", view.get("type"), (faults.surface,))
    for name in ("title", "submit", "close"):
        if name in view and not home:
            faults.text(f"/{name}", view[name], VIEW_TEXT, plain=True)
    for name, longest in (("private_metadata", PRIVATE_METADATA), ("callback_id", BLOCK_ID), ("external_id", BLOCK_ID)):
        if name in view:
            faults.string(f"/{name}", view[name], longest, least=0)
    faults.flags("", view, "clear_on_close", "notify_on_close", "submit_disabled")
    blocks: list[Any] = faults.items("/blocks", view.get("blocks"), VIEW_BLOCKS)
    check_blocks(faults, "/blocks", blocks)
    asks = any(isinstance(block, dict) and block.get("type") == "input" for block in blocks)
    if asks and not home and "submit" not in view:
        faults.add("/submit", "missing required field: submit, since there are input blocks")
