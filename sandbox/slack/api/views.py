"""views.*: modals and App Home."""

import json
from typing import Literal

from sandbox.slack.api.arguments import Arguments
from sandbox.slack.api.methods import method
from sandbox.slack.api.shapes import view_json
from sandbox.slack.core import Core
from sandbox.slack.errors import SlackError
from sandbox.slack.limits import check_message
from sandbox.slack.model import Json, View
from sandbox.slack.workspace import MODAL_DEPTH

LARGEST = 250 * 1024


@method("views.open", tier=4)
def open_view(core: Core, args: Arguments) -> Json:
    """Open a modal for whoever caused the trigger id; from within a modal it goes on top of it."""
    definition = checked_view(core, args.structure("view"), "modal")
    (trigger_id,) = args.required("trigger_id")
    trigger = core.triggers.redeem(trigger_id)
    stack = core.workspace.modals.setdefault(trigger.user, [])
    if trigger.view_id is None:
        stack.clear()
    return _push(core, stack, trigger.user, definition)


@method("views.push", tier=4)
def push_view(core: Core, args: Arguments) -> Json:
    """Put a modal on top of the one in which the trigger id was caused."""
    definition = checked_view(core, args.structure("view"), "modal")
    (trigger_id,) = args.required("trigger_id")
    trigger = core.triggers.redeem(trigger_id)
    stack = core.workspace.modals.setdefault(trigger.user, [])
    if trigger.view_id is None or not any(view.id == trigger.view_id for view in stack):
        raise SlackError("not_found")
    return _push(core, stack, trigger.user, definition)


@method("views.update", tier=4)
def update_view(core: Core, args: Arguments) -> Json:
    """Change an open modal, found by `view_id` or `external_id`; `hash` guards against a race."""
    definition = checked_view(core, args.structure("view"), "modal")
    view_id, external_id = args.text("view_id"), args.text("external_id")
    if view_id is None and external_id is None:
        args.required("view_id")
    view = _find(core, view_id, external_id)
    if args.text("hash") not in {None, view.hash}:
        raise SlackError("hash_conflict")
    core.workspace.change_view(view, definition)
    return {"ok": True, "view": view_json(core, view)}


@method("views.publish", tier=4)
def publish_view(core: Core, args: Arguments) -> Json:
    """Set what a person sees on the app's Home tab."""
    (user,) = args.required("user_id")
    definition = checked_view(core, args.structure("view"), "home")
    if not core.manifest.home_tab:
        raise SlackError("not_enabled")
    if user not in core.workspace.people:
        raise SlackError("user_not_found")
    home = core.workspace.homes.get(user)
    if home is None:
        home = core.workspace.homes[user] = core.workspace.new_view(user, definition)
        core.workspace.changes.notify()
    else:
        if args.text("hash") not in {None, home.hash}:
            raise SlackError("hash_conflict")
        core.workspace.change_view(home, definition)
    return {"ok": True, "view": view_json(core, home)}


def checked_view(core: Core, definition: Json, surface: Literal["modal", "home"]) -> Json:
    """Return a view's definition when Slack would take it.

    Raises SlackError `view_too_large` past 250 KB, `invalid_arguments` with messages for the rest.
    """
    if len(json.dumps(definition, ensure_ascii=False).encode()) > LARGEST:
        raise SlackError("view_too_large")
    faults = check_message(definition, surface, newer_blocks=core.options.newer_blocks)
    if faults:
        messages = [fault.replace("[json-pointer:", "[json-pointer:/view") for fault in faults]
        raise SlackError.with_messages("invalid_arguments", messages)
    return definition


def push_on(core: Core, stack: list[View], user: str, definition: Json) -> View:
    """Put a modal on top of a person's stack. Raises SlackError `push_limit_reached`, `duplicate_external_id`."""
    if len(stack) >= MODAL_DEPTH:
        raise SlackError("push_limit_reached")
    external_id = definition.get("external_id")
    if external_id and _with_external_id(core, external_id) is not None:
        raise SlackError("duplicate_external_id")
    view = core.workspace.new_view(user, definition, previous=stack[-1] if stack else None)
    stack.append(view)
    core.workspace.changes.notify()
    return view


def _push(core: Core, stack: list[View], user: str, definition: Json) -> Json:
    return {"ok": True, "view": view_json(core, push_on(core, stack, user, definition))}


def _find(core: Core, view_id: str | None, external_id: str | None) -> View:
    view = _with_external_id(core, external_id) if external_id else core.workspace.view_called(view_id or "")
    if view is None or view.type != "modal":
        raise SlackError("not_found")
    return view


def _with_external_id(core: Core, external_id: str) -> View | None:
    for stack in core.workspace.modals.values():
        for view in stack:
            if view.definition.get("external_id") == external_id:
                return view
    return None
