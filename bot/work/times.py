"""How long things last that replicas agree by, and how often they are seen to."""

from dataclasses import dataclass
from datetime import timedelta

from bot.store import LEASE


@dataclass(frozen=True, slots=True)
class Times:
    """``lease`` is that of every claim and run; all others are in seconds.

    ``heartbeat``: a worker says that it lives. ``stalled``: one that has not said so for so long counts as dead, and
    its jobs are begun anew; longer than the lease, or they would be found leased. ``look``: a replica sees to that.
    ``poll``: a worker looks for jobs, besides hearing of new ones. ``first_wait`` to ``longest_wait``: before a job
    that broke is tried again. ``held``: before it is looked again whether work that is held back may go on.
    ``last_wait``: how long a job may take to stop.
    """

    lease: timedelta = LEASE
    heartbeat: float = 5.0
    stalled: float = 30.0
    look: float = 10.0
    poll: float = 2.0
    first_wait: float = 1.0
    longest_wait: float = 60.0
    held: float = 2.0
    last_wait: float = 10.0
