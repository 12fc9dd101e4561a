"""Blocks of text: sections, context, rich text and markdown."""

from tests.browser.fixture_server import Json
from tests.browser.kit import block, button, mrkdwn, plain, text

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
    block("image", "i", title=plain("A picture"), image_url="https://example.com/p.png", alt_text="a picture"),
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
