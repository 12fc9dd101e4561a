"""Messages and views with every block and element that Block Kit has, and names as hostile as they come."""

from typing import Any

from tests.browser.fixture_server import Json, message, ts

HOSTILE = "<img src=x onerror=alert(1)>"
LONG = "team/" + "payments-service-with-a-name-that-goes-on-" * 5 + "end-of-it-at-256-characters-sharp"
DIGEST = "sha256:" + "9f86d081884c7d659a2feaa0c55ad015" * 2


def mrkdwn(text: str) -> Json:
    """Make a mrkdwn text object."""
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> Json:
    """Make a plain text object."""
    return {"type": "plain_text", "text": text}


def raw(text: str) -> Json:
    """Make a cell of text."""
    return {"type": "raw_text", "text": text}


def number(value: float, text: str) -> Json:
    """Make a cell of a number."""
    return {"type": "raw_number", "value": value, "text": text}


def option(text: str, value: str, description: str | None = None) -> Json:
    """Make an option of a select."""
    made = {"text": plain(text), "value": value}
    return made | ({"description": plain(description)} if description else {})


def rich(*parts: Json) -> Json:
    """Make a rich_text block of one section."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(parts)}]}


def text(value: str, **style: bool) -> Json:
    """Make a piece of rich text."""
    return {"type": "text", "text": value} | ({"style": style} if style else {})


def button(label: str, action_id: str, **more: Any) -> Json:
    """Make a button."""
    return {"type": "button", "text": plain(label), "action_id": action_id, "value": action_id} | more


CONFIRM: Json = {
    "title": plain("Delete 37 manifests?"),
    "text": mrkdwn("This can't be undone. *Deleted data is gone for good*, also for whoever pulls by digest."),
    "confirm": plain("Delete 37"),
    "deny": plain("Keep them"),
    "style": "danger",
}

CARD: list[Json] = [
    {"type": "header", "block_id": "h", "text": plain("Delete 37 untagged manifests in team/shop, up to 12.4 GiB?")},
    {
        "type": "section",
        "block_id": "who",
        "text": mrkdwn("Asked by <@U1>. <!subteam^S1> may approve, and <@U2>. Expires <!date^1795000000^{date_short} at {time}|soon>."),
    },
    {
        "type": "table",
        "block_id": "t",
        "column_settings": [{"is_wrapped": False}, {"align": "right"}, {"align": "right"}, {"align": "center"}],
        "rows": [
            [raw("Digest"), raw("Age"), raw("Size"), raw("Platform")],
            [raw("sha256:9f86d081884c"), raw("41 d"), number(312, "312 MiB"), raw("linux/amd64")],
            [raw("sha256:60303ae22b99"), raw("39 d"), number(298, "298 MiB"), raw("linux/arm64")],
            [rich(text("sha256:fd61a03af4f7", code=True)), raw("12 d"), number(1.2, "1.2 GiB"), raw("index")],
        ],
    },
    {
        "type": "context",
        "block_id": "warn",
        "elements": [mrkdwn(":warning: Deleted data can't be recovered; whoever pulls by digest loses it.")],
    },
    {
        "type": "actions",
        "block_id": "decide",
        "elements": [
            button("Approve", "approve", style="danger", confirm=CONFIRM),
            button("Reject", "reject"),
            button("Withdraw", "withdraw"),
            {
                "type": "overflow",
                "action_id": "more",
                "options": [option("Show all items", "all"), option("Copy the plan's checksum", "sum")],
            },
        ],
    },
]

TEXTS: list[Json] = [
    {
        "type": "section",
        "block_id": "s1",
        "text": mrkdwn(
            "*bold* _italic_ ~strike~ `code` and *bold _with italic_ inside*, snake_case_stays, 2*3*4 too\n"
            "> a quote with <https://example.com/a?b=1&amp;c=2|a link> in it\n"
            "• a list as text, <#C2>, <@U1>, <@U2>, <!here>, <!subteam^S1>\n"
            "1 &lt; 2 &amp;&amp; 3 &gt; 2, :white_check_mark: :tada: :no_such_emoji: ✅\n"
            "```docker pull myregistry.azurecr.io/team/shop@sha256:9f86\n  *not bold*```\nafterwards https://example.com/x."
        ),
    },
    {
        "type": "section",
        "block_id": "s2",
        "text": mrkdwn("Two columns, and something beside them:"),
        "fields": [mrkdwn("*Registry*\nmyregistry"), mrkdwn("*Repository*\n`team/shop`"), plain("Kept"), plain("112")],
        "accessory": button("Show", "show"),
    },
    {"type": "divider", "block_id": "d"},
    {
        "type": "context",
        "block_id": "c",
        "elements": [
            {"type": "image", "image_url": "https://example.com/i.png", "alt_text": "a whale"},
            mrkdwn("Judged *just now* from 149 manifests"),
            plain("plain *stays plain*"),
        ],
    },
    {"type": "image", "block_id": "i", "title": plain("A picture"), "image_url": "https://example.com/p.png", "alt_text": "p"},
    {
        "type": "rich_text",
        "block_id": "r",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    text("Rich "),
                    text("bold", bold=True),
                    text(" and "),
                    text("struck", strike=True),
                    {"type": "emoji", "name": "rocket"},
                    {"type": "link", "url": "https://example.com", "text": " a link"},
                    {"type": "user", "user_id": "U2"},
                    {"type": "broadcast", "range": "channel"},
                    {"type": "color", "value": "#2eb67d"},
                    {"type": "date", "timestamp": 1795000000, "format": "{date_num}", "fallback": "then"},
                ],
            },
            {
                "type": "rich_text_list",
                "style": "ordered",
                "elements": [{"type": "rich_text_section", "elements": [text("first")]}],
            },
            {
                "type": "rich_text_list",
                "style": "bullet",
                "indent": 1,
                "elements": [{"type": "rich_text_section", "elements": [text("below it")]}],
            },
            {"type": "rich_text_quote", "elements": [text("quoted")]},
            {"type": "rich_text_preformatted", "elements": [text("pre\n  formatted")]},
        ],
    },
    {
        "type": "markdown",
        "block_id": "m",
        "text": (
            "# Weekly report\nSome **bold**, *italic*, ~~gone~~, `code` and [a link](https://example.com).\n\n"
            "- one\n- two\n  1. nested\n  2. again\n- [x] done\n- [ ] to do\n\n"
            "> quoted **text**\n\n"
            "| Repository | Stale | Size |\n|:--|--:|:-:|\n| team/shop | 37 | 12 GiB |\n| `a\\|b` | 2 | 1 GiB |\n\n"
            "```sh\nacr-janitor scan <repo>\n```\n\n---\nThe <b>end</b>, snake_case_name."
        ),
    },
]

DATA: list[Json] = [
    {
        "type": "data_table",
        "block_id": "dt",
        "caption": "Stale repositories, largest first",
        "page_size": 3,
        "rows": [
            [raw("Repository"), raw("Manifests"), raw("Size (GiB)"), raw("")],
            *[
                [
                    raw(f"team/app-{index:02d}"),
                    number(count, str(count)),
                    number(count * 1.5, f"{count * 1.5:.1f}"),
                    {
                        "type": "action_cell",
                        "element": button("Open", "open_repository", value=f"app-{index}"),
                        "fallback": raw("-"),
                    },
                ]
                for index, count in enumerate([90, 5, 37, 12, 100, 41, 8])
            ],
        ],
    },
    *[
        {
            "type": "data_visualization",
            "block_id": f"dv-{kind}",
            "title": f"Stale data by team ({kind})",
            "chart": {
                "type": kind,
                "series": [
                    {"name": name, "data": [{"label": label, "value": base + step * at} for at, label in enumerate(labels)]}
                    for name, base, step in series
                ],
                "axis_config": {"categories": labels, "x_label": "Week", "y_label": "GiB"},
            },
        }
        for kind, labels, series in [
            ("bar", ["Shop", "Payments", "Search", "Infra"], [("Stale", 12, 21)]),
            ("line", [f"W{week}" for week in range(40, 48)], [("Stored", 120, 9), ("Stale", 70, -6)]),
            ("area", [f"W{week}" for week in range(40, 48)], [("In use", 60, 4), ("Stale", 30, -2)]),
        ]
    ],
    {
        "type": "data_visualization",
        "block_id": "dv-pie",
        "title": "What is kept, by reason",
        "chart": {
            "type": "pie",
            "segments": [
                {"label": "Tagged", "value": 62},
                {"label": "In an index", "value": 31},
                {"label": "Locked", "value": 7},
            ],
        },
    },
]

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
            {"type": "card", "title": plain(f"team/app-{index}"), "body": mrkdwn("12 GiB"), "actions": [button("Open", f"open{index}")]}
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
            {"type": "task_card", "task_id": "1", "title": "Checked again", "status": "complete", "details": rich(text("149 manifests"))},
            {"type": "task_card", "task_id": "2", "title": "Deleting", "status": "in_progress", "details": rich(text("12 of 37"))},
            {"type": "task_card", "task_id": "3", "title": "Deleting the index", "status": "error", "output": rich(text("Locked since 10:31"))},
            {"type": "task_card", "task_id": "4", "title": "Writing the record", "status": "pending"},
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


def everything() -> list[Json]:
    """Make one message for each family of blocks, and the hostile ones."""
    return [
        message("Weekly tidy-up is due, who is on it?", ago=7300, user="U2"),
        message("I'll look at `team/shop` *now*", ago=7200, user="U1"),
        message("it has grown a lot :eyes:", ago=7190, user="U1"),
        message("Texts", ago=7000, blocks=TEXTS),
        message("Data", ago=6000, blocks=DATA),
        message("Structure", ago=5000, blocks=STRUCTURE),
        message(
            "Hostile", ago=4000, user="U3",
            blocks=[
                {"type": "section", "block_id": "x1", "text": plain(HOSTILE)},
                {"type": "section", "block_id": "x2", "text": mrkdwn("&lt;!channel&gt; `" + LONG + "` &lt;img src=x onerror=alert(1)&gt;")},
                {"type": "section", "block_id": "x3", "text": mrkdwn("<javascript:alert(1)|click me> <" + HOSTILE + ">")},
                {"type": "markdown", "block_id": "x4", "text": f"[click](javascript:alert(1)) {HOSTILE} **{LONG}**"},
                {"type": "table", "block_id": "x5", "rows": [[raw("<!channel>"), raw(LONG)], [raw(HOSTILE), raw(DIGEST)]]},
                {"type": "header", "block_id": "x6", "text": plain(LONG[:150])},
            ],
        ),
    ]  # fmt: skip


def private_answer() -> Json:
    """Make what a scan answers privately."""
    return message(
        "37 could go", ago=200, ephemeral=True,
        blocks=[
            {"type": "section", "block_id": "e1", "text": mrkdwn("*37 of 149 manifests in `team/shop` could go*, at most 12.4 GiB.")},
            {"type": "context", "block_id": "e2", "elements": [mrkdwn("Kept: 62 tagged · 31 in an index · 12 too fresh · 7 locked")]},
            {"type": "actions", "block_id": "e3", "elements": [button("Propose deletion", "propose", style="primary"), button("Dismiss", "dismiss")]},
        ],
    )  # fmt: skip


CSV = b"digest,tags,size,reason\r\n" + b"".join(
    f'sha256:{index:064x},"a, ""b""",{index * 1000},untagged since {index} days\r\n'.encode() for index in range(1, 38)
)


def proposal() -> list[Json]:
    """Make a proposal's card with a thread of two replies below it."""
    root = message("Delete 37 manifests?", ago=100, blocks=CARD, reply_count=2, edited=ts(50))
    file = {"id": "F1", "name": "plan-team-shop.csv", "size": len(CSV), "url": "/_ui/files/F1", "mimetype": "text/csv"}
    replies = [
        message("The whole list", ago=95, thread_ts=root["ts"], files=[file]),
        message("Looks right to me", ago=20, user="U2", thread_ts=root["ts"]),
    ]
    return [root, *replies]
