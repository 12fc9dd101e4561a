"""A port that is taken down without leaving a connection behind.

``asyncio.Server.close`` (seen in Python 3.11) drops a connection that was accepted in the same turn of the loop: nobody
closes its socket, and its client waits. So the port stops accepting first, what was accepted becomes a connection that
aiohttp knows, and then all of them are ended.
"""

import asyncio
import socket
import ssl
from typing import Final

from aiohttp import web

#: Turns of the loop from an accepted socket to a connection that the server knows: accept, transport, protocol.
_TURNS: Final = 3


class Listener:
    """One port of a stand-in. ``runner`` serves it, and belongs to the listener from here on."""

    def __init__(self, runner: web.BaseRunner) -> None:
        self._runner = runner
        self._socket: socket.socket | None = None

    async def open(self, host: str, port: int, ssl_context: ssl.SSLContext | None = None) -> int:
        """Serve on ``port`` (0: one that the system chooses), which is given. Raises OSError when it is taken."""
        await self._runner.setup()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bound = socket.create_server((host, port), family=family, backlog=128)
        try:
            await web.SockSite(self._runner, bound, ssl_context=ssl_context).start()
        except BaseException:
            bound.close()
            raise
        self._socket = bound
        chosen: int = bound.getsockname()[1]
        return chosen

    async def close(self) -> None:
        """Stop accepting, then end every connection. Nothing is left to do when it was never opened."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            self._socket = None
        await self._runner.cleanup()
