"""The register of Web API methods: name, who may call it, what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sandbox.slack.api.arguments import Arguments
from sandbox.slack.core import Core
from sandbox.slack.model import Json

Handler = Callable[[Core, Arguments], Json]
Caller = Literal["none", "bot", "app"]


@dataclass(frozen=True, kw_only=True)
class Method:
    """A Web API method.

    `caller` says whose token it takes: anybody's or none, the bot's, or the app-level one. `scopes` lists those of
    which the app needs one. `tier` is Slack's rate limit tier, 5 standing for its special ones.
    """

    name: str
    handler: Handler
    scopes: tuple[str, ...]
    caller: Caller
    tier: int


METHODS: dict[str, Method] = {}


def method(name: str, *scopes: str, tier: int, caller: Caller = "bot") -> Callable[[Handler], Handler]:
    """Register the decorated function as a Web API method."""

    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(name=name, handler=handler, scopes=scopes, caller=caller, tier=tier)
        return handler

    return register
