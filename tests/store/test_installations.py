"""The workspaces that have installed the app: slack_sdk's stores on our database, on both kinds of it."""

import asyncio
from datetime import timedelta

import pytest
from slack_sdk.oauth.installation_store import Installation

from bot.domain.workspace import Workspace
from bot.store import Store
from bot.store.look import tokens
from bot.store.tables import SLACK_STATES

APP = "1111.2222"


def installation(team: str, token: str, *, enterprise: str | None = None) -> Installation:
    """Make what Slack hands over."""
    return Installation(
        app_id="A1",
        enterprise_id=enterprise,
        team_id=team,
        team_name=team,
        bot_token=token,
        bot_id="B1",
        bot_user_id="U1",
        bot_scopes=["commands"],
        user_id="U2",
    )


async def test_each_workspace_has_its_own_token(store: Store) -> None:
    """A token is found by the workspace and the app that it is of, and the latest one counts."""
    kept = store.installations(APP)
    await kept.async_save(installation("T1", "xoxb-1"))
    await kept.async_save(installation("T2", "xoxb-2"))
    await kept.async_save(installation("T1", "xoxb-3"))
    assert [await kept.token_of(Workspace(team)) for team in ("T1", "T2", "T3", "")] == ["xoxb-3", "xoxb-2", "", ""]
    assert await kept.teams() == ["T1", "T2"]
    assert await store.installations("other").teams() == []


async def test_the_organisation_must_not_be_another_one(store: Store) -> None:
    """A row of ours may name none, since it is older than that; it may not name another."""
    kept = store.installations(APP)
    await kept.async_save(installation("T1", "xoxb-1", enterprise="E1"))
    found = [await kept.token_of(Workspace("T1", enterprise)) for enterprise in ("E1", "", "E2")]
    assert found == ["xoxb-1", "xoxb-1", ""]


async def test_only_the_token_that_is_meant_is_forgotten(store: Store) -> None:
    """Whoever has installed the app anew meanwhile keeps it."""
    kept = store.installations(APP)
    await kept.async_save(installation("T1", "xoxb-1"))
    assert not await kept.drop(Workspace("T1"), "xoxb-0")
    assert not await kept.drop(Workspace("T2"), "xoxb-1")
    assert await kept.teams() == ["T1"]
    assert await kept.drop(Workspace("T1"), "xoxb-1")
    assert await kept.async_find_installation(enterprise_id=None, team_id="T1") is None
    assert await kept.teams() == []


async def test_of_two_answers_at_once_one_is_taken(store: Store) -> None:
    """A state is used up by whoever deletes it."""
    state = await store.states.async_issue()
    taken = await asyncio.gather(*(store.states.async_consume(state) for _ in range(4)))
    assert sorted(taken) == [False, False, False, True]


async def test_what_nobody_has_ended_is_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that is over is not taken, and goes when the next is begun."""
    monkeypatch.setattr("bot.store.installations.STATE_LIFE", timedelta(seconds=-1))
    state = await store.states.async_issue()
    assert not await store.states.async_consume(state)
    await store.states.async_issue()
    async with store.states.engine.connect() as connection:
        assert len((await connection.execute(SLACK_STATES.select())).all()) == 1


async def test_the_doctor_reads_them_without_a_lock(store: Store, url: str) -> None:
    """While the app has the database, and where it has none yet."""
    await store.installations(APP).async_save(installation("T1", "xoxb-1"))
    assert await tokens(url, APP) == {"T1": "xoxb-1"}
    assert await tokens("sqlite:////nowhere/state.db", APP) == {}
