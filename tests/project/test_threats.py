"""docs/threats.md: each threat names the tests that cover it, and they exist."""

import ast
import re

import pytest

from tests.project.conftest import ROOT

TEXT = (ROOT / "docs/threats.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and "`tests/" in line]
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", TEXT)))


def test_every_threat_names_a_test() -> None:
    """No row of a table does without, but for the heads."""
    lines = [line for line in TEXT.splitlines() if line.startswith("| ")]
    heads = [line for line in lines if line.startswith("| what they can try")]
    assert len(ROWS) == len(lines) - len(heads)
    assert len(ROWS) > 20


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_each_named_test_exists(path: str, name: str) -> None:
    """It is a function of that file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_the_policy_leads_here() -> None:
    """SECURITY.md links to the table, and the README to SECURITY.md."""
    assert "(docs/threats.md)" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "(SECURITY.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
