"""A small Bolt app, written as Bolt's own documentation does, that uses what the product will use."""

from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox


def button(action_id: str, text: str, **more: Any) -> dict[str, Any]:
    """Build a button."""
    return {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": text}, **more}


CARD: list[dict[str, Any]] = [
    {"type": "header", "text": {"type": "plain_text", "text": "Delete 37 manifests?"}},
    {"type": "section", "block_id": "what", "text": {"type": "mrkdwn", "text": "in *myrepo*"}},
    {
        "type": "actions",
        "block_id": "decide",
        "elements": [
            button(
                "approve",
                "Approve",
                value="p-1",
                style="danger",
                confirm={
                    "title": {"type": "plain_text", "text": "Sure?"},
                    "text": {"type": "mrkdwn", "text": "Gone is gone"},
                    "confirm": {"type": "plain_text", "text": "Delete"},
                    "deny": {"type": "plain_text", "text": "Keep"},
                },
            ),
            button("reject", "Reject", value="p-1"),
        ],
    },
]


def modal(**more: Any) -> dict[str, Any]:
    """Build the modal that asks for a repository and a number of days."""
    return {
        "type": "modal",
        "callback_id": "ask",
        "title": {"type": "plain_text", "text": "Clean up"},
        "submit": {"type": "plain_text", "text": "Look"},
        "private_metadata": "C_OPS",
        "blocks": [
            {
                "type": "input",
                "block_id": "repo",
                "label": {"type": "plain_text", "text": "Repository"},
                "element": {"type": "external_select", "action_id": "repo", "min_query_length": 2},
            },
            {
                "type": "input",
                "block_id": "days",
                "label": {"type": "plain_text", "text": "Days"},
                "element": {"type": "number_input", "action_id": "days", "is_decimal_allowed": False},
            },
            {
                "type": "input",
                "block_id": "note",
                "optional": True,
                "label": {"type": "plain_text", "text": "Note"},
                "element": {"type": "plain_text_input", "action_id": "note", "initial_value": "none"},
            },
        ],
        **more,
    }


def build(slack: SlackSandbox) -> AsyncApp:  # noqa: C901 - listeners are registered in one place, as in Bolt's docs
    """Build the app against a sandbox; `app.seen` collects the bodies that its listeners got."""
    client = AsyncWebClient(token=slack.core.bot_token, base_url=slack.api_url)
    app = AsyncApp(client=client, signing_secret=slack.core.signing_secret)
    seen: list[dict[str, Any]] = []
    app.seen = seen  # type: ignore[attr-defined]

    @app.command("/acr")
    async def acr(ack: Any, body: Any, command: Any, respond: Any, client: Any) -> None:
        seen.append(body)
        match command["text"].split():
            case ["card"]:
                await ack()
                await client.chat_postMessage(channel=body["channel_id"], text="Delete?", blocks=CARD)
            case ["ask"]:
                await ack()
                await client.views_open(trigger_id=body["trigger_id"], view=modal())
            case ["now"]:
                await ack("right away")
            case ["silent"]:
                pass
            case _:
                await ack()
                await respond(f"you said {command['text']}")

    @app.action("approve")
    async def approve(ack: Any, body: Any, client: Any, respond: Any) -> None:
        await ack()
        seen.append(body)
        await client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text="Approved", blocks=CARD[:2]
        )
        await client.files_upload_v2(
            channel=body["channel"]["id"],
            thread_ts=body["message"]["ts"],
            filename="items.csv",
            content="digest,age\nsha256:1,3d\n",
            initial_comment="the whole list",
        )
        await respond("noted", response_type="ephemeral", replace_original=False)

    @app.options("repo")
    async def repos(ack: Any, body: Any) -> None:
        seen.append(body)
        names = [name for name in ("myrepo", "mytools", "other") if body["value"] in name]
        await ack(options=[{"text": {"type": "plain_text", "text": name}, "value": name} for name in names])

    @app.view("ask")
    async def asked(ack: Any, body: Any, view: Any, client: Any) -> None:
        seen.append(body)
        values = view["state"]["values"]
        if int(values["days"]["days"]["value"]) < 1:
            await ack(response_action="errors", errors={"days": "At least one day"})
            return
        await ack()
        repo = values["repo"]["repo"]["selected_option"]["value"]
        await client.chat_postMessage(channel=body["user"]["id"], text=f"looking at {repo}")

    @app.event("app_home_opened")
    async def home(event: Any, client: Any) -> None:
        seen.append(event)
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": f"Hello <@{event['user']}>"}}]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    return app


def socket_handler(app: AsyncApp, slack: SlackSandbox) -> AsyncSocketModeHandler:
    """Build the app's end of Socket Mode."""
    return AsyncSocketModeHandler(app, slack.core.app_token, ping_interval=1)
