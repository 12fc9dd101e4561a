"""Who runs approved work, and when: the engine port, its engines, the schedule."""

from bot.work.embedded import EmbeddedEngine
from bot.work.engine import Engine, Job

__all__ = ["EmbeddedEngine", "Engine", "Job"]
