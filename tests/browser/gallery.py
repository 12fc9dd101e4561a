"""Conversations with every block that Block Kit has, and names as hostile as they come."""

from tests.browser.fixture_server import Json, message, ts
from tests.browser.gallery_data import DATA
from tests.browser.gallery_structures import STRUCTURE
from tests.browser.gallery_texts import TEXTS
from tests.browser.kit import block, button, mrkdwn, number, option, plain, raw, rich, section, text

HOSTILE = "<img src=x onerror=alert(1)>"
LONG = "team/" + "payments-service-with-a-name-that-goes-on-" * 5 + "end-of-it-at-256-characters-sharp"
DIGEST = "sha256:" + "9f86d081884c7d659a2feaa0c55ad015" * 2


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
        "text": mrkdwn(
            "Asked by <@U1>. <!subteam^S1> may approve, and <@U2>. "
            "Expires <!date^1795000000^{date_short} at {time}|soon>."
        ),
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


def everything() -> list[Json]:
    """Make one message for each family of blocks, and the hostile ones."""
    return [
        message("Weekly tidy-up is due, who is on it?", ago=7300, user="U2"),
        message("I'll look at `team/shop` *now*", ago=7200, user="U1"),
        message("it has grown a lot :eyes:", ago=7190, user="U1"),
        message("Texts", ago=7000, blocks=TEXTS),
        message("Data", ago=6000, blocks=DATA),
        message("Structure", ago=5000, blocks=STRUCTURE),
        message("Hostile", ago=4000, user="U3", blocks=HOSTILE_BLOCKS),
    ]


HOSTILE_BLOCKS: list[Json] = [
    block("section", "x1", text=plain(HOSTILE)),
    section("x2", f"&lt;!channel&gt; `{LONG}` &lt;img src=x onerror=alert(1)&gt;"),
    section("x3", f"<javascript:alert(1)|click me> <{HOSTILE}>"),
    block("markdown", "x4", text=f"[click](javascript:alert(1)) {HOSTILE} **{LONG}**"),
    block("table", "x5", rows=[[raw("<!channel>"), raw(LONG)], [raw(HOSTILE), raw(DIGEST)]]),
    block("header", "x6", text=plain(LONG[:150])),
]


def private_answer() -> Json:
    """Make what a scan answers privately."""
    return message(
        "37 could go",
        ago=200,
        ephemeral=True,
        blocks=[
            section("e1", "*37 of 149 manifests in `team/shop` could go*, at most 12.4 GiB."),
            block("context", "e2", elements=[mrkdwn("Kept: 62 tagged · 31 in an index · 12 too fresh · 7 locked")]),
            block(
                "actions",
                "e3",
                elements=[button("Propose deletion", "propose", style="primary"), button("Dismiss", "dismiss")],
            ),
        ],
    )


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
