"""What a message or a view says, as plain text that people and tests can read."""

from typing import Any

from sandbox.slack.model import Json, Message, View

TASK_MARKS = {"pending": "[ ]", "in_progress": "[~]", "complete": "[x]", "error": "[!]"}


def text_of(shown: Message | View | list[Json]) -> str:
    """Flatten blocks to lines of text: tables as rows with ` | `, buttons as `[Label]`, files by name.

    A message without blocks is its text. Markup (`*bold*`, `<@U1>`) stays as it was sent.
    """
    if isinstance(shown, list):
        blocks, lines = shown, []
    elif isinstance(shown, View):
        blocks, lines = shown.blocks, [shown.title] if shown.title else []
    else:
        blocks, lines = shown.blocks, [] if shown.blocks or not shown.text else [shown.text]
    for block in blocks:
        lines += _block(block)
    if isinstance(shown, Message):
        for attachment in shown.attachments:
            lines += [str(attachment[key]) for key in ("pretext", "title", "text", "fallback") if attachment.get(key)]
            for block in attachment.get("blocks", []):
                lines += _block(block)
        lines += [f"[file {file.name}, {file.size} bytes]" for file in shown.files]
    return "\n".join(line for line in lines if line)


def _block(block: Json) -> list[str]:  # noqa: PLR0911 - one line a block type
    match block.get("type"):
        case "section":
            lines = [_text(block.get("text")), *(_text(field) for field in block.get("fields", []))]
            return [*lines, _element(block.get("accessory"))]
        case "header" | "markdown" | "alert":
            return [_text(block.get("text"))]
        case "context":
            return [" ".join(_element(item) for item in block.get("elements", []))]
        case "actions" | "context_actions":
            return [" ".join(_element(item) for item in block.get("elements", []))]
        case "input":
            return [f"{_text(block.get('label'))}: {_element(block.get('element'))}", _text(block.get("hint"))]
        case "divider":
            return ["---"]
        case "image":
            return [f"[image {block.get('alt_text', '')}]"]
        case "rich_text":
            return [_rich(part) for part in block.get("elements", [])]
        case "table" | "data_table":
            rows = [" | ".join(_cell(cell) for cell in row) for row in block.get("rows", [])]
            return [_text(block.get("caption")), *rows]
        case "data_visualization":
            return [_text(block.get("title")), *_chart(block.get("chart", {}))]
        case "plan":
            return [_text(block.get("title")), *(line for task in block.get("tasks", []) for line in _task(task))]
        case "task_card":
            return _task(block)
        case "card":
            buttons = " ".join(_element(button) for button in block.get("actions", []))
            return [_text(block.get("title")), _text(block.get("subtitle")), _text(block.get("body")), buttons]
        case "carousel":
            return [line for card in block.get("elements", []) for line in _block(card)]
        case "container":
            title = _text(block.get("title")) or "".join(_block(block.get("rich_text_title", {})))
            inner = [line for child in block.get("child_blocks", []) for line in _block(child)]
            return [title, _text(block.get("subtitle")), *inner]
    return []


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
    if kind in {"button", "workflow_button", "icon_button"}:
        return f"[{_text(element.get('text'))}]"
    if kind == "feedback_buttons":
        return " ".join(
            f"[{_text(element.get(name, {}).get('text'))}]" for name in ("positive_button", "negative_button")
        )
    options = " / ".join(_text(option.get("text")) for option in element.get("options") or [])
    shown = _text(element.get("initial_option", {}).get("text")) or _text(element.get("initial_value"))
    return f"[{shown or options or _text(element.get('placeholder')) or kind}]"


def _rich(part: Json) -> str:
    if part.get("type") == "rich_text_list":
        ordered = part.get("style") == "ordered"
        items = [_rich(item) for item in part.get("elements", [])]
        return "\n".join(f"{f'{n}.' if ordered else '-'} {item}" for n, item in enumerate(items, start=1))
    return "".join(_piece(piece) for piece in part.get("elements", []))


def _piece(piece: Json) -> str:
    match piece.get("type"):
        case "link":
            return str(piece.get("text") or piece.get("url", ""))
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
        case "date":
            return str(piece.get("fallback") or piece.get("timestamp", ""))
    return str(piece.get("text") or piece.get("value") or "")


def _cell(cell: Any) -> str:
    if not isinstance(cell, dict):
        return ""
    if cell.get("type") == "rich_text":
        return " ".join(_rich(part) for part in cell.get("elements", []))
    if cell.get("type") == "action_cell":
        return _element(cell.get("element"))
    return _text(cell.get("text")) or _text(cell.get("value"))


def _chart(chart: Json) -> list[str]:
    if chart.get("type") == "pie":
        return [f"{point.get('label')}: {point.get('value')}" for point in chart.get("segments", [])]
    return [
        f"{series.get('name')}: " + ", ".join(f"{p.get('label')} {p.get('value')}" for p in series.get("data", []))
        for series in chart.get("series", [])
    ]


def _task(task: Json) -> list[str]:
    mark = TASK_MARKS.get(str(task.get("status", "pending")), "[ ]")
    lines = [f"{mark} {_text(task.get('title'))}"]
    for name in ("details", "output"):
        lines += [f"    {line}" for line in _block(task.get(name) or {})]
    return lines
