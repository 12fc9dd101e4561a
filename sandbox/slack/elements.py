"""Finding what can be clicked or filled in, and saying what was chosen as Slack does."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.slack.errors import NotPossibleError
from sandbox.slack.model import Json

# What a value object calls the thing chosen, by element type. Buttons and overflow menus keep no state.
CHOSEN_KEY = {
    "channels_select": "selected_channel",
    "checkboxes": "selected_options",
    "conversations_select": "selected_conversation",
    "datepicker": "selected_date",
    "datetimepicker": "selected_date_time",
    "email_text_input": "value",
    "external_select": "selected_option",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
    "multi_external_select": "selected_options",
    "multi_static_select": "selected_options",
    "multi_users_select": "selected_users",
    "number_input": "value",
    "overflow": "selected_option",
    "plain_text_input": "value",
    "radio_buttons": "selected_option",
    "rich_text_input": "rich_text_value",
    "static_select": "selected_option",
    "timepicker": "selected_time",
    "url_text_input": "value",
    "users_select": "selected_user",
}
STATELESS = frozenset({"button", "overflow", "icon_button", "feedback_buttons", "workflow_button"})
EXTERNAL = frozenset({"external_select", "multi_external_select"})
WITH_OPTIONS = frozenset({"checkboxes", "multi_static_select", "overflow", "radio_buttons", "static_select"})
INITIAL_KEYS = (
    "initial_channel",
    "initial_channels",
    "initial_conversation",
    "initial_conversations",
    "initial_date",
    "initial_date_time",
    "initial_option",
    "initial_options",
    "initial_time",
    "initial_user",
    "initial_users",
    "initial_value",
)

Values = dict[str, dict[str, Json]]


@dataclass(frozen=True)
class Found:
    """An interactive element and the block it is in."""

    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        """The block's id."""
        return str(self.block.get("block_id", ""))

    @property
    def action_id(self) -> str:
        """The element's action id."""
        return str(self.element.get("action_id", ""))

    @property
    def type(self) -> str:
        """The element's type."""
        return str(self.element.get("type", ""))

    @property
    def label(self) -> str:
        """How a person would call it: its text, its label, or its action id."""
        for text in (self.element.get("text"), self.block.get("label")):
            if isinstance(text, dict) and text.get("text"):
                return str(text["text"])
        return self.action_id


def interactive(blocks: list[Json]) -> Iterator[Found]:
    """Yield every interactive element, in reading order."""
    for block in blocks:
        match block.get("type"):
            case "container":
                yield from interactive(block.get("child_blocks", []))
            case "carousel":
                yield from interactive(block.get("elements", []))
            case "data_table":
                cells = (cell for row in block.get("rows", []) for cell in row)
                elements = [cell.get("element", {}) for cell in cells if cell.get("type") == "action_cell"]
                yield from (Found(block, element) for element in elements if element)
            case _:
                elements = [*block.get("elements", []), *block.get("actions", [])]
                elements += [block.get("accessory"), block.get("element")]
                for element in elements:
                    if isinstance(element, dict) and element.get("type") in CHOSEN_KEY.keys() | STATELESS:
                        yield Found(block, element)


def find(blocks: list[Json], action_id: str, *, block_id: str | None = None, value: str | None = None) -> list[Found]:
    """List the elements with that action id; `value` narrows buttons down to those that carry it."""
    return [
        found
        for found in interactive(blocks)
        if found.action_id == action_id
        and block_id in {None, found.block_id}
        and (value is None or found.type != "button" or found.element.get("value") == value)
    ]


def choose(found: Found, raw: Any, offered: list[Json] | None = None) -> Json:
    """Make the value object of an element out of what a person picked or typed.

    `raw` is text, a number, an option's value or its text, a list of those, None for nothing, or a value object
    ready made. `offered` are the options that the app suggested to an external select. Raises NotPossibleError
    for an option that isn't there.
    """
    key = CHOSEN_KEY.get(found.type)
    if key is None:
        raise NotPossibleError(f"a {found.type} holds no value")
    if isinstance(raw, dict) and (key in raw or raw.get("type") == found.type):
        raw = raw.get(key)
    picked: Any
    if key == "selected_option":
        picked = None if raw is None or raw == "" else _option(found, raw, offered)
    elif key == "selected_options":
        picked = [_option(found, item, offered) for item in _listed(raw)]
    elif key.endswith("s") and key.startswith("selected_"):
        picked = _listed(raw)
    elif key == "value":
        picked = None if raw is None or raw == "" else str(raw)
    elif key == "selected_date_time":
        picked = None if raw is None else int(raw)
    else:
        picked = raw or None
    return {"type": found.type, key: picked}


def feedback(found: Found, value: Any) -> Json:
    """Return what a pair of feedback buttons sends for the one with that value, the positive one without."""
    buttons: list[Json] = [found.element["positive_button"], found.element["negative_button"]]
    pressed = next((button for button in buttons if value in {None, button["value"]}), None)
    if pressed is None:
        raise NotPossibleError(f"no feedback button has the value {value!r}")
    return {"text": pressed["text"], "value": pressed["value"]}


def initial(found: Found) -> Json:
    """Make the value object that an untouched element has."""
    raw = next((found.element[key] for key in INITIAL_KEYS if key in found.element), None)
    options = raw if isinstance(raw, list) else [raw]
    return choose(found, raw, [option for option in options if isinstance(option, dict)])


def state_values(blocks: list[Json], entered: Values) -> Values:
    """Build `state.values`: what was entered, and for the rest what was there at first."""
    values: Values = {}
    for found in interactive(blocks):
        if found.type in STATELESS:
            continue
        chosen = entered.get(found.block_id, {}).get(found.action_id)
        if chosen is None or chosen.get("type") != found.type:
            chosen = initial(found)
        values.setdefault(found.block_id, {})[found.action_id] = chosen
    return values


def action(found: Found, chosen: Json | None, action_ts: str) -> Json:
    """Build the entry of `actions` for a click on an element or a choice in it."""
    entry: Json = {
        "type": found.type,
        "action_id": found.action_id,
        "block_id": found.block_id,
        "action_ts": action_ts,
    }
    for key in ("text", "value", "style") if found.type in {"button", "icon_button"} else ("placeholder",):
        if key in found.element:
            entry[key] = found.element[key]
    if chosen is not None:
        entry |= chosen
    return entry


def is_empty(chosen: Json) -> bool:
    """Say whether a value object holds nothing."""
    value = chosen.get(CHOSEN_KEY[chosen["type"]])
    return value is None or value in ("", [])


def _listed(raw: Any) -> list[Any]:
    if raw is None or raw == "":
        return []
    return list(raw) if isinstance(raw, list | tuple | set) else [raw]


def _option(found: Found, raw: Any, offered: list[Json] | None) -> Json:
    options = offered if found.type in EXTERNAL else options_of(found.element)
    wanted = raw.get("value") if isinstance(raw, dict) else str(raw)
    for option in options or []:
        if wanted == option.get("value"):
            return option
    for option in options or []:
        if wanted == option.get("text", {}).get("text"):
            return option
    there = ", ".join(repr(option.get("value")) for option in options or []) or "no options"
    raise NotPossibleError(f"{found.label!r} has no option {wanted!r}; it has {there}")


def options_of(element: Json) -> list[Json]:
    """List an element's (or a suggestion's) options, those in groups too."""
    options = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        options += group.get("options", [])
    return options
