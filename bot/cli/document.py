"""The result of a scan as one JSON object. ``docs/scan.schema.json`` describes it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bot.cli.verdicts import verdicts, word
from bot.domain.plan import Plan, item_of
from bot.domain.reason import Verdict
from bot.domain.rule import Rule
from bot.janitor.scan import Scan

VERSION = 1


def document(scan: Scan, plan: Plan) -> str:
    """Write a scan: every manifest with its verdict. Sizes are in bytes, times ISO 8601 in UTC; all of it is ASCII."""
    whole = {
        "version": VERSION,
        "registry": scan.registry,
        "target": scan.target,
        "taken": _time(scan.taken),
        "complete": not plan.faults,
        "rule": _rule(scan.rule),
        "going": {"count": len(plan.items), "upper_bytes": plan.upper_bytes},
        "kept": {why.value: count for why, count in sorted(plan.kept.items(), key=lambda pair: pair[0].value)},
        "repositories": list(_repositories(scan, plan)),
        "manifests": [_manifest(repository, verdict) for repository, verdict in verdicts(scan, everything=True)],
    }
    return json.dumps(whole, indent=1) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "untagged": rule.untagged,
        "tagged": rule.tagged,
        "before": _time(rule.before) if rule.before else None,
        "tags": rule.tags or None,
        "keep_newest": rule.keep_newest,
        "grace_seconds": round(rule.protection.grace.total_seconds()),
        "keep_tags": list(rule.protection.keep_tags),
        "keep_repositories": list(rule.protection.keep_repositories),
        "keep_last_tagged": rule.protection.keep_last,
    }


def _repositories(scan: Scan, plan: Plan) -> Iterator[dict[str, Any]]:
    judged = {judgement.repository: judgement for judgement in scan.judgements}
    for name in scan.repositories:
        broken = judged[name].broken if name in judged else {}
        yield {
            "name": name,
            "fault": plan.faults.get(name),
            "broken": [{"digest": digest, "missing": list(missing)} for digest, missing in broken.items()],
        }


def _manifest(repository: str, verdict: Verdict) -> dict[str, Any]:
    item = item_of(repository, verdict)
    return {
        "repository": repository,
        "digest": item.digest,
        "verdict": word(verdict),
        "why": item.why.value,
        "reason": item.reason,
        "because": verdict.reason.because or None,
        "tags": list(item.tags),
        "size_bytes": item.size,
        "counted_bytes": item.counted_size,
        "platform": item.platform or None,
        "media_type": item.media_type,
        "created": _time(item.created),
        "updated": _time(item.updated),
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
