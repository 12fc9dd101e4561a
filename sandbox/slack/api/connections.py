"""apps.connections.open: where to connect for Socket Mode."""

from sandbox.slack.api.arguments import Arguments
from sandbox.slack.api.methods import method
from sandbox.slack.core import Core
from sandbox.slack.model import Json


@method("apps.connections.open", tier=3, caller="app")
def connections_open(core: Core, _args: Arguments) -> Json:
    """Give out a WebSocket address that works once, for thirty seconds."""
    return {"ok": True, "url": core.new_socket_url()}
