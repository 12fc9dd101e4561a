"""The demo in a browser."""

import asyncio
import errno
import signal
import sys

from sandbox.demo.stage import RILEY, end_of, started


async def serve(port: int) -> int:
    """Run the demo until Ctrl-C; give the exit code of the process."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    try:
        async with started(port) as demo:
            say(
                f"The demo runs: open {demo.slack.url}/?user={RILEY} in a browser.",
                "  1. As Riley, type:   /acr untagged myrepo      and click Propose deletion.",
                "  2. Switch to Sam (top right), open #platform and click Approve.",
                "  3. Type   /acr report   for what has gone stale in all repositories, as it comes every week.",
                "  The registry is a stand-in on this machine; nothing leaves it. Ctrl-C ends the demo.",
            )
            gone = asyncio.create_task(demo.app.wait())
            asked = asyncio.create_task(ended.wait())
            await asyncio.wait({gone, asked}, return_when=asyncio.FIRST_COMPLETED)
            asked.cancel()
            if not ended.is_set():
                say("The app has ended by itself. The end of its log:", end_of(demo.log))
                return 1
            gone.cancel()
            return 0
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        say(f"Port {port} is in use.", "Choose another one, for example: acr-janitor demo --port 8001")
        return 2


def say(*lines: str) -> None:
    """Print lines for the person who runs the demo."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
