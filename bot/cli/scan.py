"""``acr-janitor scan``: what could go and why, without Slack. It only reads, and needs no database.

Bodies are cached in memory for as long as the command runs, never in the app's database: the running app holds a lock
on that, and a look from a pipeline must neither wait for it nor be in its way.
"""

import enum
import os
import sys
from collections.abc import Mapping

from bot.blocks.files import verdict_csv
from bot.blocks.text import said_plain
from bot.cli.document import document
from bot.cli.options import COMMAND, Output, ScanOptions, understand
from bot.cli.table import table
from bot.cli.verdicts import verdicts, word
from bot.domain.plan import Plan, item_of
from bot.errors import JanitorError, RegistryError, RepositoryNotFoundError
from bot.janitor.desk import ReadingDesk
from bot.janitor.scan import Scan, scan
from bot.logs import configure_logging
from bot.registry import MemoryBodies
from bot.settings import Settings, load_settings
from bot.wiring import open_registries, policy_of, utc_now


class Exit(enum.IntEnum):
    """How the command ends. 1 is left to what nobody foresaw, as Python ends then; 2 is usual for wrong usage."""

    READ = 0
    MISTAKEN = 2
    COULD_GO = 3
    UNREADABLE = 4
    INCOMPLETE = 5


async def run_scan(options: ScanOptions, environ: Mapping[str, str]) -> Exit:
    """Scan, write the result to standard output and what went wrong to standard error; give the exit code."""
    try:
        settings = load_settings(environ, require_slack=False)
        configure_logging(settings.log.level, settings.log.format, secrets=settings.secrets)
        found = await _scan(options, settings)
    except JanitorError as error:
        error.about(COMMAND)
        sys.stderr.write(f"acr-janitor: {said_plain(str(error), 4000)}\n")
        unreadable = isinstance(error, RegistryError) and not isinstance(error, RepositoryNotFoundError)
        return Exit.UNREADABLE if unreadable else Exit.MISTAKEN
    plan = found.plan
    _write(_drawn(found, plan, options))
    if plan.faults:
        return Exit.INCOMPLETE
    return Exit.COULD_GO if options.exit_code and plan.items else Exit.READ


async def _scan(options: ScanOptions, settings: Settings) -> Scan:
    policy = policy_of(settings)
    asked = understand(options, policy.protection, utc_now())
    async with open_registries(settings) as registries:
        desk = ReadingDesk(registries, MemoryBodies(), policy, utc_now)
        return await scan(desk, asked.reference, asked.rule, registry=asked.registry)


def _drawn(found: Scan, plan: Plan, options: ScanOptions) -> bytes:
    if options.output is Output.CSV:
        rows = verdicts(found, everything=options.everything)
        items = ((item_of(repository, verdict), word(verdict)) for repository, verdict in rows)
        return verdict_csv(items, registry=found.registry)
    text = document(found, plan) if options.output is Output.JSON else table(found, plan, everything=options.everything)
    # UTF-8 whatever the terminal's locale; half a surrogate pair, which JSON can carry, is written as its escape.
    return text.encode("utf-8", "backslashreplace")


def _write(content: bytes) -> None:
    try:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Whoever read has seen enough (`| head`). Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
