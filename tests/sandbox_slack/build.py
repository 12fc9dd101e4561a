"""Builds blocks, messages and views as raw JSON, for the tests of the limits."""

from collections.abc import Callable
from typing import Any

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
