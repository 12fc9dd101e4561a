"""What a run is made of: its pace, who looks on, how it ends early, and what a step comes to."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.domain.proposal import Outcome
from bot.errors import (
    RegistryError,
    RegistryGarbledError,
    RegistryThrottledError,
    RegistryUnreachableError,
)

_SERVER_FAULT = 500


class Audience(Protocol):
    """Whoever wants to see how a run comes along. Called often; draws as often as it likes. Never raises."""

    async def changed(self, proposal_id: str) -> None:
        """Note that outcomes or the state of a proposal have changed."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is done at a time, and how long a registry that gives no answer is waited for.

    ``chunk``, ``chunk_time``: after so many steps, or so long, the repository is looked at for what has changed
    meanwhile, and those that failed are tried again. ``commit_items``, ``commit_every``: outcomes are written when
    there are so many, or after so long: no more is unknown after a kill. ``failures``: after so many steps that failed,
    each tried twice, in chunks that brought no success, the run ends though the registry answers: the next ten thousand
    would fail as well.
    """

    chunk: int = 100
    chunk_time: timedelta = timedelta(seconds=15)
    commit_items: int = 20
    commit_every: timedelta = timedelta(seconds=1)
    failures: int = 50
    patience: timedelta = timedelta(minutes=15)
    first_wait: timedelta = timedelta(seconds=2)
    longest_wait: timedelta = timedelta(minutes=1)


class StoppedError(Exception):
    """The stop signal was seen, and everything that was under way is written down."""


class CannotGoOnError(Exception):
    """The whole run ends here, for a reason that people read. What is left stays as it is."""


def may_pass(error: RegistryError) -> bool:
    """Whether a failure may pass by itself: no answer, a fault of the server, a proxy's page, or too many calls."""
    if isinstance(error, RegistryUnreachableError | RegistryThrottledError | RegistryGarbledError):
        return True
    return error.status is not None and error.status >= _SERVER_FAULT


@dataclass(frozen=True, slots=True)
class Result:
    """What one step came to. ``key`` is the item's.

    ``passing``: another try is worth while, and ``tries`` are in all. ``doubtful``: the registry said that it is gone,
    and that is still to be seen.
    """

    key: str
    outcome: Outcome
    detail: str = ""
    passing: bool = False
    tries: int = 2
    doubtful: bool = False
