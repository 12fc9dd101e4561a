"""Subscriptions and what holds schedules up."""

from dataclasses import replace
from datetime import date, time

from bot.domain.team import Scope, Team
from bot.domain.weekly import Weekly
from bot.store import Hindrance, Store
from tests.store.make import HOUR, NOW

MONDAYS = Weekly(0, time(9), "Europe/Amsterdam")


def subscription(key: str = "sub:1", glob: str = "web/*", channel: str = "C1", team_id: str = "T1") -> Team:
    """Make a subscription as ``/acr subscribe`` does."""
    return Team(key, glob, channel, (Scope("reg", (glob,)),), MONDAYS, team_id, "E1", made_by="U1", since=NOW)


async def test_a_subscription_comes_back_as_it_was(store: Store) -> None:
    """With its globs, its time of the week and who made it."""
    assert await store.subscriptions.put(subscription()) == subscription()
    assert await store.subscriptions.list("T1", "C1") == [subscription()]
    assert not subscription().in_settings


async def test_who_subscribes_again_changes_the_time(store: Store) -> None:
    """The same glob in the same channel is one subscription, under its first key."""
    await store.subscriptions.put(subscription())
    again = replace(subscription("sub:2"), weekly=Weekly(4, time(16, 30), "UTC"), since=NOW + HOUR)
    assert await store.subscriptions.put(again) == replace(again, key="sub:1")
    assert len(await store.subscriptions.list()) == 1


async def test_channels_and_workspaces_have_their_own(store: Store) -> None:
    """A list of one channel has nothing of another, nor of a channel of that id in another workspace."""
    made = [subscription(), subscription("sub:2", channel="C2"), subscription("sub:3", team_id="T2")]
    for one in made:
        await store.subscriptions.put(one)
    assert await store.subscriptions.list("T1", "C1") == made[:1]
    assert await store.subscriptions.list("T1") == made[:2]
    assert await store.subscriptions.list() == made


async def test_a_dropped_subscription_takes_along_what_held_it_up(store: Store) -> None:
    """Nothing of it is left to hold up another of the same key."""
    await store.subscriptions.put(subscription())
    await store.subscriptions.hinder("sub:1", Hindrance(paused_why="the channel was archived", changed=NOW))
    assert await store.subscriptions.drop("sub:1")
    assert not await store.subscriptions.drop("sub:1")
    assert await store.subscriptions.list() == []
    assert await store.subscriptions.hindrances() == {}


async def test_what_holds_a_schedule_up_is_the_last_thing_said(store: Store) -> None:
    """A pause, then a snooze, then nothing; teams of the settings file too."""
    paused = Hindrance(paused_why="the channel was archived", changed_by="app", changed=NOW)
    snoozed = Hindrance(snoozed_until=date(2026, 11, 9), changed_by="U1", changed=NOW + HOUR)
    await store.subscriptions.hinder("team:payments", paused)
    assert await store.subscriptions.hindrances() == {"team:payments": paused}
    await store.subscriptions.hinder("team:payments", snoozed)
    assert await store.subscriptions.hindrances() == {"team:payments": snoozed}
    assert await store.subscriptions.release("team:payments")
    assert not await store.subscriptions.release("team:payments")
    assert await store.subscriptions.hindrances() == {}
