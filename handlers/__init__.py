"""Slack listeners: read the payload, check who, call one use case, show the answer."""

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from handlers import (
    actions,
    choosing,
    commands,
    confirming,
    home,
    once,
    options,
    plans,
    rejecting,
    superseding,
    teams,
)
from handlers.cards import Cards
from handlers.clients import Clients, InstalledClients, OneClient
from handlers.copies import Copies
from handlers.homes import Homes
from handlers.installing import InstallFlow, register_departures, register_workspaces
from handlers.parts import Parts
from handlers.people import SlackDirectory
from handlers.reminders import Reminders
from handlers.replies import UnderWay
from handlers.reports import Reports
from handlers.tokens import check_tokens
from handlers.zones import Zones

__all__ = [
    "Cards",
    "Clients",
    "Copies",
    "Homes",
    "InstallFlow",
    "InstalledClients",
    "OneClient",
    "Parts",
    "Reminders",
    "Reports",
    "SlackDirectory",
    "UnderWay",
    "Zones",
    "check_tokens",
    "make_bolt",
    "register",
    "register_departures",
]


# To a workspace without a token: Slack goes on sending its requests for a while after the app was taken out.
_NOT_HERE = "acr-janitor is not installed in this workspace, or can't look up whether it is. Nothing was done."


def make_bolt(client: AsyncWebClient, signing_secret: str, flow: InstallFlow | None) -> AsyncApp:
    """Make Bolt's app. ``flow`` is how workspaces install it, None where ``client`` has the token of one."""
    return AsyncApp(
        client=client,
        signing_secret=signing_secret or None,
        # Slack's check of the TLS handshake is of no use behind a proxy; signatures are always checked.
        ssl_check_enabled=False,
        oauth_flow=flow,
        # Or Bolt makes some of its own from the environment, which has the same variables.
        oauth_settings=flow.settings if flow else None,
        user_facing_authorize_error_message=_NOT_HERE,
    )


def register(app: AsyncApp, parts: Parts) -> None:
    """Listen to everything that the app answers to."""
    once.register(app)
    if parts.desk.policy.workspaces is not None:
        register_workspaces(app, parts.desk.policy)
    commands.register(app, parts)
    actions.register(app, parts)
    teams.register(app, parts)
    confirming.register(app, parts)
    choosing.register(app, parts)
    rejecting.register(app, parts)
    superseding.register(app, parts)
    options.register(app, parts)
    home.register(app, parts)
    plans.register(app, parts)
