"""The port between deciding and doing: an approved proposal goes in, and a job is run for it until it is settled."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.proposal import Proposal

Job = Callable[[str, asyncio.Event], Awaitable[None]]
"""Runs one proposal by its id. Idempotent and fenced: a second start does no harm. The event asks it to stop early; it
then returns with its state written, and is run again at the next start. Where the work has to wait it raises
HeldBackError, and is run again a moment later."""


class Engine(Protocol):
    """Runs approved proposals, one at a time for each registry, since rate limits are per registry."""

    async def enqueue(self, connection: AsyncConnection, proposal: Proposal) -> None:
        """Take a proposal on, within the transaction that approves it."""

    def wake(self, proposal: Proposal) -> None:
        """Say that a transaction with an ``enqueue`` was committed."""

    async def start(self, job: Job) -> None:
        """Begin to run jobs, with those first that an earlier process left unfinished."""

    def halt(self) -> None:
        """Take no new work on, and let running jobs finish what is under way; a later ``stop`` waits for them."""

    async def stop(self) -> None:
        """Halt, and wait for the jobs that run."""
