"""Fixtures of the scenario tests."""

from collections.abc import AsyncIterator

import pytest

from tests.scenarios.stage import Stage, make_stage


@pytest.fixture(params=["http", "socket"])
def transport(request: pytest.FixtureRequest) -> str:
    """Give each way in which Slack reaches the app."""
    return str(request.param)


@pytest.fixture
async def stage(transport: str) -> AsyncIterator[Stage]:
    """Give a stage whose app runs, over each transport."""
    async with make_stage(transport) as stage, stage.running():
        yield stage
