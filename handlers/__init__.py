"""Slack listeners: read the payload, check who, call one use case, show the answer."""

from slack_bolt.async_app import AsyncApp

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
from handlers.clients import Clients, OneClient
from handlers.copies import Copies
from handlers.homes import Homes
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
    "OneClient",
    "Parts",
    "Reminders",
    "Reports",
    "SlackDirectory",
    "UnderWay",
    "Zones",
    "check_tokens",
    "register",
]


def register(app: AsyncApp, parts: Parts) -> None:
    """Listen to everything that the app answers to."""
    once.register(app)
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
