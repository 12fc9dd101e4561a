"""A small Bolt app in the manner of the real one: look, propose, approve, a form, a Home tab."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import SlackSandbox
from tests.browser.fixture_server import Json
from tests.browser.kit import block, button, mrkdwn, option, plain, section

REPOSITORIES = ("team/shop", "team/search", "<img src=x onerror=alert(1)>")
CONFIRM: Json = {
    "title": plain("Delete 3 manifests?"),
    "text": mrkdwn("*Gone is gone.*"),
    "confirm": plain("Delete 3"),
    "deny": plain("Keep them"),
    "style": "danger",
}


def form() -> Json:
    """Make the modal that asks for a repository and a number of days."""
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Clean up"),
        "submit": plain("Look"),
        "blocks": [
            block(
                "input",
                "repository",
                label=plain("Repository"),
                element={"type": "external_select", "action_id": "repository", "min_query_length": 2},
            ),
            block(
                "input",
                "days",
                label=plain("Older than, in days"),
                element={"type": "number_input", "action_id": "days", "is_decimal_allowed": False},
            ),
        ],
    }


def build(slack: SlackSandbox) -> AsyncApp:
    """Make the app against a sandbox."""
    client = AsyncWebClient(token=slack.core.bot_token, base_url=slack.api_url)
    app = AsyncApp(client=client, signing_secret=slack.core.signing_secret)
    register_proposal(app)
    register_form(app)

    @app.command("/broken")
    async def broken(ack: AsyncAck) -> None:
        """Never acknowledges."""

    @app.event("app_home_opened")
    async def home(event: Json, client: AsyncWebClient) -> None:
        blocks = [section("hello", f"Hello <@{event['user']}>, *nothing* waits for you.")]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    return app


def register_proposal(app: AsyncApp) -> None:
    """Look, propose, approve."""

    @app.command("/acr")
    async def look(ack: AsyncAck, command: Json, respond: AsyncRespond) -> None:
        await ack()
        said = f"3 manifests in `{command['text']}` could go"
        row = block("actions", "row", elements=[button("Propose deletion", "propose", style="primary")])
        await respond(text=said, blocks=[section("said", said), row])

    @app.action("propose")
    async def propose(ack: AsyncAck, body: Json, client: AsyncWebClient, respond: AsyncRespond) -> None:
        await ack()
        head = section("what", f"Delete 3 manifests? Asked by <@{body['user']['id']}>.")
        row = block("actions", "decide", elements=[button("Approve", "approve", style="danger", confirm=CONFIRM)])
        channel = body["channel"]["id"]
        card = await client.chat_postMessage(channel=channel, text="Delete 3 manifests?", blocks=[head, row])
        await client.files_upload_v2(
            channel=channel,
            thread_ts=card["ts"],
            filename="plan.csv",
            content="digest,size\nsha256:1,10\nsha256:2,20\nsha256:3,30\n",
            initial_comment="The whole list",
        )
        await respond(delete_original=True)

    @app.action("approve")
    async def approve(ack: AsyncAck, body: Json, client: AsyncWebClient, respond: AsyncRespond) -> None:
        await ack()
        if body["user"]["id"] != "U_SAM":
            await respond(text="Only <@U_SAM> can approve this.", response_type="ephemeral", replace_original=False)
            return
        record = section("done", f"*Deleted 3 manifests.* Approved by <@{body['user']['id']}>.")
        await client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text="Deleted 3 manifests.", blocks=[record]
        )


def register_form(app: AsyncApp) -> None:
    """Open a modal, suggest repositories, complain about the days."""

    @app.command("/acr-form")
    async def ask(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=form())

    @app.options("repository")
    async def suggest(ack: AsyncAck, body: Json) -> None:
        found = [name for name in REPOSITORIES if body["value"] in name]
        await ack(options=[option(name, name) for name in found])

    @app.view("form")
    async def submitted(ack: AsyncAck, view: Json, body: Json, client: AsyncWebClient) -> None:
        values: dict[str, dict[str, Any]] = view["state"]["values"]
        days = int(values["days"]["days"]["value"])
        if days < 7:
            await ack(response_action="errors", errors={"days": "The youngest 7 days always stay."})
            return
        await ack()
        chosen = values["repository"]["repository"]["selected_option"]["value"]
        safe = chosen.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        await client.chat_postMessage(channel=body["user"]["id"], text=f"Looking at {safe}, older than {days} days.")
