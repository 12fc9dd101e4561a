import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox, check_message, text_of
from tests.sandbox_slack import build


def raw(*texts: str) -> list[dict[str, str]]:
    """Build a row of text cells."""
    return [{"type": "raw_text", "text": text} for text in texts]


BLOCKS = {
    "header": ({"type": "header", "text": build.plain(text="Head")}, "Head"),
    "section": (
        build.section(fields=[build.mrkdwn()], accessory=build.button(text=build.plain(text="Go"))),
        "x\nx\n[Go]",
    ),
    "actions": (build.actions(build.button(), build.button(text=build.plain(text="No"))), "[x] [No]"),
    "select": (build.select(placeholder=build.plain(text="Pick")), "[x]"),
    "context": ({"type": "context", "elements": [build.mrkdwn(), build.plain()]}, "x x"),
    "divider": ({"type": "divider"}, "---"),
    "image": (build.image(title=build.plain(text="Map")), "Map\n[image a]"),
    "input": (build.field({"type": "plain_text_input", "placeholder": build.plain(text="Days")}), "x: [Days]"),
    "markdown": ({"type": "markdown", "text": "# Title"}, "# Title"),
    "table": (
        {
            "type": "table",
            "rows": [raw("digest", "age"), [{"type": "raw_number", "value": 3, "text": "3"}, build.rich("d")]],
        },
        "digest | age\n3 | d",
    ),
    "data_table": (build.data_table(), "what\nx\nx"),
    "data_table with buttons": (
        {
            "type": "data_table",
            "caption": "Rows",
            "rows": [raw("a", "b"), [*raw("1"), {"type": "action_cell", "element": build.button()}]],
        },
        "Rows\na | b\n1 | [x]",
    ),
    "chart": (build.chart(points=2), "x\ns0: 00 1, 01 1"),
    "pie": (build.pie(2), "x\ns0: 1\ns1: 1"),
    "plan": (
        {
            "type": "plan",
            "title": "Deleting",
            "tasks": [build.task(1, status="complete", output=build.rich("done")), build.task(2)],
        },
        "Deleting\n[x] x\n    done\n[ ] x",
    ),
    "card": (build.card(body=build.mrkdwn(), actions=[build.button()]), "x\nx\n[x]"),
    "carousel": ({"type": "carousel", "elements": [build.card()]}, "x"),
    "container": (build.container(), "x\nx"),
    "rich text": (
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "user", "user_id": "U1"},
                        {"type": "text", "text": " in "},
                        {"type": "channel", "channel_id": "C1"},
                        {"type": "emoji", "name": "eyes"},
                        {"type": "link", "url": "https://a"},
                        {"type": "usergroup", "usergroup_id": "S1"},
                        {"type": "broadcast", "range": "here"},
                        {"type": "date", "timestamp": 1, "format": "{date}", "fallback": "today"},
                    ],
                },
                {
                    "type": "rich_text_list",
                    "style": "ordered",
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]} for text in "ab"
                    ],
                },
            ],
        },
        "<@U1> in <#C1>:eyes:https://a<!subteam^S1>@heretoday\n1. a\n2. b",
    ),
    "feedback": (
        {
            "type": "context_actions",
            "elements": [
                {
                    "type": "feedback_buttons",
                    "positive_button": {"text": build.plain(text="Good"), "value": "1"},
                    "negative_button": {"text": build.plain(text="Bad"), "value": "0"},
                }
            ],
        },
        "[Good] [Bad]",
    ),
}


@pytest.mark.parametrize("name", BLOCKS)
async def test_a_block_reads_as_text(slack: SlackSandbox, client: AsyncWebClient, name: str) -> None:
    """Each block is taken by the Web API and reads as plain text."""
    block, text = BLOCKS[name]
    assert check_message({"text": "x", "blocks": [block]}, "message") == []
    await client.chat_postMessage(channel="C_OPS", text="x", blocks=[block])
    (message,) = slack.human("U_ALICE").messages("C_OPS")
    assert text_of(message) == text == text_of(message.blocks)


async def test_a_message_reads_whole(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """Without blocks the text counts; attachments come after it."""
    attachment = {"pretext": "before", "text": "inside", "blocks": [build.section()]}
    await client.chat_postMessage(channel="C_OPS", text="said", attachments=[attachment])
    (message,) = slack.human("U_ALICE").messages("C_OPS")
    assert text_of(message) == "said\nbefore\ninside\nx"
