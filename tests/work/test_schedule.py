"""The weekly turns of schedules: over a year, over replicas that die, and over what fails."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.turn import Turn
from bot.domain.weekly import Weekly
from bot.errors import ConflictError
from bot.store import Store
from bot.work import Ended, Schedule, Taken, Terms

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONDAYS = Weekly(0, time(9), "Europe/Amsterdam")
WEEK = timedelta(weeks=1)
MONDAY = MONDAYS.slot(date(2026, 11, 2)).at
DAYS_LATE = timedelta(days=3)


@dataclass
class Team:
    """Somebody who gets a report every week."""

    key: str
    weekly: Weekly = MONDAYS
    since: datetime | None = None


@dataclass
class Channel:
    """What was posted: of which schedule and slot, when, and by whom."""

    posts: list[tuple[str, str, datetime, int]] = field(default_factory=list)

    def slots(self, key: str = "team:a") -> list[str]:
        """Give the slots of one schedule's posts, in their order."""
        return [slot for schedule, slot, _, _ in self.posts if schedule == key]


class Replica:
    """One process: a schedule on a clock that the test moves, posting into the channel."""

    def __init__(self, number: int, store: Store, channel: Channel, teams: Sequence[Team], terms: Terms) -> None:
        self.number = number
        self.now = MONDAY
        self.channel = channel
        self.tries: list[Taken] = []
        self.before_post: Callable[[Taken], object] | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.busy = asyncio.Event()

        async def scheduled() -> Sequence[Team]:
            return teams

        self.schedule = Schedule(store, lambda: self.now, scheduled, self.post, terms)

    async def post(self, taken: Taken) -> Ended:
        """Do what posting a report does: look for the post of an earlier try, make sure, post."""
        self.tries.append(taken)
        self.busy.set()
        await self.gate.wait()
        if self.before_post is not None:
            self.before_post(taken)
        if taken.again and str(taken.slot) in self.channel.slots(taken.key):
            return Ended(Turn.POSTED, note="found")
        await taken.hold()
        self.channel.posts.append((taken.key, str(taken.slot), self.now, self.number))
        return Ended(Turn.POSTED)

    async def tick(self, now: datetime) -> None:
        """Tick at a moment, and let what is begun come to its end unless the gate is shut."""
        self.now = now
        await self.schedule.tick()
        if self.gate.is_set():
            await asyncio.gather(*self.schedule._tasks.values())

    async def die(self) -> None:
        """Stop without a word, as by kill -9: nothing is written any more."""
        for task in self.schedule._tasks.values():
            self.schedule.store = _Gone()  # type: ignore[assignment]  # whatever it would write is lost
            task.cancel()
        await asyncio.gather(*self.schedule._tasks.values(), return_exceptions=True)


class _Gone:
    """The database of somebody who is dead."""

    def __getattr__(self, _name: str) -> object:
        raise ConflictError("dead")


@dataclass
class House:
    """Replicas on one database, and the channel that they post into."""

    url: str
    exits: AsyncExitStack
    channel: Channel = field(default_factory=Channel)
    replicas: list[Replica] = field(default_factory=list)

    async def replica(self, *teams: Team, terms: Terms | None = None) -> Replica:
        """Start one more."""
        store = await Store.open(self.url)
        self.exits.push_async_callback(store.close)
        made = Replica(len(self.replicas), store, self.channel, teams or [Team("team:a")], terms or Terms())
        self.replicas.append(made)
        self.exits.push_async_callback(made.schedule.stop, 0)
        return made


@pytest.fixture
async def house(url: str) -> AsyncIterator[House]:
    """Give a house without anybody in it, on each database."""
    async with AsyncExitStack() as exits:
        yield House(url, exits)


@pytest.fixture
async def shared(postgres_url: str) -> AsyncIterator[House]:
    """Give a house where several can live."""
    async with AsyncExitStack() as exits:
        yield House(postgres_url, exits)


async def test_every_monday_at_nine_in_amsterdam_for_53_weeks(house: House) -> None:
    """Over both changes of daylight saving: one post a week at 09:00 on the wall, none missing, none twice."""
    one = await house.replica()
    start = MONDAY - timedelta(minutes=30)
    await one.tick(start)
    for week in range(53):
        # An hour off on either side would show: looked at every half hour around it, and now and then in between.
        nine = MONDAYS.slot((MONDAY + week * WEEK).astimezone(AMSTERDAM).date()).at
        for minutes in (-90, -60, -30, -1, 0, 1, 30, 60, 90, 1440, 5760):
            await one.tick(nine + timedelta(minutes=minutes))
    walls = [when.astimezone(AMSTERDAM) for _, _, when, _ in house.channel.posts]
    assert [f"{wall:%a %H:%M}" for wall in walls] == ["Mon 09:00"] * 53
    assert [wall.date() for wall in walls] == [(walls[0] + week * WEEK).date() for week in range(53)]
    # Both changes lie within.
    assert {wall.utcoffset() for wall in walls} == {timedelta(hours=1), timedelta(hours=2)}


async def test_three_replicas_post_once_a_week(shared: House) -> None:
    """All of them look at the same moment, for 8 weeks around a change of daylight saving."""
    replicas = [await shared.replica() for _ in range(3)]
    first = MONDAYS.slot(date(2027, 3, 1)).at
    await asyncio.gather(*(one.tick(first - timedelta(hours=1)) for one in replicas))
    for week in range(8):
        nine = MONDAYS.slot((first + week * WEEK).astimezone(AMSTERDAM).date()).at
        for seconds in (0, 20, 40):
            await asyncio.gather(*(one.tick(nine + timedelta(seconds=seconds)) for one in replicas))
    slots = shared.channel.slots()
    assert len(slots) == 8
    assert len(set(slots)) == 8


@pytest.mark.parametrize("posted", [False, True])
async def test_of_three_replicas_one_dies_over_its_turn(shared: House, posted: bool) -> None:
    """Before its post or right after it: another takes over once the lease is over, and there is exactly one post."""
    replicas = [await shared.replica() for _ in range(3)]
    for one in replicas:
        await one.tick(MONDAY - timedelta(hours=1))
        one.gate.clear()
    await asyncio.gather(*(one.tick(MONDAY) for one in replicas))
    await asyncio.wait([asyncio.create_task(one.busy.wait()) for one in replicas], return_when=asyncio.FIRST_COMPLETED)
    [dead] = [one for one in replicas if one.tries]
    if posted:
        shared.channel.posts.append(("team:a", str(dead.tries[0].slot), MONDAY, dead.number))
    await dead.die()
    others = [one for one in replicas if one is not dead]
    for one in others:
        one.gate.set()
    lease = Terms().lease
    for late in (timedelta(seconds=20), lease - timedelta(seconds=1)):
        await asyncio.gather(*(one.tick(MONDAY + late) for one in others))
    assert [one.tries for one in others] == [[], []]
    for late in (lease, lease + timedelta(seconds=20), 2 * lease, 8 * lease):
        await asyncio.gather(*(one.tick(MONDAY + late) for one in others))
    assert shared.channel.slots() == ["2026-11-02"]
    [record] = await others[0].schedule.store.turns.of("team:a", most=1)
    assert (record.state, record.tries) == (Turn.POSTED, 2)


async def test_who_slept_through_its_lease_posts_nothing(shared: House) -> None:
    """A replica that was frozen wakes up after another has posted, and learns of it right before its own post."""
    sleeper, other = await shared.replica(), await shared.replica()
    for one in (sleeper, other):
        await one.tick(MONDAY - timedelta(hours=1))
    sleeper.gate.clear()
    await sleeper.tick(MONDAY)
    await sleeper.busy.wait()
    await other.tick(MONDAY + Terms().lease)
    sleeper.now = other.now
    sleeper.gate.set()
    await asyncio.gather(*sleeper.schedule._tasks.values())
    assert [number for _, _, _, number in shared.channel.posts] == [other.number]


async def test_who_is_told_to_end_hands_over_soon(shared: House) -> None:
    """What was cut off by a redeploy is taken by another within half a minute, not after the whole lease."""
    ending, other = await shared.replica(), await shared.replica()
    for one in (ending, other):
        await one.tick(MONDAY - timedelta(hours=1))
    ending.gate.clear()
    await ending.tick(MONDAY)
    await ending.busy.wait()
    await ending.schedule.stop(0)
    await other.tick(MONDAY + Terms().last)
    assert shared.channel.slots() == ["2026-11-02"]


@pytest.mark.parametrize(
    ("late", "count"), [(timedelta(), 1), (DAYS_LATE, 1), (DAYS_LATE + timedelta(seconds=1), 0), (timedelta(days=6), 0)]
)
async def test_who_was_down_catches_up_unless_it_is_too_late(house: House, late: timedelta, count: int) -> None:
    """Three days late is posted when it comes back; what is later is left, and the next week comes in its time."""
    one = await house.replica()
    await one.tick(MONDAY - timedelta(hours=1))
    await one.tick(MONDAY + late)
    assert len(house.channel.posts) == count
    await one.tick(MONDAY + WEEK)
    assert house.channel.slots()[-1] == "2026-11-09"


async def test_weeks_that_were_missed_are_not_made_up_for(house: House) -> None:
    """Down for a month, it posts the last one alone."""
    one = await house.replica()
    await one.tick(MONDAY - timedelta(hours=1))
    await one.tick(MONDAY + 4 * WEEK + timedelta(days=1))
    assert house.channel.slots() == ["2026-11-30"]


async def test_a_slow_report_delays_no_other(house: House) -> None:
    """While one team's repositories are looked at, the other team's report comes, and later turns of others too."""
    one = await house.replica(Team("team:slow"), Team("team:b"))
    await one.tick(MONDAY - timedelta(hours=1))
    gate, post = asyncio.Event(), one.schedule.post

    async def slow(taken: Taken) -> Ended:
        if taken.key == "team:slow":
            await gate.wait()
        return await post(taken)

    one.schedule.post = slow
    one.now = MONDAY
    await one.schedule.tick()
    others = [task for (key, _), task in one.schedule._tasks.items() if key == "team:b"]
    await asyncio.gather(*others)
    assert house.channel.slots("team:b") == ["2026-11-02"]
    assert house.channel.slots("team:slow") == []
    gate.set()
    await asyncio.gather(*one.schedule._tasks.values())
    assert house.channel.slots("team:slow") == ["2026-11-02"]


async def test_what_fails_is_tried_again_ever_more_seldom(house: House) -> None:
    """Five minutes later, then ten, twenty, forty, then each hour: a day without Slack costs no report."""
    one = await house.replica()
    await one.tick(MONDAY - timedelta(hours=1))
    failing = True

    def fail(_taken: Taken) -> None:
        if failing:
            raise OSError("Slack is away")

    one.before_post = fail
    tried = []
    for minute in range(0, 4 * 60, 5):
        before = len(one.tries)
        await one.tick(MONDAY + timedelta(minutes=minute))
        if len(one.tries) > before:
            tried.append(minute)
    assert tried[:7] == [0, 5, 15, 35, 75, 135, 195]
    assert len(tried) == 7
    failing = False
    await one.tick(MONDAY + timedelta(days=1))
    assert house.channel.slots() == ["2026-11-02"]


async def test_a_schedule_that_nobody_understands_holds_up_no_other(house: House) -> None:
    """Such as one in a zone that is not known here any more."""
    one = await house.replica(Team("team:odd", Weekly(0, time(9), "Mars/Olympus_Mons")), Team("team:a"))
    await one.tick(MONDAY - timedelta(hours=1))
    await one.tick(MONDAY)
    assert house.channel.slots() == ["2026-11-02"]


async def test_a_subscription_has_no_turn_before_it_was_made(house: House) -> None:
    """Who subscribes at noon on a Monday gets the first report a week later."""
    one = await house.replica(Team("sub:1", since=MONDAY + timedelta(hours=3)))
    for hours in (3, 4, 48, 7 * 24):
        await one.tick(MONDAY + timedelta(hours=hours))
    assert house.channel.slots("sub:1") == ["2026-11-09"]


def test_the_clock_of_the_tests_is_one_of_winter() -> None:
    """What the other tests count with: 09:00 in Amsterdam in November is 08:00 UTC."""
    assert datetime(2026, 11, 2, 8, tzinfo=UTC) == MONDAY
