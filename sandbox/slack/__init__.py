"""A stand-in for Slack: its Web API, its deliveries over HTTP and Socket Mode, and a page to use it in a browser."""

from sandbox.slack.core import Call, Delivery, Options
from sandbox.slack.errors import NotPossibleError
from sandbox.slack.human import Human
from sandbox.slack.interactions import Outcome
from sandbox.slack.limits import check_message
from sandbox.slack.manifest import Command
from sandbox.slack.model import App, Channel, Message, Person, UserGroup, View
from sandbox.slack.sandbox import SlackSandbox
from sandbox.slack.several import SeveralSlacks
from sandbox.slack.text import text_of
from sandbox.slack.workspace import Workspace

__all__ = [
    "App",
    "Call",
    "Channel",
    "Command",
    "Delivery",
    "Human",
    "Message",
    "NotPossibleError",
    "Options",
    "Outcome",
    "Person",
    "SeveralSlacks",
    "SlackSandbox",
    "UserGroup",
    "View",
    "Workspace",
    "check_message",
    "text_of",
]
