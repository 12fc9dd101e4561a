"""``acr-janitor doctor``: looks at everything that the app depends on. It only asks: nothing is posted, or deleted."""

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.cli.options import Form
from bot.errors import ConfigurationError
from bot.logs import configure_logging
from bot.operations.doctor import Check, Finding, Level, examine, fault
from bot.redaction import Redactor
from bot.settings import Settings, load_settings
from bot.wiring import utc_now

VERSION = 1
_MARGIN = 9
_WIDEST = 120


async def run_doctor(form: Form, environ: Mapping[str, str], now: Callable[[], datetime] = utc_now) -> int:
    """Look at everything and write what is found to standard output; give 1 where there is a fault, else 0."""
    try:
        settings = load_settings(environ)
    except ConfigurationError as error:
        remedy = "Mend it, and run this again: the rest needs the settings. See docs/configuration.md."
        findings = [fault(Check.SETTINGS, each, remedy) for each in error.faults]
        _tell(findings, form, Redactor())
        return 1
    configure_logging("CRITICAL", settings.log.format, secrets=settings.secrets)
    findings = await _found(settings, form, now)
    return int(any(finding.level is Level.FAULT for finding in findings))


async def _found(settings: Settings, form: Form, now: Callable[[], datetime]) -> list[Finding]:
    hide = Redactor(settings.secrets)
    findings = []
    async for finding in examine(settings, now):
        findings.append(finding)
        if form is Form.TEXT:
            # As it comes: a registry that does not answer takes its time.
            _write(text(finding, hide) + "\n")
    _tell(findings, form, hide, told=form is Form.TEXT)
    return findings


def _tell(findings: list[Finding], form: Form, hide: Callable[[str], str], *, told: bool = False) -> None:
    if form is Form.JSON:
        _write(document(findings, hide) + "\n")
        return
    if not told:
        _write("".join(f"{text(finding, hide)}\n" for finding in findings))
    _write(f"\n{summary(findings)}\n")


def text(finding: Finding, hide: Callable[[str], str]) -> str:
    """Draw a finding: level, check and what was found in a line, and below it what to do."""
    about = f" {finding.about}" if finding.about else ""
    width = min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns)
    lines = [f"{finding.level:<{_MARGIN}}{finding.check}{about}: {hide(finding.found)}"]
    if finding.remedy:
        margin = " " * _MARGIN
        lines += textwrap.wrap(
            hide(finding.remedy),
            width,
            initial_indent=f"{margin}-> ",
            subsequent_indent=f"{margin}   ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def summary(findings: list[Finding]) -> str:
    """Say how many faults and warnings there are."""
    faults, warnings = (sum(finding.level is level for finding in findings) for level in (Level.FAULT, Level.WARNING))
    if not faults and not warnings:
        return "All is well."
    told = (f"{count} {word}{'s' * (count != 1)}" for count, word in ((faults, "fault"), (warnings, "warning")))
    return f"{' and '.join(told)}."


def document(findings: list[Finding], hide: Callable[[str], str]) -> str:
    """Write the findings as one JSON object."""
    whole = {
        "version": VERSION,
        "healthy": not any(finding.level is Level.FAULT for finding in findings),
        "findings": [
            {
                "check": finding.check.value,
                "about": finding.about,
                "level": finding.level.value,
                "found": hide(finding.found),
                "remedy": hide(finding.remedy),
            }
            for finding in findings
        ],
    }
    return json.dumps(whole, indent=1)


def _write(content: str) -> None:
    try:
        sys.stdout.write(content)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
