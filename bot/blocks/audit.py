"""The file that ``/acr audit`` gives: one line for each deed on record."""

import json

from bot.blocks.sheet import Sheet, sheet
from bot.blocks.text import number, plural
from bot.janitor.audit import Recorded

_COLUMNS = (
    "at",
    "deed",
    "actor",
    "proposal",
    "registry",
    "repository",
    "digest",
    "what",
    "team",
    "enterprise",
    "channel",
    "checksum",
    "revision",
    "detail",
    "position",
    "hash",
)


def audit_csv(found: Recorded) -> Sheet:
    """Write each row. Times are ISO 8601 in UTC, people are Slack's ids, ``detail`` is JSON."""
    rows = []
    for row in found.rows:
        detail = dict(row["detail"] or {})
        what = detail.get("outcome") or detail.get("why") or detail.get("state") or detail.get("what") or ""
        rows.append(
            [
                f"{row['at']:%Y-%m-%dT%H:%M:%S.%fZ}",
                str(row["deed"]),
                row["actor"],
                row["proposal"],
                str(row["registry"] or detail.get("registry", "")),
                str(detail.get("repository") or row["target"] or ""),
                str(detail.get("digest", "")),
                str(what),
                row["team_id"],
                row["enterprise_id"],
                row["channel"],
                row["checksum"],
                str(row["revision"] or ""),
                json.dumps(detail, separators=(",", ":")) if detail else "",
                str(row["position"] or ""),
                row["hash"] or "",
            ]
        )
    comment = f"{plural(len(rows), 'row')} of the record."
    if found.more:
        comment = f"The latest {number(len(rows))} rows of the record; acr-janitor audit export has all of it."
    return sheet("audit", _COLUMNS, rows, comment)
