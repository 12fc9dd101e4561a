"""docs/operations.md: every metric and every check of the doctor is documented, and nothing else is."""

import re
from typing import Any

import yaml

from bot.domain.proposal import Outcome
from bot.metrics import Metrics
from bot.operations.doctor import Check, Level
from bot.scopes import SCOPES
from tests.project.conftest import ROOT

TEXT = (ROOT / "docs/operations.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Give the text of a section."""
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_metric_is_documented() -> None:
    """The table has each metric once, by the name that Prometheus knows it by."""
    named = re.findall(r"^\| `(acr_janitor_\w+)` \|", section("`/metrics`"), re.MULTILINE)
    assert sorted(named) == sorted(Metrics().names())


def test_every_outcome_is_documented() -> None:
    """The values of the label are the words of the record."""
    row = next(line for line in TEXT.splitlines() if line.startswith("| `acr_janitor_items_total`"))
    assert re.findall(r"`(\w+)`", row)[2:] == [outcome.value for outcome in Outcome if outcome is not Outcome.TODO]


def test_the_alerts_ask_for_metrics_that_there_are() -> None:
    """Each expression names what the app shows."""
    exprs = re.findall(r"^  expr: (.*)$", TEXT, re.MULTILINE)
    for expr in exprs:
        (name,) = re.findall(r"acr_janitor_\w+", expr)
        assert name.removesuffix("_bucket") in Metrics().names()
    assert exprs


def test_every_check_of_the_doctor_is_documented() -> None:
    """The table has each check once, in the order in which they are made."""
    text = section("`acr-janitor doctor`")
    assert re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE) == [check.value for check in Check]
    for level in Level:
        assert f"`{level.value}`" in text


def test_the_doctor_asks_for_the_scopes_of_the_manifest() -> None:
    """What the app is installed with is what it is examined for."""
    manifest: Any = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    assert sorted(SCOPES) == sorted(manifest["oauth_config"]["scopes"]["bot"])


def test_every_event_of_the_log_that_is_documented_is_logged() -> None:
    """Who searches the log for a word of the table finds it."""
    source = "".join(
        path.read_text(encoding="utf-8") for part in ("bot", "handlers") for path in (ROOT / part).rglob("*.py")
    )
    cells = re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+) \|", section("Logs"), re.MULTILINE)
    names = [name for cell in cells for name in re.findall(r"`([a-z_]+)`", cell) if name != "event"]
    assert len(names) > 10
    for name in names:
        assert f'("{name}"' in source, name
