"""Fixtures of the scenario tests."""

from collections.abc import AsyncIterator, Iterator

import pytest
import structlog
from structlog.typing import EventDict

from tests.scenarios.stage import Stage, make_stage


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[str]]:
    """Give the names of the events that the app has logged in this process.

    They are printed in plain lines: what structlog makes of a stack trace by itself takes seconds, and many are
    provoked here.
    """
    names: list[str] = []

    def note(_logger: object, _method: str, event: EventDict) -> EventDict:
        names.append(str(event["event"]))
        return event

    before = structlog.get_config()
    structlog.configure(
        processors=[
            note,
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S.%f"),
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )
    yield names
    structlog.configure(**before)


@pytest.fixture(params=["http", "socket"])
def transport(request: pytest.FixtureRequest) -> str:
    """Give each way in which Slack reaches the app."""
    return str(request.param)


@pytest.fixture
async def stage(transport: str) -> AsyncIterator[Stage]:
    """Give a stage whose app runs, over each transport."""
    async with make_stage(transport) as stage, stage.running():
        yield stage
