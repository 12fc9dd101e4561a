import csv
import io
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.blocks import files
from bot.domain.manifest import OCI_INDEX
from bot.domain.proposal import Outcome, Record, tally
from tests.blocks import samples as s


def rows(content: bytes) -> list[list[str]]:
    """Read a CSV as a program would."""
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def test_the_plan_has_a_line_for_each_item() -> None:
    """Each item has its registry, names, bytes, times in UTC and reason."""
    items = [s.item(0, tags=("a", "b")), s.item(1, media_type=OCI_INDEX)]
    header, first, second = rows(files.plan_csv(items, registry="myregistry"))
    assert header == list(files.PLAN_COLUMNS)
    named = dict(zip(header, first, strict=True))
    assert named["registry"] == "myregistry"
    assert named["digest"] == s.digest(0)
    assert named["tags"] == "a b"
    assert named["size_bytes"] == named["counted_bytes"] == str(300 * 1024**2)
    assert named["created"] == "2026-11-21T15:00:00Z"
    assert (named["why"], named["reason"]) == ("untagged", "untagged")
    assert dict(zip(header, second, strict=True))["counted_bytes"] == "0"


def test_the_outcome_says_what_became_of_each() -> None:
    """The plan's columns, then outcome, detail and time; what has no outcome yet is told as such."""
    done = Record(s.item(0), Outcome.SKIPPED, "tagged (v1)", s.NOW)
    header, first, second = rows(files.outcome_csv([done, Record(s.item(1))], registry="myregistry"))
    assert header == list(files.OUTCOME_COLUMNS)
    assert first[-3:] == ["skipped", "tagged (v1)", "2026-11-23T15:00:00Z"]
    assert second[-3:] == ["todo", "", ""]


def test_lines_end_as_the_standard_says() -> None:
    """RFC 4180: CRLF, and quotes doubled inside of quotes."""
    content = files.plan_csv([s.item(0, reason='say "no", twice')], registry="r")
    assert content.count(b"\r\n") == 2
    assert b'"say ""no"", twice"' in content


@given(name=s.names | st.sampled_from(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "'"]))
def test_no_cell_is_a_formula_and_nothing_is_lost(name: str) -> None:
    """A cell never begins as a formula does, and taking one apostrophe away gives what the registry said."""
    item = replace(s.item(0), repository=name, platform=name)
    content = files.plan_csv([item], registry="r").decode("utf-8")
    cell = next(csv.DictReader(io.StringIO(content, newline="")))["repository"]
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert cell.removeprefix("'") == name.encode("utf-8", "backslashreplace").decode()


def test_files_are_named_after_their_proposal() -> None:
    """The names tell the two files of a proposal apart."""
    assert files.plan_name("ab12") == "acr-janitor-ab12-plan.csv"
    assert files.outcome_name("ab12") == "acr-janitor-ab12-outcome.csv"


def test_files_are_introduced() -> None:
    """The thread says what each file is."""
    proposal = s.proposal(target="a`<!here>")
    assert files.plan_comment(proposal) == "The whole list: 37 untagged manifests in `a\u02cb&lt;!here&gt;`."
    became = tally([Record(s.item(0), Outcome.DELETED), Record(s.item(1), Outcome.GONE)])
    assert files.outcome_comment(proposal, became).endswith(": *1* deleted · *1* already gone.")
