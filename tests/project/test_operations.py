"""docs/operations.md: every metric is documented, and nothing else is."""

import re

from bot.domain.proposal import Outcome
from bot.metrics import Metrics
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
