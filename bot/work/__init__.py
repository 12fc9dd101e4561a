"""Who runs approved work, and when: the engine port, its engines, the schedule."""

from bot.work.background import Background
from bot.work.choice import engine_for
from bot.work.embedded import EmbeddedEngine
from bot.work.engine import Engine, Job
from bot.work.lease import Lease, boot_time
from bot.work.polite import ReadBudget
from bot.work.schedule import Ended, Schedule, Taken, Terms
from bot.work.times import Times

__all__ = [
    "Background",
    "EmbeddedEngine",
    "Ended",
    "Engine",
    "Job",
    "Lease",
    "ReadBudget",
    "Schedule",
    "Taken",
    "Terms",
    "Times",
    "boot_time",
    "engine_for",
]
