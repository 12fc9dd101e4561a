"""Whether Slack takes the tokens, asked at start: with a wrong one the app would look healthy and answer nobody."""

from collections.abc import Awaitable

import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ConfigurationError
from handlers.clients import Clients

# What Slack calls a token that stays refused. Anything else may pass, and is no reason not to start.
_REFUSALS = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "missing_scope",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
    }
)

log = structlog.get_logger(__name__)


async def check_tokens(clients: Clients, client: AsyncWebClient, app_token: str) -> None:
    """Ask Slack about the bot token, and about the app-level token where there is one.

    Raises ConfigurationError with each that is refused. Returns where Slack does not answer: it may do so later.
    """
    faults = []
    if said := await _refusal(clients.home()):
        faults.append(
            f"SLACK_BOT_TOKEN: Slack refuses it and says {said}."
            " Expected the Bot User OAuth Token that the installed app's page OAuth & Permissions shows now."
        )
    if app_token and (said := await _refusal(client.apps_connections_open(app_token=app_token))):
        faults.append(
            f"SLACK_APP_TOKEN: Slack refuses it and says {said}."
            " Expected an app-level token with connections:write, of an app with Socket Mode switched on."
        )
    if faults:
        raise ConfigurationError(faults)


async def _refusal(asked: Awaitable[object]) -> str:
    """Give Slack's word for a token that stays refused, else an empty string."""
    try:
        await asked
    except SlackApiError as error:
        said = str(error.response.get("error"))
        if said in _REFUSALS:
            return said
        log.warning("slack_not_ready", error=said)
    except (SlackClientError, OSError, TimeoutError) as error:
        log.warning("slack_not_ready", error=type(error).__name__)
    return ""
