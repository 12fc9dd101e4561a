"""The rules on interactive elements, options and confirmation dialogs."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.slack.rules.faults import Faults, kind_of

ACTION_ID = 255
PLACEHOLDER = 150
OPTIONS = 100
FEW_OPTIONS = 10
OVERFLOW_OPTIONS = 5
OPTION_TEXT = 75
OPTION_VALUE = 150
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
URL = 3000
TYPED = 3000
FILES = 10

SELECTS = frozenset(
    {
        "static_select",
        "external_select",
        "users_select",
        "conversations_select",
        "channels_select",
    }
)
MULTI_SELECTS = frozenset(f"multi_{name}" for name in SELECTS)
PICKERS = frozenset({"datepicker", "timepicker"})
IN_SECTION = (
    SELECTS
    | MULTI_SELECTS
    | PICKERS
    | {
        "button",
        "checkboxes",
        "image",
        "overflow",
        "radio_buttons",
        "workflow_button",
    }
)
IN_ACTIONS = (IN_SECTION | {"datetimepicker", "rich_text_input"}) - {"image"}
MODAL_INPUTS = frozenset({"email_text_input", "file_input", "number_input", "url_text_input"})
IN_INPUT = (
    SELECTS
    | MULTI_SELECTS
    | PICKERS
    | MODAL_INPUTS
    | {"checkboxes", "datetimepicker", "plain_text_input", "radio_buttons", "rich_text_input"}
)
NUMBER = re.compile(r"-?\d+(\.\d+)?")
DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
LONGEST_DATE_TIME = 9_999_999_999

COMMON = ("action_id", "confirm", "focus_on_load")
FILTER = ("include", "exclude_external_shared_channels", "exclude_bot_users")

# Fields that each type may have beside `type`, the common ones and, for those one types or picks in, `placeholder`.
REQUIRED: dict[str, tuple[str, ...]] = {
    "button": ("text",),
    "checkboxes": ("options",),
    "feedback_buttons": ("positive_button", "negative_button"),
    "icon_button": ("icon", "text"),
    "number_input": ("is_decimal_allowed",),
    "overflow": ("options",),
    "radio_buttons": ("options",),
    "workflow_button": ("text", "workflow"),
}
OPTIONAL: dict[str, tuple[str, ...]] = {
    "button": ("accessibility_label", "style", "url", "value"),
    "channels_select": ("initial_channel", "response_url_enabled"),
    "checkboxes": ("initial_options",),
    "conversations_select": (
        "default_to_current_conversation",
        "filter",
        "initial_conversation",
        "response_url_enabled",
    ),
    "datepicker": ("initial_date",),
    "datetimepicker": ("initial_date_time",),
    "email_text_input": ("dispatch_action_config", "initial_value"),
    "external_select": ("initial_option", "min_query_length"),
    "feedback_buttons": (),
    "file_input": ("filetypes", "max_files"),
    "icon_button": ("accessibility_label", "value", "visible_to_user_ids"),
    "multi_channels_select": ("initial_channels", "max_selected_items"),
    "multi_conversations_select": (
        "default_to_current_conversation",
        "filter",
        "initial_conversations",
        "max_selected_items",
    ),
    "multi_external_select": ("initial_options", "max_selected_items", "min_query_length"),
    "multi_static_select": ("initial_options", "max_selected_items", "option_groups", "options"),
    "multi_users_select": ("initial_users", "max_selected_items"),
    "number_input": ("dispatch_action_config", "initial_value", "max_value", "min_value"),
    "overflow": (),
    "plain_text_input": ("dispatch_action_config", "initial_value", "max_length", "min_length", "multiline"),
    "radio_buttons": ("initial_option",),
    "rich_text_input": ("dispatch_action_config", "initial_value"),
    "static_select": ("initial_option", "option_groups", "options"),
    "timepicker": ("initial_time", "timezone"),
    "url_text_input": ("dispatch_action_config", "initial_value"),
    "users_select": ("initial_user",),
    "workflow_button": ("accessibility_label", "style"),
}
WITHOUT_PLACEHOLDER = frozenset(
    {
        "button",
        "checkboxes",
        "datetimepicker",
        "feedback_buttons",
        "file_input",
        "icon_button",
        "overflow",
        "radio_buttons",
        "workflow_button",
    }
)


def check_element(faults: Faults, pointer: str, element: Any, allowed: frozenset[str]) -> None:
    """Check an element, which must be of one of the types allowed where it is."""
    kind = kind_of(element)
    if kind not in allowed:
        faults.add(f"{pointer}/type", f"unsupported element type: {kind}")
        return
    if kind == "image":
        check_image(faults, pointer, element)
        return
    if kind in MODAL_INPUTS and faults.surface != "modal":
        faults.add(f"{pointer}/type", f"{kind} is available in modals only")
    if kind == "datetimepicker" and faults.surface == "home":
        faults.add(f"{pointer}/type", "datetimepicker is not available in Home tabs")
    placeholder = () if kind in WITHOUT_PLACEHOLDER else ("placeholder",)
    faults.object(pointer, element, ("type", *REQUIRED.get(kind, ())), (*COMMON, *placeholder, *OPTIONAL[kind]))
    faults.strings(pointer, element, action_id=ACTION_ID)
    faults.flags(pointer, element, "focus_on_load", "multiline", "is_decimal_allowed")
    if element.get("focus_on_load"):
        faults.focused += 1
        if faults.focused > 1:
            faults.add(f"{pointer}/focus_on_load", "only one element can have focus_on_load set to true")
    if "placeholder" in element:
        faults.text(f"{pointer}/placeholder", element["placeholder"], PLACEHOLDER, plain=True)
    if "confirm" in element:
        check_confirm(faults, f"{pointer}/confirm", element["confirm"])
    if (own := OWN_RULES.get(kind)) is not None:
        own(faults, pointer, element)


def check_confirm(faults: Faults, pointer: str, confirm: Any) -> None:
    """Check a confirmation dialog."""
    if not faults.object(pointer, confirm, ("title", "text", "confirm", "deny"), ("style",)):
        return
    for name, longest, plain in (("title", 100, True), ("text", 300, False), ("confirm", 30, True), ("deny", 30, True)):
        if name in confirm:
            faults.text(f"{pointer}/{name}", confirm[name], longest, plain=plain)
    if "style" in confirm:
        faults.one_of(f"{pointer}/style", confirm["style"], ("primary", "danger"))


def check_image(faults: Faults, pointer: str, image: Any) -> None:
    """Check an image element."""
    if not faults.object(pointer, image, ("type", "alt_text"), ("image_url", "slack_file")):
        return
    check_picture(faults, pointer, image)


def check_picture(faults: Faults, pointer: str, image: dict[str, Any]) -> None:
    """Check what image elements and image blocks share."""
    faults.strings(pointer, image, alt_text=2000, image_url=URL)
    if ("image_url" in image) == ("slack_file" in image):
        faults.add(pointer, "exactly one of image_url and slack_file is required")


def check_options_of(faults: Faults, pointer: str, element: dict[str, Any], *, most: int = OPTIONS) -> None:
    """Check a list of options, or of groups of them."""
    rich = element.get("type") in {"checkboxes", "radio_buttons"}
    in_overflow = element.get("type") == "overflow"
    if "options" in element:
        for index, option in enumerate(faults.items(f"{pointer}/options", element["options"], most)):
            check_option(faults, f"{pointer}/options/{index}", option, rich=rich, link=in_overflow)
    if "option_groups" in element:
        groups = faults.items(f"{pointer}/option_groups", element["option_groups"], OPTIONS)
        for index, group in enumerate(groups):
            at = f"{pointer}/option_groups/{index}"
            if faults.object(at, group, ("label", "options")):
                faults.text(f"{at}/label", group.get("label"), OPTION_TEXT, plain=True)
                check_options_of(faults, at, {"options": group.get("options")})


def check_option(faults: Faults, pointer: str, option: Any, *, rich: bool = False, link: bool = False) -> None:
    """Check one option; `rich` allows mrkdwn, as in checkboxes and radio buttons."""
    if not faults.object(pointer, option, ("text", "value"), ("description", *(("url",) if link else ()))):
        return
    faults.text(f"{pointer}/text", option.get("text"), OPTION_TEXT, plain=not rich)
    if "description" in option:
        faults.text(f"{pointer}/description", option["description"], OPTION_TEXT, plain=not rich)
    faults.strings(pointer, option, value=OPTION_VALUE, url=URL)


def _button(faults: Faults, pointer: str, element: dict[str, Any]) -> None:
    if "text" in element:
        faults.text(f"{pointer}/text", element["text"], BUTTON_TEXT, plain=True)
    faults.strings(pointer, element, value=BUTTON_VALUE, url=URL, accessibility_label=BUTTON_TEXT)
    if "style" in element:
        faults.one_of(f"{pointer}/style", element["style"], ("primary", "danger"))


def _feedback(faults: Faults, pointer: str, element: dict[str, Any]) -> None:
    for name in ("positive_button", "negative_button"):
        at = f"{pointer}/{name}"
        button = element.get(name)
        if faults.object(at, button, ("text", "value"), ("accessibility_label",)) and button:
            faults.text(f"{at}/text", button.get("text"), BUTTON_TEXT, plain=True)
            faults.strings(at, button, value=BUTTON_VALUE, accessibility_label=BUTTON_TEXT)


def _static(faults: Faults, pointer: str, element: dict[str, Any]) -> None:
    if ("options" in element) == ("option_groups" in element):
        faults.add(pointer, "exactly one of options and option_groups is required")
    check_options_of(faults, pointer, element)
    _initial_among_options(faults, pointer, element)
    _multiple(faults, pointer, element)


def _few_options(faults: Faults, pointer: str, element: dict[str, Any]) -> None:
    check_options_of(faults, pointer, element, most=FEW_OPTIONS)
    _initial_among_options(faults, pointer, element)


def _overflow(faults: Faults, pointer: str, element: dict[str, Any]) -> None:
    check_options_of(faults, pointer, element, most=OVERFLOW_OPTIONS)


def _initial_among_options(faults: Faults, pointer: str, element: dict[str, Any]) -> None:
    groups = [group for group in _listed(element, "option_groups") if isinstance(group, dict)]
    options = [*_listed(element, "options"), *(option for group in groups for option in _listed(group, "options"))]
    chosen = [
        *_listed(element, "initial_options"),
        *([element["initial_option"]] if "initial_option" in element else []),
    ]
    for option in chosen:
        if option not in options:
            faults.add(pointer, "initial option must exactly match one of the options")


def _listed(holder: dict[str, Any], name: str) -> list[Any]:
    value = holder.get(name)
    return value if isinstance(value, list) else []


def _multiple(faults: Faults, pointer: str, element: dict[str, Any]) -> None:
    least = element.get("max_selected_items", 1)
    if not isinstance(least, int) or least < 1:
        faults.add(f"{pointer}/max_selected_items", "must be at least 1")


def _typed(faults: Faults, pointer: str, element: dict[str, Any]) -> None:
    shortest, longest = element.get("min_length", 0), element.get("max_length", TYPED)
    for name, value, least in (("min_length", shortest, 0), ("max_length", longest, 1)):
        if not isinstance(value, int) or not least <= value <= TYPED:
            faults.add(f"{pointer}/{name}", f"must be between {least} and {TYPED}")
            return
    if shortest > longest:
        faults.add(f"{pointer}/min_length", "must not be greater than max_length")
    if "initial_value" in element:
        faults.string(f"{pointer}/initial_value", element["initial_value"], longest, least=0)


def _number(faults: Faults, pointer: str, element: dict[str, Any]) -> None:
    for name in ("initial_value", "min_value", "max_value"):
        value = element.get(name, "0")
        if not isinstance(value, str) or not NUMBER.fullmatch(value):
            faults.add(f"{pointer}/{name}", "must be a number, written as text")
            return
    if float(element.get("min_value", "-inf")) > float(element.get("max_value", "inf")):
        faults.add(f"{pointer}/min_value", "must not be greater than max_value")


def _date(faults: Faults, pointer: str, element: dict[str, Any]) -> None:
    if "initial_date" in element and not DATE.fullmatch(str(element["initial_date"])):
        faults.add(f"{pointer}/initial_date", "must be a date of the form YYYY-MM-DD")


def _time(faults: Faults, pointer: str, element: dict[str, Any]) -> None:
    if "initial_time" in element and not TIME.fullmatch(str(element["initial_time"])):
        faults.add(f"{pointer}/initial_time", "must be a time of the form HH:mm")


def _date_time(faults: Faults, pointer: str, element: dict[str, Any]) -> None:
    value = element.get("initial_date_time", 0)
    if not isinstance(value, int) or not 0 <= value <= LONGEST_DATE_TIME:
        faults.add(f"{pointer}/initial_date_time", "must be a Unix time in seconds")


def _file(faults: Faults, pointer: str, element: dict[str, Any]) -> None:
    most = element.get("max_files", FILES)
    if not isinstance(most, int) or not 1 <= most <= FILES:
        faults.add(f"{pointer}/max_files", f"must be between 1 and {FILES}")


OWN_RULES: dict[str, Callable[[Faults, str, dict[str, Any]], None]] = {
    "button": _button,
    "checkboxes": _few_options,
    "datepicker": _date,
    "datetimepicker": _date_time,
    "feedback_buttons": _feedback,
    "file_input": _file,
    "icon_button": _button,
    "multi_channels_select": _multiple,
    "multi_conversations_select": _multiple,
    "multi_external_select": _multiple,
    "multi_static_select": _static,
    "multi_users_select": _multiple,
    "number_input": _number,
    "overflow": _overflow,
    "plain_text_input": _typed,
    "radio_buttons": _few_options,
    "static_select": _static,
    "timepicker": _time,
    "workflow_button": _button,
}
