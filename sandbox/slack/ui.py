"""What the browser page talks to; also a way to drive the stand-in from another process."""

from collections.abc import Callable

from aiohttp import web

from sandbox.slack.core import Core
from sandbox.slack.human import Human
from sandbox.slack.interactions import Interactions


class Ui:
    """The routes under `/_ui/`, and the page itself."""

    def __init__(self, core: Core, interactions: Interactions, human: Callable[[str], Human]) -> None:
        self._core = core
        self._interactions = interactions
        self._human = human

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to serve."""
        return []
