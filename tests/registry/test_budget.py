import heapq
import math
import random
from abc import ABC, abstractmethod

import pytest

from bot.registry.budget import WriteBudget

MINUTE = 60.0


class Meter(ABC):
    """How a registry counts writes: ``per_minute`` of them are allowed."""

    def __init__(self, per_minute: float) -> None:
        self.per_minute = per_minute

    @abstractmethod
    def take(self, now: float) -> tuple[float | None, float]:
        """Count a write: give what the answer tells to be left, None for a 429, and its Retry-After in seconds."""


class Bucket(Meter):
    """Holds a second's worth and fills evenly, as the stand-in for ACR does."""

    def __init__(self, per_minute: float) -> None:
        super().__init__(per_minute)
        self.level = self.room = max(1.0, per_minute / MINUTE)
        self.at = 0.0

    def take(self, now: float) -> tuple[float | None, float]:
        self.level = min(self.room, self.level + (now - self.at) * self.per_minute / MINUTE)
        self.at = now
        if self.level < 1:
            return None, 1.0
        self.level -= 1
        return self.level, 0.0


class Window(Meter):
    """Counts from minute to minute, and tells a sixtieth of what is left of it."""

    def __init__(self, per_minute: float) -> None:
        super().__init__(per_minute)
        self.minute = self.taken = 0

    def take(self, now: float) -> tuple[float | None, float]:
        if now // MINUTE > self.minute:
            self.minute, self.taken = int(now // MINUTE), 0
        if self.taken >= self.per_minute:
            return None, MINUTE - now % MINUTE
        self.taken += 1
        return (self.per_minute - self.taken) / MINUTE, 0.0


class Simulation:
    """A registry and a client with the budget, on a clock of their own: no second of it is waited for.

    ``latency``: seconds of a call, the shortest and the longest; a call is counted somewhere between.
    """

    def __init__(self, meter: Meter, latency: tuple[float, float], most: int = 32) -> None:
        self.meter, self.latency, self.most = meter, latency, most
        self.budget = WriteBudget()
        self.now = self.held_until = 0.0
        self.done = self.refused = self.under_way = self.number = 0
        self.coming: list[tuple[float, int, float, tuple[float | None, float] | None]] = []
        self.chance = random.Random(5)

    def run(self, seconds: float) -> None:
        """Write as fast as the budget lets."""
        while self.now < seconds:
            while self._wait() <= 0:
                self.under_way += 1
                self.budget.begin(self.now)
                self._later(self.now, None)
            wait = self._wait()
            if self.coming and self.coming[0][0] <= self.now + wait:
                self.now, _, began, answer = heapq.heappop(self.coming)
                if answer is None:
                    self._later(began, self.meter.take(self.now))
                else:
                    self._answer(*answer, self.now - began)
            else:
                assert math.isfinite(wait), "nothing is under way, and yet everybody waits"
                self.now += wait + 0.001

    def _wait(self) -> float:
        full = self.under_way >= self.most
        return math.inf if full else max(self.held_until - self.now, self.budget.wait(self.now))

    def _answer(self, left: float | None, pause: float, took: float) -> None:
        if left is None:
            self.refused += 1
            self.budget.refused(self.now)
            self.held_until = max(self.held_until, self.now + pause)
        else:
            self.done += 1
            self.budget.answered(left, took, self.now)
        self.budget.end()
        self.under_way -= 1

    def _later(self, began: float, answer: tuple[float | None, float] | None) -> None:
        self.number += 1
        at = self.now + self.chance.uniform(*self.latency) / 2
        heapq.heappush(self.coming, (at, self.number, began, answer))


@pytest.mark.parametrize(
    ("meter", "latency"),
    [
        (Bucket, (0.02, 0.02)),
        (Bucket, (0.01, 0.3)),
        (Bucket, (0.6, 0.9)),
        (Window, (0.02, 0.02)),
        (Window, (0.01, 0.3)),
    ],
)
@pytest.mark.parametrize("per_minute", [100, 500, 2_000])
def test_the_allowed_rate_is_used_and_next_to_nothing_is_refused(
    meter: type[Meter], per_minute: int, latency: tuple[float, float]
) -> None:
    """In each tier, and however the registry counts: over nine tenths of the rate, and under 2 % refused."""
    simulation = Simulation(meter(per_minute), latency)
    simulation.run(240)
    assert simulation.done >= 0.9 * per_minute * 4
    assert simulation.refused < 0.02 * (simulation.done + simulation.refused)


def test_the_first_write_goes_alone() -> None:
    """It is its answer that tells how many there may be; a refusal tells enough as well."""
    budget = WriteBudget()
    assert budget.wait(0) == 0
    budget.begin(0)
    assert budget.wait(0) == math.inf
    budget.answered(4.0, 0.1, 0.1)
    budget.end()
    assert budget.wait(0.1) == 0


def test_a_first_write_without_an_answer_lets_the_next_one_go() -> None:
    """A connection that broke has told nothing: again one goes alone."""
    budget = WriteBudget()
    budget.begin(0)
    budget.end()
    assert budget.wait(1) == 0
    budget.begin(1)
    assert budget.wait(1) == math.inf


def test_without_the_header_there_is_no_bound() -> None:
    """What the registry does not tell is not made up."""
    budget = WriteBudget()
    for at in range(100):
        budget.begin(at)
        budget.answered(None, 0.1, at)
        assert budget.wait(at) == 0


def test_others_who_write_as_the_same_identity_are_seen() -> None:
    """What they have taken from the bucket is missing from the next answer."""
    budget = WriteBudget()
    budget.begin(0)
    budget.answered(9.0, 0.0, 0)
    budget.end()
    budget.begin(0.5)
    budget.answered(0.0, 0.0, 0.5)
    budget.end()
    assert budget.wait(0.5) == pytest.approx(0.2)
