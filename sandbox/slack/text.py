"""What a message or a view says, as plain text that people and tests can read."""

from collections.abc import Callable
from typing import Any

from sandbox.slack.model import Json, Message, View

TASK_MARKS = {"pending": "[ ]", "in_progress": "[~]", "complete": "[x]", "error": "[!]"}
ATTACHMENT_TEXTS = ("pretext", "title", "text", "fallback")


def text_of(shown: Message | View | list[Json]) -> str:
    """Flatten blocks to lines of text: tables as rows with ` | `, buttons as `[Label]`, files by name.

    A message without blocks is its text. Markup (`*bold*`, `<@U1>`) stays as it was sent.
    """
    if isinstance(shown, list):
        return _joined(_blocks(shown))
    if isinstance(shown, View):
        return _joined([shown.title, *_blocks(shown.blocks)])
    lines = _blocks(shown.blocks) if shown.blocks else [shown.text]
    for attachment in shown.attachments:
        lines += [str(attachment[key]) for key in ATTACHMENT_TEXTS if attachment.get(key)]
        lines += _blocks(attachment.get("blocks", []))
    return _joined([*lines, *(f"[file {file.name}, {file.size} bytes]" for file in shown.files)])


def _joined(lines: list[str]) -> str:
    return "\n".join(line for line in lines if line)


def _blocks(blocks: list[Json]) -> list[str]:
    return [line for block in blocks for line in _block(block)]


def _block(block: Json) -> list[str]:
    draw = DRAWN.get(str(block.get("type")))
    return draw(block) if draw else []


def _only_text(block: Json) -> list[str]:
    return [_text(block.get("text"))]


def _section(block: Json) -> list[str]:
    fields = [_text(field) for field in block.get("fields", [])]
    return [_text(block.get("text")), *fields, _element(block.get("accessory"))]


def _row(block: Json) -> list[str]:
    return [" ".join(_element(item) for item in block.get("elements", []))]


def _input(block: Json) -> list[str]:
    return [f"{_text(block.get('label'))}: {_element(block.get('element'))}", _text(block.get("hint"))]


def _divider(_: Json) -> list[str]:
    return ["---"]


def _image(block: Json) -> list[str]:
    return [_text(block.get("title")), f"[image {block.get('alt_text', '')}]"]


def _rich_text(block: Json) -> list[str]:
    return [_rich(part) for part in block.get("elements", [])]


def _table(block: Json) -> list[str]:
    rows = [" | ".join(_cell(cell) for cell in row) for row in block.get("rows", [])]
    return [_text(block.get("caption")), *rows]


def _chart(block: Json) -> list[str]:
    chart = block.get("chart", {})
    lines = [f"{point.get('label')}: {point.get('value')}" for point in chart.get("segments", [])]
    for series in chart.get("series", []):
        points = ", ".join(f"{point.get('label')} {point.get('value')}" for point in series.get("data", []))
        lines.append(f"{series.get('name')}: {points}")
    return [_text(block.get("title")), *lines]


def _plan(block: Json) -> list[str]:
    return [_text(block.get("title")), *(line for task in block.get("tasks", []) for line in _task(task))]


def _task(task: Json) -> list[str]:
    lines = [f"{TASK_MARKS.get(task.get('status', 'pending'), '[ ]')} {_text(task.get('title'))}"]
    for name in ("details", "output"):
        lines += [f"    {line}" for line in _block(task.get(name) or {})]
    return lines


def _card(block: Json) -> list[str]:
    texts = [_text(block.get(name)) for name in ("title", "subtitle", "body")]
    return [*texts, " ".join(_element(button) for button in block.get("actions", []))]


def _carousel(block: Json) -> list[str]:
    return _blocks(block.get("elements", []))


def _container(block: Json) -> list[str]:
    title = "".join(_block(block.get("rich_text_title", {}))) or _text(block.get("title"))
    return [title, _text(block.get("subtitle")), *_blocks(block.get("child_blocks", []))]


DRAWN: dict[str, Callable[[Json], list[str]]] = {
    "actions": _row,
    "alert": _only_text,
    "card": _card,
    "carousel": _carousel,
    "container": _container,
    "context": _row,
    "context_actions": _row,
    "data_table": _table,
    "data_visualization": _chart,
    "divider": _divider,
    "header": _only_text,
    "image": _image,
    "input": _input,
    "markdown": _only_text,
    "plan": _plan,
    "rich_text": _rich_text,
    "section": _section,
    "table": _table,
    "task_card": _task,
}


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("text", ""))
    return "" if value is None else str(value)


def _element(element: Any) -> str:
    if not isinstance(element, dict):
        return ""
    kind = element.get("type")
    if kind in {"plain_text", "mrkdwn"}:
        return _text(element)
    if kind == "image":
        return f"[image {element.get('alt_text', '')}]"
    if kind == "feedback_buttons":
        buttons = (element.get(name, {}) for name in ("positive_button", "negative_button"))
        return " ".join(f"[{_text(button.get('text'))}]" for button in buttons)
    preset = _text(element.get("initial_option", {}).get("text")) or _text(element.get("initial_value"))
    options = " / ".join(_text(option.get("text")) for option in element.get("options") or [])
    shown = _text(element.get("text")) or preset or options or _text(element.get("placeholder"))
    return f"[{shown or kind}]"


def _rich(part: Json) -> str:
    if part.get("type") == "rich_text_list":
        ordered = part.get("style") == "ordered"
        items = enumerate((_rich(item) for item in part.get("elements", [])), start=1)
        return "\n".join(f"{f'{number}.' if ordered else '-'} {item}" for number, item in items)
    return "".join(_piece(piece) for piece in part.get("elements", []))


def _piece(piece: Json) -> str:
    match piece.get("type"):
        case "user":
            return f"<@{piece.get('user_id')}>"
        case "usergroup":
            return f"<!subteam^{piece.get('usergroup_id')}>"
        case "channel":
            return f"<#{piece.get('channel_id')}>"
        case "emoji":
            return f":{piece.get('name')}:"
        case "broadcast":
            return f"@{piece.get('range')}"
    first = (piece.get(key) for key in ("text", "fallback", "url", "timestamp", "value"))
    return str(next((text for text in first if text), ""))


def _cell(cell: Any) -> str:
    if not isinstance(cell, dict):
        return ""
    if cell.get("type") == "rich_text":
        return " ".join(_rich_text(cell))
    if cell.get("type") == "action_cell":
        return _element(cell.get("element"))
    return _text(cell.get("text")) or _text(cell.get("value"))
