import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlanBlock,
    SectionBlock,
    TableBlock,
    TaskCardBlock,
)

from sandbox.slack import check_message
from sandbox.slack.limits import check_options
from sandbox.slack.rules.faults import Surface

Json = dict[str, Any]
SURFACES: tuple[Surface, ...] = ("message", "modal", "home")


def plain(length: int = 1, text: str = "x") -> Json:
    """Build a plain_text object of a length."""
    return {"type": "plain_text", "text": text * length}


def mrkdwn(length: int = 1) -> Json:
    """Build a mrkdwn object of a length."""
    return {"type": "mrkdwn", "text": "x" * length}


def options(count: int, *, text: int = 1, value: int = 1) -> list[Json]:
    """Build so many options."""
    return [{"text": plain(text), "value": "v" * value} for _ in range(count)]


def section(**more: Any) -> Json:
    """Build a section block."""
    return {"type": "section", "text": mrkdwn(), **more}


def actions(*elements: Json) -> Json:
    """Build an actions block."""
    return {"type": "actions", "elements": list(elements)}


def button(**more: Any) -> Json:
    """Build a button."""
    return {"type": "button", "text": plain(), **more}


def confirm(**more: Any) -> Json:
    """Build a button with a confirmation dialog."""
    dialog = {"title": plain(), "text": mrkdwn(), "confirm": plain(), "deny": plain(), **more}
    return actions(button(confirm=dialog))


def select(**more: Any) -> Json:
    """Build an actions block with a select menu."""
    return actions({"type": "static_select", "options": options(1), **more})


def field(element: Json, **more: Any) -> Json:
    """Build an input block."""
    return {"type": "input", "label": plain(), "element": element, **more}


def table(rows: int = 1, columns: int = 1, characters: int = 1, **more: Any) -> Json:
    """Build a table with the same text in each cell."""
    cell = {"type": "raw_text", "text": "x" * characters}
    return {"type": "table", "rows": [[cell] * columns] * rows, **more}


def data_table(rows: int = 2, characters: int = 1, **more: Any) -> Json:
    """Build a data_table, its header row counted."""
    cell = {"type": "raw_text", "text": "x" * characters}
    return {"type": "data_table", "caption": "what", "rows": [[cell]] * rows, **more}


def chart(series: int = 1, points: int = 1, title: int = 1, label: int = 2) -> Json:
    """Build a bar chart."""
    labels = [f"{number:0{label}d}" for number in range(points)]
    data = [{"label": text, "value": 1} for text in labels]
    return {
        "type": "data_visualization",
        "title": "x" * title,
        "chart": {
            "type": "bar",
            "series": [{"name": f"s{number}", "data": data} for number in range(series)],
            "axis_config": {"categories": labels},
        },
    }


def pie(segments: int = 1, value: float = 1) -> Json:
    """Build a pie chart."""
    slices = [{"label": f"s{number}", "value": value} for number in range(segments)]
    return {"type": "data_visualization", "title": "x", "chart": {"type": "pie", "segments": slices}}


def container(children: int = 1, **more: Any) -> Json:
    """Build a container."""
    return {"type": "container", "title": plain(), "child_blocks": [section()] * children, **more}


def task(number: int = 0, **more: Any) -> Json:
    """Build a task card."""
    return {"type": "task_card", "task_id": f"t{number}", "title": "x", "status": "pending", **more}


def plan(tasks: int = 1) -> Json:
    """Build a plan."""
    return {"type": "plan", "title": "x", "tasks": [task(number) for number in range(tasks)]}


def card(**more: Any) -> Json:
    """Build a card."""
    return {"type": "card", "title": mrkdwn(), **more}


def image(**more: Any) -> Json:
    """Build an image block."""
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a", **more}


def rich(text: str = "x") -> Json:
    """Build a rich_text block."""
    part = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [part]}


def message(*blocks: Json, **more: Any) -> Json:
    """Build a message."""
    return {"text": "fallback", "blocks": list(blocks), **more}


def modal(*blocks: Json, **more: Any) -> Json:
    """Build a modal that could be submitted."""
    return {"type": "modal", "title": plain(), "submit": plain(), "blocks": list(blocks), **more}


def home(*blocks: Json, **more: Any) -> Json:
    """Build a Home tab."""
    return {"type": "home", "blocks": list(blocks), **more}


ON: dict[Surface, Callable[..., Json]] = {"message": message, "modal": modal, "home": home}

# What holds a limit exactly, what goes one past it, and what is then said. The smallest surface that allows it.
LIMITS: dict[str, tuple[Surface, list[Json], list[Json], str]] = {
    "blocks in a message": ("message", [section()] * 50, [section()] * 51, "no more than 50 items"),
    "blocks in a modal": ("modal", [section()] * 100, [section()] * 101, "no more than 100 items"),
    "blocks in a home": ("home", [section()] * 100, [section()] * 101, "no more than 100 items"),
    "section text": (
        "message",
        [section(text=mrkdwn(3000))],
        [section(text=mrkdwn(3001))],
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    "section fields": ("message", [section(fields=[mrkdwn()] * 10)], [section(fields=[mrkdwn()] * 11)], "more than 10"),
    "section field": ("message", [section(fields=[mrkdwn(2000)])], [section(fields=[mrkdwn(2001)])], "than 2001"),
    "empty text": ("message", [section()], [section(text=mrkdwn(0))], "must be more than 0 characters"),
    "section without text": ("message", [section()], [{"type": "section"}], "missing required field: text or fields"),
    "header text": (
        "message",
        [{"type": "header", "text": plain(150)}],
        [{"type": "header", "text": plain(151)}],
        "than 151",
    ),
    "header is plain": (
        "message",
        [{"type": "header", "text": plain()}],
        [{"type": "header", "text": mrkdwn()}],
        "must be plain_text",
    ),
    "header level": (
        "message",
        [{"type": "header", "text": plain(), "level": 4}],
        [{"type": "header", "text": plain(), "level": 5}],
        "must be one of",
    ),
    "button text": ("message", [actions(button(text=plain(75)))], [actions(button(text=plain(76)))], "than 76"),
    "button is plain": ("message", [actions(button())], [actions(button(text=mrkdwn()))], "must be plain_text"),
    "button value": ("message", [actions(button(value="v" * 2000))], [actions(button(value="v" * 2001))], "than 2001"),
    "button action_id": (
        "message",
        [actions(button(action_id="a" * 255))],
        [actions(button(action_id="a" * 256))],
        "than 256",
    ),
    "button url": ("message", [actions(button(url="u" * 3000))], [actions(button(url="u" * 3001))], "than 3001"),
    "button style": (
        "message",
        [actions(button(style="danger"))],
        [actions(button(style="warning"))],
        "must be one of",
    ),
    "button label": (
        "message",
        [actions(button(accessibility_label="l" * 75))],
        [actions(button(accessibility_label="l" * 76))],
        "than 76",
    ),
    "block_id": ("message", [section(block_id="b" * 255)], [section(block_id="b" * 256)], "than 256"),
    "unique block_id": (
        "message",
        [section(block_id="a"), section(block_id="b")],
        [section(block_id="a"), section(block_id="a")],
        "block_id must be unique",
    ),
    "unique action_id": (
        "message",
        [actions(button(action_id="a")), actions(button(action_id="a"))],
        [actions(button(action_id="a"), button(action_id="a"))],
        "action_id must be unique",
    ),
    "confirm title": ("message", [confirm(title=plain(100))], [confirm(title=plain(101))], "than 101"),
    "confirm text": ("message", [confirm(text=mrkdwn(300))], [confirm(text=mrkdwn(301))], "than 301"),
    "confirm button": ("message", [confirm(confirm=plain(30))], [confirm(confirm=plain(31))], "than 31"),
    "deny button": ("message", [confirm(deny=plain(30))], [confirm(deny=plain(31))], "than 31"),
    "confirm title is plain": ("message", [confirm()], [confirm(title=mrkdwn())], "must be plain_text"),
    "confirm style": ("message", [confirm(style="primary")], [confirm(style="loud")], "must be one of"),
    "confirm is whole": ("message", [confirm()], [actions(button(confirm={"title": plain()}))], "missing required"),
    "actions": ("message", [actions(*[button()] * 25)], [actions(*[button()] * 26)], "no more than 25"),
    "no actions": ("message", [actions(button())], [actions()], "no fewer than 1"),
    "context": (
        "message",
        [{"type": "context", "elements": [mrkdwn()] * 10}],
        [{"type": "context", "elements": [mrkdwn()] * 11}],
        "no more than 10",
    ),
    "context_actions": (
        "message",
        [{"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "text": plain()}] * 5}],
        [{"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "text": plain()}] * 6}],
        "no more than 5",
    ),
    "select options": ("message", [select(options=options(100))], [select(options=options(101))], "no more than 100"),
    "option text": ("message", [select(options=options(1, text=75))], [select(options=options(1, text=76))], "than 76"),
    "option value": (
        "message",
        [select(options=options(1, value=150))],
        [select(options=options(1, value=151))],
        "than 151",
    ),
    "option is plain": (
        "message",
        [select()],
        [select(options=[{"text": mrkdwn(), "value": "v"}])],
        "must be plain_text",
    ),
    "option groups": (
        "message",
        [actions({"type": "static_select", "option_groups": [{"label": plain(75), "options": options(100)}]})],
        [actions({"type": "static_select", "option_groups": [{"label": plain(76), "options": options(1)}]})],
        "than 76",
    ),
    "options or groups": (
        "message",
        [select()],
        [select(option_groups=[{"label": plain(), "options": options(1)}])],
        "exactly one of options and option_groups",
    ),
    "initial option": (
        "message",
        [select(initial_option=options(1)[0])],
        [select(initial_option={"text": plain(), "value": "other"})],
        "must exactly match one of the options",
    ),
    "placeholder": ("message", [select(placeholder=plain(150))], [select(placeholder=plain(151))], "than 151"),
    "overflow options": (
        "message",
        [actions({"type": "overflow", "options": options(5)})],
        [actions({"type": "overflow", "options": options(6)})],
        "no more than 5",
    ),
    "checkboxes": (
        "message",
        [actions({"type": "checkboxes", "options": options(10)})],
        [actions({"type": "checkboxes", "options": options(11)})],
        "no more than 10",
    ),
    "radio buttons": (
        "message",
        [actions({"type": "radio_buttons", "options": options(10)})],
        [actions({"type": "radio_buttons", "options": options(11)})],
        "no more than 10",
    ),
    "typed length": (
        "modal",
        [field({"type": "plain_text_input", "max_length": 3000})],
        [field({"type": "plain_text_input", "max_length": 3001})],
        "must be between 1 and 3000",
    ),
    "typed bounds": (
        "modal",
        [field({"type": "plain_text_input", "min_length": 2, "max_length": 2})],
        [field({"type": "plain_text_input", "min_length": 3, "max_length": 2})],
        "must not be greater than max_length",
    ),
    "number bounds": (
        "modal",
        [field({"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "9"})],
        [field({"type": "number_input", "is_decimal_allowed": False, "min_value": "10", "max_value": "9"})],
        "must not be greater than max_value",
    ),
    "number is text": (
        "modal",
        [field({"type": "number_input", "is_decimal_allowed": False, "initial_value": "3"})],
        [field({"type": "number_input", "is_decimal_allowed": False, "initial_value": 3})],
        "must be a number, written as text",
    ),
    "date": (
        "modal",
        [field({"type": "datepicker", "initial_date": "2026-11-23"})],
        [field({"type": "datepicker", "initial_date": "23.11.2026"})],
        "YYYY-MM-DD",
    ),
    "time": (
        "modal",
        [field({"type": "timepicker", "initial_time": "09:00"})],
        [field({"type": "timepicker", "initial_time": "9 am"})],
        "HH:mm",
    ),
    "one focus": (
        "modal",
        [field({"type": "plain_text_input", "focus_on_load": True})],
        [field({"type": "plain_text_input", "focus_on_load": True})] * 2,
        "only one element can have focus_on_load",
    ),
    "input label": (
        "modal",
        [field({"type": "plain_text_input"}, label=plain(2000))],
        [field({"type": "plain_text_input"}, label=plain(2001))],
        "than 2001",
    ),
    "input hint": (
        "modal",
        [field({"type": "plain_text_input"}, hint=plain(2000))],
        [field({"type": "plain_text_input"}, hint=plain(2001))],
        "than 2001",
    ),
    "buttons are no input": ("modal", [section()], [field(button())], "unsupported element type: button"),
    "fields are no accessory": (
        "modal",
        [section(accessory=button())],
        [section(accessory={"type": "plain_text_input"})],
        "unsupported element type: plain_text_input",
    ),
    "number input in a message": (
        "message",
        [field({"type": "plain_text_input"})],
        [field({"type": "number_input", "is_decimal_allowed": False})],
        "number_input is available in modals only",
    ),
    "datetimepicker in a home": (
        "home",
        [actions({"type": "datepicker"})],
        [actions({"type": "datetimepicker"})],
        "datetimepicker is not available in Home tabs",
    ),
    "image alt text": ("message", [image(alt_text="a" * 2000)], [image(alt_text="a" * 2001)], "than 2001"),
    "image url": ("message", [image(image_url="u" * 3000)], [image(image_url="u" * 3001)], "than 3001"),
    "image source": ("message", [image()], [image(slack_file={"id": "F1"})], "exactly one of image_url and slack_file"),
    "video title": (
        "message",
        [{"type": "video", "alt_text": "a", "title": plain(199), "thumbnail_url": "u", "video_url": "u"}],
        [{"type": "video", "alt_text": "a", "title": plain(200), "thumbnail_url": "u", "video_url": "u"}],
        "than 200",
    ),
    "markdown": (
        "message",
        [{"type": "markdown", "text": "x" * 12000}],
        [{"type": "markdown", "text": "x" * 12001}],
        "than 12001",
    ),
    "markdown together": (
        "message",
        [{"type": "markdown", "text": "x" * 6000}] * 2,
        [{"type": "markdown", "text": "x" * 6001}] * 2,
        "all markdown blocks together",
    ),
    "table rows": ("message", [table(rows=100)], [table(rows=101)], "no more than 100 items"),
    "table columns": ("message", [table(columns=20)], [table(columns=21)], "no more than 20 items"),
    "table characters": (
        "message",
        [table(rows=100, characters=100)],
        [table(rows=100, characters=101)],
        "table text must be less than 10001",
    ),
    "one table": ("message", [table()], [table(), table()], "only_one_table_allowed"),
    "one table of either kind": ("message", [table()], [table(), data_table()], "only_one_table_allowed"),
    "a table in a container": (
        "message",
        [container(child_blocks=[table()])],
        [container(child_blocks=[table()]), table()],
        "only_one_table_allowed",
    ),
    "empty cell": ("message", [table(characters=1)], [table(characters=0)], "must be more than 0 characters"),
    "column settings": (
        "message",
        [table(column_settings=[None, {"align": "right"}])],
        [table(column_settings=[{"align": "justified"}])],
        "must be one of: left, center, right",
    ),
    "number cell": (
        "message",
        [{"type": "table", "rows": [[{"type": "raw_number", "value": 1.5, "text": "1.5"}]]}],
        [{"type": "table", "rows": [[{"type": "raw_number", "value": "1.5", "text": "1.5"}]]}],
        "must be a number",
    ),
    "cell type": (
        "message",
        [{"type": "table", "rows": [[rich()]]}],
        [{"type": "table", "rows": [[mrkdwn()]]}],
        "unsupported cell type: mrkdwn",
    ),
    "data table rows": ("message", [data_table(rows=101)], [data_table(rows=102)], "no more than 101"),
    "data table without rows": ("message", [data_table(rows=2)], [data_table(rows=1)], "no fewer than 2"),
    "data table characters": (
        "message",
        [data_table(rows=100, characters=200)],
        [data_table(rows=100, characters=201)],
        "table text must be less than 20001",
    ),
    "data table caption": (
        "message",
        [data_table()],
        [{"type": "data_table", "rows": [[{"type": "raw_text", "text": "x"}]] * 2}],
        "missing required field: caption",
    ),
    "data table page": ("message", [data_table(page_size=100)], [data_table(page_size=101)], "between 1 and 100"),
    "data table header": (
        "message",
        [data_table(rows=2)],
        [{"type": "data_table", "caption": "x", "rows": [[rich()], [rich()]]}],
        "the header row holds raw cells only",
    ),
    "data table row header": (
        "message",
        [data_table(row_header_column_index=0)],
        [data_table(row_header_column_index=1)],
        "must be the index of a column",
    ),
    "charts": ("message", [chart(), pie()], [chart(), pie(), pie()], "no more than 2 data_visualization"),
    "chart title": ("message", [chart(title=50)], [chart(title=51)], "than 51"),
    "chart series": ("message", [chart(series=6)], [chart(series=7)], "no more than 6"),
    "chart points": ("message", [chart(points=20)], [chart(points=21)], "no more than 20"),
    "chart label": ("message", [chart(label=20)], [chart(label=21)], "than 21"),
    "pie segments": ("message", [pie(segments=6)], [pie(segments=7)], "no more than 6"),
    "pie value": ("message", [pie(value=0.1)], [pie(value=0)], "must be more than 0"),
    "container children": ("message", [container(10)], [container(11)], "no more than 10"),
    "container title": ("message", [container(title=plain(150))], [container(title=plain(151))], "than 151"),
    "container width": ("message", [container(width="full")], [container(width="huge")], "must be one of"),
    "container collapsed": (
        "message",
        [container(is_collapsible=True, default_collapsed=True)],
        [container(default_collapsed=True)],
        "requires is_collapsible",
    ),
    "container in a container": (
        "message",
        [container()],
        [container(child_blocks=[container()])],
        "unsupported type here: container",
    ),
    "plan tasks": ("message", [plan(50)], [plan(51)], "no more than 50"),
    "one plan": ("message", [plan()], [plan(), {"type": "plan", "title": "y"}], "Cannot have more than 1 plan block"),
    "task status": ("message", [task(status="error")], [task(status="failed")], "must be one of: pending"),
    "unique task_id": ("message", [task(1), task(2)], [task(1), task(1)], "task_id must be unique"),
    "task cards": (
        "message",
        [task(number) for number in range(50)],
        [task(number) for number in range(51)],
        "no more than 5",
    ),
    "card title": ("message", [card(title=mrkdwn(150))], [card(title=mrkdwn(151))], "than 151"),
    "card subtitle": ("message", [card(subtitle=mrkdwn(150))], [card(subtitle=mrkdwn(151))], "than 151"),
    "card body": ("message", [card(body=mrkdwn(200))], [card(body=mrkdwn(201))], "than 201"),
    "card buttons": ("message", [card(actions=[button()] * 2)], [card(actions=[button()] * 3)], "no more than 2"),
    "card with something": ("message", [card()], [{"type": "card"}], "at least one of hero_image"),
    "carousel": (
        "message",
        [{"type": "carousel", "elements": [card()] * 10}],
        [{"type": "carousel", "elements": [card()] * 11}],
        "no more than 10",
    ),
    "alert level": (
        "modal",
        [{"type": "alert", "text": plain(), "level": "warning"}],
        [{"type": "alert", "text": plain(), "level": "critical"}],
        "must be one of: default",
    ),
    "rich text parts": (
        "message",
        [rich()],
        [{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}],
        "unsupported rich text element: text",
    ),
    "rich text pieces": (
        "message",
        [rich()],
        [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [plain()]}]}],
        "unsupported rich text element: plain_text",
    ),
    "rich text is not empty": ("message", [rich()], [rich("")], "must be more than 0 characters"),
    "rich text list": (
        "message",
        [{"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": []}]}],
        [{"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "stars", "elements": []}]}],
        "must be one of: bullet, ordered",
    ),
    "emoji is for plain text": (
        "message",
        [section(text=plain() | {"emoji": True})],
        [section(text=mrkdwn() | {"emoji": True})],
        "invalid additional property: emoji",
    ),
    "verbatim is for mrkdwn": (
        "message",
        [section(text=mrkdwn() | {"verbatim": True})],
        [section(text=plain() | {"verbatim": True})],
        "invalid additional property: verbatim",
    ),
    "misspelt field": ("message", [section()], [section(blockId="a")], "invalid additional property: blockId"),
    "unknown block": ("message", [section()], [{"type": "hologram"}], "unsupported type: hologram"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_where_slack_has_it(name: str) -> None:
    """What holds a limit exactly passes, and one more is refused with the reason."""
    surface, within, past, reason = LIMITS[name]
    assert check_message(ON[surface](*within), surface) == []
    lines = check_message(ON[surface](*past), surface)
    assert any(reason in line for line in lines), lines
    assert all(line.startswith("[ERROR] ") and "[json-pointer:" in line for line in lines)


@pytest.mark.parametrize(
    ("past", "reason"),
    [
        ({"title": plain(25)}, "must be less than 25 characters [json-pointer:/title/text]"),
        ({"submit": plain(25)}, "must be less than 25 characters [json-pointer:/submit/text]"),
        ({"close": plain(25)}, "must be less than 25 characters [json-pointer:/close/text]"),
        ({"title": mrkdwn()}, "must be plain_text"),
        ({"private_metadata": "x" * 3001}, "must be less than 3001 characters [json-pointer:/private_metadata]"),
        ({"callback_id": "x" * 256}, "must be less than 256 characters"),
        ({"external_id": "x" * 256}, "must be less than 256 characters"),
        ({"clear_on_close": "yes"}, "must be a boolean"),
        ({"blocks": []}, "no fewer than 1 items"),
        ({"colour": "red"}, "invalid additional property: colour"),
        ({"type": "home"}, "must be one of: modal"),
    ],
)
def test_a_modals_own_fields_are_checked(past: Json, reason: str) -> None:
    """A modal's title, buttons, hidden data and flags have their limits."""
    within = {
        "title": plain(24),
        "submit": plain(24),
        "close": plain(24),
        "private_metadata": "x" * 3000,
        "callback_id": "x" * 255,
        "external_id": "x" * 255,
    }
    assert check_message(modal(section(), **within), "modal") == []
    lines = check_message({**modal(section(), **within), **past}, "modal")
    assert any(reason in line for line in lines), lines


def test_a_modal_that_asks_needs_a_submit_button() -> None:
    """Input blocks without a submit button are refused in a modal."""
    asking = modal(field({"type": "plain_text_input"}))
    assert check_message(asking, "modal") == []
    del asking["submit"]
    assert "missing required field: submit" in check_message(asking, "modal")[0]


def test_a_home_has_no_title_and_no_buttons() -> None:
    """A Home tab with a modal's fields is refused."""
    lines = check_message(home(section(), title=plain(), submit=plain()), "home")
    assert [line.split(" [")[0] for line in lines] == [
        "[ERROR] invalid additional property: submit",
        "[ERROR] invalid additional property: title",
    ]


ALLOWED: dict[str, tuple[Json, set[str]]] = {
    "actions": (actions(button()), {"message", "modal", "home"}),
    "alert": ({"type": "alert", "text": plain()}, {"modal"}),
    "card": (card(), {"message", "home"}),
    "carousel": ({"type": "carousel", "elements": [card()]}, {"message", "home"}),
    "container": (container(), {"message"}),
    "context": ({"type": "context", "elements": [plain()]}, {"message", "modal", "home"}),
    "context_actions": (
        {"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "text": plain()}]},
        {"message"},
    ),
    "data_table": (data_table(), {"message"}),
    "data_visualization": (chart(), {"message", "home"}),
    "divider": ({"type": "divider"}, {"message", "modal", "home"}),
    "header": ({"type": "header", "text": plain()}, {"message", "modal", "home"}),
    "image": (image(), {"message", "modal", "home"}),
    "input": (field({"type": "plain_text_input"}), {"message", "modal", "home"}),
    "markdown": ({"type": "markdown", "text": "x"}, {"message"}),
    "plan": (plan(), {"message"}),
    "rich_text": (rich(), {"message", "modal", "home"}),
    "section": (section(), {"message", "modal", "home"}),
    "table": (table(), {"message"}),
    "task_card": (task(), {"message"}),
    "file_input": (field({"type": "file_input"}), {"modal"}),
    "url_text_input": (field({"type": "url_text_input"}), {"modal"}),
    "email_text_input": (field({"type": "email_text_input"}), {"modal"}),
}


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("kind", ALLOWED)
def test_a_block_stands_only_where_slack_draws_it(kind: str, surface: Surface) -> None:
    """Each block and each special input is taken on its surfaces and refused on the others."""
    block, surfaces = ALLOWED[kind]
    assert (check_message(ON[surface](block), surface) == []) == (surface in surfaces)


@pytest.mark.parametrize(
    "block",
    [chart(), data_table(), plan(), task(), card(), container(), {"type": "carousel", "elements": [card()]}],
    ids=lambda block: str(block["type"]),
)
def test_newer_blocks_can_be_unknown(block: Json) -> None:
    """A workspace that the rollout hasn't reached refuses the newer blocks, and only those."""
    assert check_message(message(block), "message") == []
    assert "unsupported type" in check_message(message(block), "message", newer_blocks=False)[0]
    assert check_message(message(section(), table()), "message", newer_blocks=False) == []


def test_a_message_needs_text_for_notifications() -> None:
    """Blocks alone are refused: notifications and screen readers would be empty."""
    assert "missing required field: text" in check_message({"blocks": [section()]}, "message")[0]
    assert "missing required field: text" in check_message({"blocks": [section()], "text": "  "}, "message")[0]


def test_a_messages_text_fits_an_update() -> None:
    """Text past 4,000 characters is refused, since chat.update would refuse it."""
    assert check_message({"text": "x" * 4000}, "message") == []
    assert "must be less than 4001 characters [json-pointer:/text]" in check_message({"text": "x" * 4001}, "message")[0]


def test_attachments_are_checked_too() -> None:
    """Blocks within attachments obey the same rules and share the counts."""
    assert check_message(message(attachments=[{"color": "#fff", "blocks": [table()]}]), "message") == []
    lines = check_message(message(table(), attachments=[{"blocks": [table()]}]), "message")
    assert lines == ["[ERROR] only_one_table_allowed [json-pointer:/attachments/0/blocks/0]"]
    assert "no more than 100" in check_message(message(attachments=[{"text": "x"}] * 101), "message")[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "x", "blocks": "none"},
        {"text": "x", "blocks": [None]},
        {"text": 5},
        {"text": "x", "blocks": [{"type": "section", "text": "bare"}]},
        {"text": "x", "blocks": [{"type": "actions", "elements": "none"}]},
        {"text": "x", "blocks": [{"type": "actions", "elements": [None]}]},
        {"text": "x", "blocks": [{"type": "table", "rows": [None]}]},
        {"text": "x", "blocks": [{"type": "table", "rows": None}]},
        {"text": "x", "blocks": [{"type": "data_visualization", "title": "x", "chart": None}]},
        {"text": "x", "blocks": [{"type": "data_visualization", "title": "x", "chart": {"type": "bar", "series": 1}}]},
        {"text": "x", "blocks": [{"type": "plan", "title": "x", "tasks": [1]}]},
        {"text": "x", "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section"}]}]},
        {"text": "x", "blocks": [{"type": "data_table", "caption": 1, "rows": [1, 2]}]},
        {"text": "x", "blocks": [{"type": "input", "label": plain(), "element": {"type": "static_select"}}]},
        {"text": "x", "blocks": [{"type": "section", "text": plain(), "block_id": 5}]},
        {"text": "x", "blocks": [{"type": ["section"]}]},
    ],
)
def test_malformed_payloads_are_faults_and_no_crash(wrong: Json) -> None:
    """Whatever the shape, the answer is a list of faults."""
    assert check_message(wrong, "message") != []


def test_a_payload_is_left_as_it_was() -> None:
    """Checking changes nothing in what is checked."""
    payload = message(container(), chart(), plan(), table())
    before = copy.deepcopy(payload)
    check_message(payload, "message")
    assert payload == before


def test_what_the_sdk_builds_passes() -> None:
    """Blocks built with slack_sdk.models, within the limits, have no faults."""
    blocks = [
        HeaderBlock(text="Delete 37 manifests?").to_dict(),
        SectionBlock(text="in *myrepo*", fields=["*who*", "<@U1>"]).to_dict(),
        ContextBlock(elements=[MarkdownTextObject(text="expires soon")]).to_dict(),
        TableBlock(rows=[[{"type": "raw_text", "text": "digest"}]], column_settings=[{"align": "left"}]).to_dict(),
        PlanBlock(title="Deleting", tasks=[TaskCardBlock(task_id="1", title="myrepo", status="pending")]).to_dict(),
        ActionsBlock(
            block_id="decide",
            elements=[
                ButtonElement(
                    text="Approve",
                    action_id="approve",
                    value="1",
                    style="danger",
                    confirm=ConfirmObject(title="Sure?", text="Gone is gone", confirm="Delete", deny="Keep"),
                )
            ],
        ).to_dict(),
    ]
    assert check_message(message(*blocks), "message") == []


def test_suggestions_have_limits() -> None:
    """An external select takes at most 100 options, and an empty list means that nothing was found."""
    assert check_options({"options": options(100)}) == []
    assert check_options({"options": []}) == []
    assert "no more than 100" in check_options({"options": options(101)})[0]
    assert "than 76" in check_options({"options": options(1, text=76)})[0]
    assert "exactly one of" in check_options({})[0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "elements"]), inner),
    max_leaves=6,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """List every place in a payload, as the holder and the key or index in it."""
    entries = list(value.items()) if isinstance(value, dict) else []
    entries = list(enumerate(value)) if isinstance(value, list) else entries
    return [(value, key) for key, _ in entries] + [place for _, inner in entries for place in places(inner)]


@given(data=st.data(), junk=JSON)
def test_no_payload_crashes_the_check(data: st.DataObject, junk: Any) -> None:
    """With any part of a payload replaced by anything, the answer is still a list."""
    kind, surface = data.draw(st.sampled_from([(kind, surface) for kind in ALLOWED for surface in SURFACES]))
    payload = copy.deepcopy(ON[surface](ALLOWED[kind][0], confirm(), select(initial_option=options(1)[0])))
    holder, key = data.draw(st.sampled_from(places(payload)))
    holder[key] = junk
    assert isinstance(check_message(payload, surface), list)
