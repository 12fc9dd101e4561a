"""The forms of a scan's result: table, JSON and CSV."""

import csv
import io
import json
import re
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from bot.blocks.files import PLAN_COLUMNS, verdict_csv
from bot.cli.document import document
from bot.cli.table import table
from bot.cli.verdicts import verdicts, word
from bot.domain.plan import item_of
from bot.domain.rule import Rule
from bot.errors import RegistryGarbledError
from bot.janitor.scan import Scan
from tests.domain.build import NO_DELETE, NOW, UNTAGGED, Repo, elsewhere
from tests.domain.random_repos import repositories_and_rules
from tests.project.conftest import ROOT

SCHEMA = json.loads((ROOT / "docs/scan.schema.json").read_text(encoding="utf-8"))


def scan_of(*repos: Repo, rule: Rule = UNTAGGED, target: str = "team/*", **faults: str) -> Scan:
    """Make the result of a scan over these repositories, and over some that could not be read."""
    return Scan(
        registry="contoso",
        target=target,
        rule=rule,
        taken=NOW,
        judgements=tuple(repo.judge(rule) for repo in repos),
        repositories=(*(repo.name for repo in repos), *faults),
        faults={name: RegistryGarbledError(fault) for name, fault in faults.items()},
    )


def read(found: Scan) -> Any:
    """Write a scan as JSON and read it back, held against its schema."""
    whole = json.loads(document(found, found.plan))
    jsonschema.validate(whole, SCHEMA, format_checker=jsonschema.FormatChecker())
    return whole


def seed() -> tuple[Repo, dict[str, str]]:
    """Make a repository with a broken image, something locked and something loose."""
    repo = Repo("team/app")
    part = repo.image()
    index = repo.index(part, elsewhere("gone"), tags=("v1", "v2"))
    return repo, {"part": part, "index": index, "locked": repo.image(locks=NO_DELETE), "loose": repo.image(days=400)}


def test_the_table_is_aligned_and_counts_what_is_kept() -> None:
    """What could go first, then what is kept by reason, what could not be read, what is broken."""
    repo, digest = seed()
    text = table(scan := scan_of(repo, odd="its listing is no JSON"), scan.plan, everything=False)
    head, rows, kept, faults, broken, note = text.split("\n\n")
    assert head.splitlines() == [
        "contoso/team/* (2 repositories): 1 of 4 manifests could go, up to 1000 B",
        "Asked for: untagged. Seen 2026-05-01 12:00 UTC.",
    ]
    assert rows.splitlines() == [
        "REPOSITORY  DIGEST              AGE    SIZE  WHAT   WHY",
        f"team/app    {digest['loose'][7:19]}  13 months  1000 B  image  untagged",
    ]
    assert kept.splitlines() == [
        "KEPT  WHY",
        "   1  locked",
        "   1  part of a kept multi-arch image",
        "   1  tagged",
    ]
    assert faults.splitlines()[1] == "  odd: its listing is no JSON"
    assert broken.splitlines()[1] == f"  team/app@{digest['index'][7:19]} lacks {elsewhere('gone')[7:19]}"
    assert note.startswith("Nothing was deleted: this command only reads.")


def test_the_whole_table_has_what_is_kept() -> None:
    """With the verdict of each, and the tags that somebody gave."""
    repo, digest = seed()
    rows = table(scan := scan_of(repo, target="team/app"), scan.plan, everything=True).split("\n\n")[1].splitlines()
    assert rows[0].split() == ["DIGEST", "VERDICT", "TAGS", "AGE", "SIZE", "WHAT", "WHY"]
    line = next(row for row in rows if row.startswith(digest["index"][7:19]))
    assert re.split(r" {2,}", line) == [
        digest["index"][7:19],
        "kept",
        "v1 v2",
        "10 days",
        "(its parts)",
        "multi-arch",
        "tagged (v1, v2)",
    ]


def test_nothing_to_clean_is_one_line() -> None:
    """Without a table of nothing."""
    repo = Repo("team/app")
    repo.image("v1")
    head, kept, note = table(scan := scan_of(repo, target="team/app"), scan.plan, everything=False).split("\n\n")
    assert head.startswith("contoso/team/app: 0 of 1 manifest could go\n")
    assert kept == "KEPT  WHY\n   1  tagged"
    assert note == "Nothing was deleted: this command only reads.\n"


def test_a_terminal_obeys_nothing_in_the_table() -> None:
    """Control characters of names and causes are shown, not sent."""
    repo = Repo("team/app")
    repo.push({}, "application/\x1b]0;x\x07\x9b31m")
    scan = scan_of(repo, odd="\x1b[2J\rgone")
    text = table(scan, scan.plan, everything=True)
    assert all(character.isprintable() or character == "\n" for character in text)


def test_the_json_says_all() -> None:
    """Every manifest with its verdict, reason and what leads to it; faults and broken images by repository."""
    repo, digest = seed()
    whole = read(scan_of(repo, odd="its listing is no JSON"))
    assert (whole["complete"], whole["going"]) == (False, {"count": 1, "upper_bytes": 1000})
    assert whole["kept"] == {"locked": 1, "part-of-kept-index": 1, "tagged": 1}
    assert whole["repositories"] == [
        {
            "name": "team/app",
            "fault": None,
            "broken": [{"digest": digest["index"], "missing": [elsewhere("gone")]}],
        },
        {"name": "odd", "fault": "its listing is no JSON", "broken": []},
    ]
    by_digest = {manifest["digest"]: manifest for manifest in whole["manifests"]}
    assert by_digest[digest["part"]] == {
        "repository": "team/app",
        "digest": digest["part"],
        "verdict": "kept",
        "why": "part-of-kept-index",
        "reason": f"part of a kept multi-arch image {digest['index'][7:19]}",
        "because": digest["index"],
        "tags": [],
        "size_bytes": 1000,
        "counted_bytes": 1000,
        "platform": None,
        "media_type": "application/vnd.oci.image.manifest.v1+json",
        "created": "2026-04-21T12:00:00Z",
        "updated": "2026-04-21T12:00:00Z",
    }
    assert whole["manifests"][0]["digest"] == digest["loose"], "what goes comes first"


@given(case=repositories_and_rules())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_scan_fits_the_schema_and_agrees_with_the_csv(case: tuple[Repo, Rule]) -> None:
    """Whatever is in a repository and whatever is asked: JSON and CSV give each manifest the same verdict."""
    repo, rule = case
    scan = scan_of(repo, rule=rule)
    whole = read(scan)
    items = ((item_of(name, verdict), word(verdict)) for name, verdict in verdicts(scan, everything=True))
    rows = list(csv.DictReader(io.StringIO(verdict_csv(items, registry="contoso").decode(), newline="")))
    assert [(row["digest"], row["verdict"], row["why"]) for row in rows] == [
        (manifest["digest"], manifest["verdict"], manifest["why"]) for manifest in whole["manifests"]
    ]
    assert [row["digest"] for row in rows if row["verdict"] == "goes"] == repo.going(rule)
    assert {manifest["digest"] for manifest in whole["manifests"]} == repo.manifests.keys()
    assert whole["going"]["count"] == len(repo.going(rule))
    table(scan, scan.plan, everything=True)


@pytest.mark.parametrize("everything", [False, True])
def test_the_csv_has_the_columns_of_a_plan_and_the_verdict(everything: bool) -> None:
    """Only what could go, or all; a look has no actions, so their two columns are a plan's alone."""
    repo, digest = seed()
    rows = [*verdicts(scan_of(repo), everything=everything)]
    text = verdict_csv(((item_of(name, verdict), word(verdict)) for name, verdict in rows), registry="contoso").decode()
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert tuple(found[0]) == (*(name for name in PLAN_COLUMNS if name not in {"action", "tag"}), "verdict")
    assert {row["digest"] for row in found} == ({*digest.values()} if everything else {digest["loose"]})
