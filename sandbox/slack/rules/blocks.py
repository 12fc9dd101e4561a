"""The rules on each type of block, and on where it may stand."""

from collections.abc import Callable
from typing import Any

from sandbox.slack.rules import elements as element_rules
from sandbox.slack.rules.elements import check_element, check_image, check_picture
from sandbox.slack.rules.faults import Faults, kind_of
from sandbox.slack.rules.rich_text import check_rich_text
from sandbox.slack.rules.tables import check_chart, check_data_table, check_table

BLOCK_ID = 255
SECTION_TEXT = 3000
FIELDS = 10
FIELD_TEXT = 2000
HEADER_TEXT = 150
HEADER_LEVEL = 4
ACTIONS = 25
CONTEXT_ITEMS = 10
CONTEXT_ACTIONS = 5
LABEL = 2000
MARKDOWN = 12_000
TITLE = 150
CARD_BODY = 200
CARD_ACTIONS = 2
CARDS = 10
CHILDREN = 10
TASKS = 50
VIDEO_TITLE = 199
AUTHOR = 49

EVERYWHERE = frozenset({"message", "modal", "home"})
MESSAGES = frozenset({"message"})
# Where sources disagree, the narrower one counts: table and data_table in Home tabs are listed by Slack and reported
# not to render there, and so are card and carousel in modals; container in Home tabs is on the newer page only.
SURFACES: dict[str, frozenset[str]] = {
    "actions": EVERYWHERE,
    "alert": frozenset({"modal"}),
    "card": frozenset({"message", "home"}),
    "carousel": frozenset({"message", "home"}),
    "container": MESSAGES,
    "context": EVERYWHERE,
    "context_actions": MESSAGES,
    "data_table": MESSAGES,
    "data_visualization": frozenset({"message", "home"}),
    "divider": EVERYWHERE,
    "header": EVERYWHERE,
    "image": EVERYWHERE,
    "input": EVERYWHERE,
    "markdown": MESSAGES,
    "plan": MESSAGES,
    "rich_text": EVERYWHERE,
    "section": EVERYWHERE,
    "table": MESSAGES,
    "task_card": MESSAGES,
    "video": EVERYWHERE,
}
# What a workspace that Slack's rollout hasn't reached yet refuses.
NEWER = frozenset(
    {
        "alert",
        "card",
        "carousel",
        "container",
        "data_table",
        "data_visualization",
        "plan",
        "task_card",
    }
)
IN_CONTAINER = frozenset(
    {
        "actions",
        "context",
        "divider",
        "header",
        "image",
        "input",
        "rich_text",
        "section",
        "table",
        "video",
    }
)


def check_blocks(faults: Faults, pointer: str, blocks: list[Any], allowed: frozenset[str] | None = None) -> None:
    """Check blocks, each of which must be of an allowed type and stand on the right surface."""
    for index, block in enumerate(blocks):
        at = f"{pointer}/{index}"
        kind = kind_of(block)
        if kind not in RULES or (kind in NEWER and not faults.newer_blocks):
            faults.add(f"{at}/type", f"unsupported type: {kind}")
        elif allowed is not None and kind not in allowed:
            faults.add(f"{at}/type", f"unsupported type here: {kind}")
        elif faults.surface not in SURFACES[kind]:
            faults.add(f"{at}/type", f"unsupported type: {kind} is not available in a {faults.surface}")
        else:
            _block_id(faults, at, block)
            RULES[kind](faults, at, block)
            _action_ids(faults, at, block)


def _block_id(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    if "block_id" not in block:
        return
    faults.strings(pointer, block, block_id=BLOCK_ID)
    block_id = str(block["block_id"])
    if block_id in faults.block_ids:
        faults.add(f"{pointer}/block_id", f"block_id must be unique: {block_id!r} already exists")
    faults.block_ids.add(block_id)


def _action_ids(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    if block.get("type") in {"carousel", "container"}:
        return  # their children are blocks, each with ids of its own
    seen: set[str] = set()
    for key in ("elements", "actions"):
        items = block.get(key)
        for index, element in enumerate(items if isinstance(items, list) else []):
            if not isinstance(element, dict) or "action_id" not in element:
                continue
            action_id = str(element["action_id"])
            if action_id in seen:
                faults.add(
                    f"{pointer}/{key}/{index}/action_id", f"action_id must be unique: {action_id!r} already exists"
                )
            seen.add(action_id)


def _section(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    faults.object(pointer, block, ("type",), ("text", "fields", "accessory", "block_id", "expand"))
    if "text" not in block and "fields" not in block:
        faults.add(pointer, "missing required field: text or fields")
    if "text" in block:
        faults.text(f"{pointer}/text", block["text"], SECTION_TEXT)
    if "fields" in block:
        for index, field in enumerate(faults.items(f"{pointer}/fields", block["fields"], FIELDS)):
            faults.text(f"{pointer}/fields/{index}", field, FIELD_TEXT)
    if "accessory" in block:
        check_element(faults, f"{pointer}/accessory", block["accessory"], element_rules.IN_SECTION)


def _actions(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    faults.object(pointer, block, ("type", "elements"), ("block_id",))
    for index, element in enumerate(faults.items(f"{pointer}/elements", block.get("elements"), ACTIONS)):
        check_element(faults, f"{pointer}/elements/{index}", element, element_rules.IN_ACTIONS)


def _context(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    faults.object(pointer, block, ("type", "elements"), ("block_id",))
    for index, item in enumerate(faults.items(f"{pointer}/elements", block.get("elements"), CONTEXT_ITEMS)):
        at = f"{pointer}/elements/{index}"
        if kind_of(item) == "image":
            check_image(faults, at, item)
        else:
            faults.text(at, item, SECTION_TEXT)


def _context_actions(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    faults.object(pointer, block, ("type", "elements"), ("block_id",))
    allowed = frozenset({"feedback_buttons", "icon_button"})
    for index, item in enumerate(faults.items(f"{pointer}/elements", block.get("elements"), CONTEXT_ACTIONS)):
        check_element(faults, f"{pointer}/elements/{index}", item, allowed)


def _input(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    optional = ("block_id", "dispatch_action", "hint", "optional")
    faults.object(pointer, block, ("type", "label", "element"), optional)
    faults.flags(pointer, block, "dispatch_action", "optional")
    for name in ("label", "hint"):
        if name in block:
            faults.text(f"{pointer}/{name}", block[name], LABEL, plain=True)
    if "element" in block:
        check_element(faults, f"{pointer}/element", block["element"], element_rules.IN_INPUT)


def _header(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    faults.object(pointer, block, ("type", "text"), ("block_id", "level"))
    if "text" in block:
        faults.text(f"{pointer}/text", block["text"], HEADER_TEXT, plain=True)
    faults.one_of(f"{pointer}/level", block.get("level", 1), range(1, HEADER_LEVEL + 1))


def _divider(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    faults.object(pointer, block, ("type",), ("block_id",))


def _image(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    faults.object(pointer, block, ("type", "alt_text"), ("block_id", "image_url", "slack_file", "title"))
    check_picture(faults, pointer, block)
    if "title" in block:
        faults.text(f"{pointer}/title", block["title"], LABEL, plain=True)


def _video(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    optional = ("block_id", "author_name", "description", "provider_icon_url", "provider_name", "title_url")
    faults.object(pointer, block, ("type", "alt_text", "title", "thumbnail_url", "video_url"), optional)
    for name in ("title", "description"):
        if name in block:
            faults.text(f"{pointer}/{name}", block[name], VIDEO_TITLE, plain=True)
    faults.strings(pointer, block, author_name=AUTHOR)


def _markdown(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    faults.object(pointer, block, ("type", "text"), ("block_id",))
    text = block.get("text")
    faults.string(f"{pointer}/text", text, MARKDOWN)
    if isinstance(text, str) and len(text) <= MARKDOWN < faults.count("markdown", len(text)):
        faults.add(f"{pointer}/text", f"all markdown blocks together must be less than {MARKDOWN + 1} characters")


def _alert(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    faults.object(pointer, block, ("type", "text"), ("block_id", "level"))
    if "text" in block:
        faults.text(f"{pointer}/text", block["text"], SECTION_TEXT)
    levels = ("default", "info", "warning", "error", "success")
    faults.one_of(f"{pointer}/level", block.get("level", "default"), levels)


def _card(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    parts = ("hero_image", "title", "actions", "body")
    faults.object(pointer, block, ("type",), ("block_id", "icon", "subtitle", *parts))
    if not any(part in block for part in parts):
        faults.add(pointer, "at least one of hero_image, title, actions, or body is required")
    for name, longest in (("title", TITLE), ("subtitle", TITLE), ("body", CARD_BODY)):
        if name in block:
            faults.text(f"{pointer}/{name}", block[name], longest)
    for name in ("hero_image", "icon"):
        if name in block:
            check_image(faults, f"{pointer}/{name}", block[name])
    if "actions" in block:
        for index, button in enumerate(faults.items(f"{pointer}/actions", block["actions"], CARD_ACTIONS)):
            check_element(faults, f"{pointer}/actions/{index}", button, frozenset({"button"}))


def _carousel(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    faults.object(pointer, block, ("type", "elements"), ("block_id",))
    cards = faults.items(f"{pointer}/elements", block.get("elements"), CARDS)
    check_blocks(faults, f"{pointer}/elements", cards, frozenset({"card"}))


def _container(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    flags = ("is_collapsible", "default_collapsed", "has_header_divider")
    optional = ("block_id", "title", "rich_text_title", "subtitle", "width", "icon", *flags)
    faults.object(pointer, block, ("type", "child_blocks"), optional)
    faults.flags(pointer, block, *flags)
    if "title" not in block and "rich_text_title" not in block:
        faults.add(pointer, "missing required field: title or rich_text_title")
    if "title" in block:
        faults.text(f"{pointer}/title", block["title"], TITLE, plain=True)
    if "rich_text_title" in block:
        check_rich_text(faults, f"{pointer}/rich_text_title", block["rich_text_title"])
    if "subtitle" in block:
        faults.text(f"{pointer}/subtitle", block["subtitle"], TITLE)
    if "icon" in block:
        check_image(faults, f"{pointer}/icon", block["icon"])
    faults.one_of(f"{pointer}/width", block.get("width", "standard"), ("narrow", "standard", "wide", "full"))
    if block.get("default_collapsed") and not block.get("is_collapsible"):
        faults.add(f"{pointer}/default_collapsed", "requires is_collapsible")
    if block.get("has_header_divider") and block.get("is_collapsible"):
        faults.add(f"{pointer}/has_header_divider", "cannot be set when is_collapsible is true")
    children = faults.items(f"{pointer}/child_blocks", block.get("child_blocks"), CHILDREN)
    check_blocks(faults, f"{pointer}/child_blocks", children, IN_CONTAINER)


def _plan(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    faults.object(pointer, block, ("type", "title"), ("block_id", "tasks"))
    faults.plans += 1
    if faults.plans > 1:
        faults.add(pointer, "Cannot have more than 1 plan block")
    if isinstance(block.get("title"), dict):
        faults.text(f"{pointer}/title", block["title"], SECTION_TEXT, plain=True)
    else:
        faults.strings(pointer, block, title=SECTION_TEXT)
    for index, task in enumerate(faults.items(f"{pointer}/tasks", block.get("tasks", []), TASKS, 0)):
        at = f"{pointer}/tasks/{index}"
        if isinstance(task, dict) and task.get("type", "task_card") == "task_card":
            _block_id(faults, at, task)
            _task(faults, at, task)
        else:
            faults.add(at, "must be a task_card")


def _task(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    optional = ("type", "block_id", "details", "output", "sources", "status")
    faults.object(pointer, block, ("task_id", "title"), optional)
    faults.strings(pointer, block, task_id=BLOCK_ID, title=SECTION_TEXT)
    task_id = str(block.get("task_id"))
    if task_id in faults.task_ids:
        faults.add(f"{pointer}/task_id", f"task_id must be unique: {task_id!r} already exists")
    faults.task_ids.add(task_id)
    states = ("pending", "in_progress", "complete", "error")
    faults.one_of(f"{pointer}/status", block.get("status", "pending"), states)
    for name in ("details", "output"):
        if name in block:
            check_rich_text(faults, f"{pointer}/{name}", block[name])
    for index, source in enumerate(faults.items(f"{pointer}/sources", block.get("sources", []), 100, 0)):
        faults.object(f"{pointer}/sources/{index}", source, ("type", "url", "text"))


def _lone_task(faults: Faults, pointer: str, block: dict[str, Any]) -> None:
    _task(faults, pointer, block)
    if faults.count("task_card", 1) > TASKS:
        faults.add(pointer, f"no more than {TASKS} task_card blocks allowed")


RULES: dict[str, Callable[[Faults, str, dict[str, Any]], None]] = {
    "actions": _actions,
    "alert": _alert,
    "card": _card,
    "carousel": _carousel,
    "container": _container,
    "context": _context,
    "context_actions": _context_actions,
    "data_table": check_data_table,
    "data_visualization": check_chart,
    "divider": _divider,
    "header": _header,
    "image": _image,
    "input": _input,
    "markdown": _markdown,
    "plan": _plan,
    "rich_text": check_rich_text,
    "section": _section,
    "table": check_table,
    "task_card": _lone_task,
    "video": _video,
}
