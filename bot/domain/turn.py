"""One week's turn of a schedule: taken by one replica, and ended once."""

from enum import StrEnum


class Turn(StrEnum):
    """What became of a turn. ``taken`` is the only one that is not its end: whoever takes it may die over it.

    ``before``: it had come before the schedule was there.
    """

    TAKEN = "taken"
    POSTED = "posted"
    SNOOZED = "snoozed"
    PAUSED = "paused"
    FAILED = "failed"
    BEFORE = "before"
