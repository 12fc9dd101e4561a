"""A replica of the app in a process of its own, as ``acr-janitor run`` starts it, with times that suit a test.

How far its clock is ahead stands in the file that ``CLOCK_FILE`` names: the test moves all of them by writing it.
``TURNS_EVERY``: in how many seconds it looks again whether a report's turn has come.
"""

import asyncio
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import Application, serve
from bot.logs import configure_logging
from bot.settings import load_settings
from bot.work import Times

# A lease that a slow machine renews in time.
TIMES = Times(
    lease=timedelta(seconds=5), heartbeat=1, stalled=7, look=1, poll=0.5, first_wait=0.2, longest_wait=1, last_wait=10
)

CLOCK_FILE = "CLOCK_FILE"
TURNS_EVERY = "TURNS_EVERY"


def clock() -> datetime:
    """Give the time as the test wants it."""
    file = Path(os.environ[CLOCK_FILE])
    return datetime.now(UTC) + timedelta(seconds=float(file.read_text(encoding="ascii")))


if __name__ == "__main__":
    settings = load_settings(os.environ)
    configure_logging(settings.log.level, settings.log.format, secrets=settings.secrets)
    application = Application(
        settings,
        clock=clock,
        times=TIMES,
        cards_every=timedelta(milliseconds=500),
        turns_every=timedelta(seconds=float(os.environ[TURNS_EVERY])),
    )
    asyncio.run(serve(application, signal.SIGTERM))
