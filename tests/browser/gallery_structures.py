"""Blocks that hold or say more than text: cards, plans, alerts, and one that nobody knows."""

from tests.browser.fixture_server import Json
from tests.browser.kit import button, mrkdwn, plain, rich, task, text

STRUCTURE: list[Json] = [
    {
        "type": "card",
        "block_id": "card",
        "icon": {"type": "image", "image_url": "https://example.com/i.png", "alt_text": "icon"},
        "title": plain("team/shop"),
        "subtitle": plain("37 could go"),
        "body": mrkdwn("Nothing pulled *for 41 days*."),
        "actions": [button("Review", "review", style="primary")],
    },
    {
        "type": "carousel",
        "block_id": "carousel",
        "elements": [
            {
                "type": "card",
                "title": plain(f"team/app-{index}"),
                "body": mrkdwn("12 GiB"),
                "actions": [button("Open", f"open{index}")],
            }
            for index in range(5)
        ],
    },
    {
        "type": "container",
        "block_id": "container",
        "title": plain("Kept, and why"),
        "subtitle": plain("112 manifests"),
        "is_collapsible": True,
        "default_collapsed": True,
        "child_blocks": [
            {"type": "section", "block_id": "in1", "text": mrkdwn("62 carry a tag that stays")},
            {"type": "actions", "block_id": "in2", "elements": [button("List them", "list_kept")]},
        ],
    },
    {
        "type": "plan",
        "block_id": "plan",
        "title": "Deleting 37 manifests in team/shop",
        "tasks": [
            task("Checked again", "complete", details=rich(text("149 manifests"))),
            task("Deleting", "in_progress", details=rich(text("12 of 37"))),
            task("Deleting the index", "error", output=rich(text("Locked since 10:31"))),
            task("Writing the record", "pending"),
        ],
    },
    {
        "type": "task_card",
        "block_id": "task",
        "task_id": "9",
        "title": "Scanned team/shop",
        "status": "complete",
        "output": rich(text("37 could go")),
        "sources": [{"type": "url", "url": "https://example.com/log", "text": "the log"}],
    },
    *[
        {"type": "alert", "block_id": f"alert-{level}", "level": level, "text": mrkdwn(f"An alert of level *{level}*")}
        for level in ("default", "info", "warning", "error", "success")
    ],
    {
        "type": "video",
        "block_id": "video",
        "title": plain("How to read a plan"),
        "video_url": "https://example.com/v",
        "thumbnail_url": "https://example.com/t.png",
        "alt_text": "somebody explains a plan",
        "author_name": "Sam",
    },
    {
        "type": "context_actions",
        "block_id": "ca",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "positive_button": {"text": plain("Good"), "value": "good"},
                "negative_button": {"text": plain("Bad"), "value": "bad"},
            },
            {"type": "icon_button", "action_id": "bin", "icon": "trash", "text": plain("Remove")},
        ],
    },
    {"type": "hologram", "block_id": "?"},
]
