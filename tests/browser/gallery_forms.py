"""A modal with an input of every kind."""

from typing import Any

from tests.browser.fixture_server import Json
from tests.browser.kit import option, plain

OPTIONS = [option("Amsterdam", "ams"), option("Berlin", "ber", "the other one"), option("Copenhagen", "cph")]


def inputs() -> list[Json]:
    """Make an input block for every kind of element that holds a value."""
    elements: list[tuple[str, Json]] = [
        ("Repository", {"type": "plain_text_input", "placeholder": plain("team/app"), "max_length": 80}),
        ("Reason", {"type": "plain_text_input", "multiline": True}),
        ("Keep the newest", {"type": "number_input", "is_decimal_allowed": False, "min_value": "0", "max_value": "99"}),
        ("Notify", {"type": "email_text_input"}),
        ("Runbook", {"type": "url_text_input"}),
        ("Note", {"type": "rich_text_input"}),
        ("Place", {"type": "static_select", "options": OPTIONS, "initial_option": OPTIONS[1]}),
        ("Places", {"type": "multi_static_select", "options": OPTIONS}),
        ("Image", {"type": "external_select", "min_query_length": 2}),
        ("Images", {"type": "multi_external_select", "min_query_length": 1}),
        ("Approver", {"type": "users_select"}),
        ("Approvers", {"type": "multi_users_select"}),
        ("Channel", {"type": "channels_select", "initial_channel": "C2"}),
        ("Channels", {"type": "multi_channels_select"}),
        ("Where", {"type": "conversations_select"}),
        ("Wheres", {"type": "multi_conversations_select"}),
        ("On", {"type": "datepicker", "initial_date": "2026-11-30"}),
        ("At", {"type": "timepicker", "initial_time": "09:30"}),
        ("Both", {"type": "datetimepicker", "initial_date_time": 1795000000}),
        ("Include", {"type": "checkboxes", "options": OPTIONS, "initial_options": [OPTIONS[0]]}),
        ("Mode", {"type": "radio_buttons", "options": OPTIONS}),
        ("File", {"type": "file_input"}),
    ]
    return [
        {
            "type": "input",
            "block_id": f"in-{element['type']}{at}",
            "label": plain(label),
            "hint": plain("Globs work: team/*"),
            "optional": at > 0,
            "element": element | {"action_id": element["type"]},
        }
        for at, (label, element) in enumerate(elements)
    ]


def modal(**more: Any) -> Json:
    """Make a modal as the state has it."""
    made: Json = {
        "id": "V1",
        "type": "modal",
        "title": plain("Clean up"),
        "submit": plain("Propose"),
        "close": plain("Cancel"),
        "blocks": inputs(),
        "callback_id": "clean",
        "errors": None,
    }
    return made | more
