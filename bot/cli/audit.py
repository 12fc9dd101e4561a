"""``acr-janitor audit``: the record of deeds, checked, exported, and completed after an upgrade."""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from bot.cli.options import Export
from bot.domain.audit import since_when
from bot.errors import BadInputError
from bot.logs import configure_logging
from bot.settings import load_settings
from bot.store import Place, Verdict, open_audit
from bot.store.database import name_of, parse_url

FAULTY = 3
_PLACE = re.compile(r"(\d{1,18}):([0-9a-f]{64})", re.ASCII)


async def run_verify(environ: Mapping[str, str], known: str) -> tuple[str, bool]:
    """Check the whole record, and give what to tell and whether something is wrong with it.

    ``known``: what an earlier check told to note, or nothing. Raises ConfigurationError, StoreError, BadInputError.
    """
    noted = _place(known) if known else None
    url = _url(environ)
    async with open_audit(url) as audit:
        verdict = await audit.verify(noted)
    return _told(verdict, name_of(parse_url(url))), verdict.count > 0


async def run_export(environ: Mapping[str, str], form: Export, since: str, write: Callable[[str], None]) -> None:
    """Write each deed as a line, in the order of recording. Raises as ``run_verify`` does."""
    begin = since_when(since, datetime.now(UTC)) if since else None
    async with open_audit(_url(environ)) as audit, aclosing(audit.rows(begin)) as rows:
        async for row in rows:
            write(_LINES[form](row))


async def run_adopt(environ: Mapping[str, str]) -> str:
    """Take rows that are in no chain into it, and give what to tell. Raises as ``run_verify`` does."""
    async with open_audit(_url(environ), alone=True) as audit:
        count = await audit.adopt(datetime.now(UTC))
    if not count:
        return "Nothing to do: every row is in the chain."
    return f"{count:,} row{'' if count == 1 else 's'} taken into the chain; that this was done is on record."


def _told(verdict: Verdict, name: str) -> str:
    rows = f"{verdict.rows:,} row{'' if verdict.rows == 1 else 's'}"
    if not verdict.count:
        lines = [f"The record in {name} is whole: {rows}."]
        if verdict.end.position:
            lines += [
                "Note this somewhere else: a record that is rewritten as a whole is then found out.",
                f"  acr-janitor audit verify --known {verdict.end}",
            ]
        return "\n".join(lines)
    lines = [f"The record in {name} is not what was recorded ({rows}):", *(f"- {one}" for one in verdict.findings)]
    if verdict.count > len(verdict.findings):
        lines.append(f"- and {verdict.count - len(verdict.findings):,} more")
    if verdict.loose:
        lines.append(
            "If rows that are in no chain were written while an older version was being replaced, take them in: "
            "acr-janitor audit adopt"
        )
    return "\n".join(lines)


def _place(text: str) -> Place:
    match = _PLACE.fullmatch(text.strip())
    if match is None:
        raise BadInputError(
            f"--known: {text[:80]!r} is not a place in the record.",
            expected="Give what an earlier check told to note: a number, a colon and 64 hexadecimal digits.",
            example=f"--known 1234:{'0123456789abcdef' * 4}",
        )
    return Place(int(match[1]), match[2])


def _json_line(row: Mapping[Any, Any]) -> str:
    at = row["at"].astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    first = {"at": at, "deed": str(row["deed"])}
    rest = {name: value for name, value in row.items() if name not in first}
    return json.dumps(first | rest, separators=(",", ":"))


_LINES = {Export.JSONL: _json_line}


def _url(environ: Mapping[str, str]) -> str:
    settings = load_settings(environ, require_slack=False)
    configure_logging(settings.log.level, settings.log.format, secrets=settings.secrets)
    return settings.database_url
