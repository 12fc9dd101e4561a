"""docs/selection.md tells what the tests show: row for row, word for word."""

import re

from bot.domain.reason import Why, headline
from sandbox.acr import Registry
from tests.selection.scene import NOW, Scene
from tests.selection.situations import ALL
from tests.selection.table import PAGE, reasons, rows


def test_each_row_has_a_test_and_each_test_a_row() -> None:
    """The tests are called like the rows, and come in their order."""
    assert [row.slug for row in rows()] == [situation.name for situation in ALL]
    assert [row.test for row in rows()] == [f"`{situation.name}`" for situation in ALL]


def test_the_page_says_of_the_loop_what_was_measured() -> None:
    """Each cell begins with what the row's test finds the loop to do."""
    for row, situation in zip(rows(), ALL, strict=True):
        said = re.match(r"\*\*(.*?)\*\*", row.loop)
        assert said, row.title
        assert said[1].rstrip(".") == situation.loop.value.rstrip("."), row.title


def test_the_page_quotes_only_reasons_that_the_row_has() -> None:
    """What stands in italics is what people read in that very situation; each row quotes some."""
    for row, situation in zip(rows(), ALL, strict=True):
        scene = Scene(Registry(clock=lambda: NOW))
        situation.seed(scene)
        assert row.reasons, row.title
        assert set(row.reasons) <= {headline(why) for why in scene.expected.values()}, row.title


def test_every_reason_is_explained() -> None:
    """The table of reasons has each of them, in the words that people and files have."""
    assert [(word, text) for word, text, _ in reasons()] == [(f"`{why.value}`", headline(why)) for why in Why]


def test_every_source_is_cited_and_every_citation_leads_somewhere() -> None:
    """What the page says of others stands on something public."""
    text = PAGE.read_text(encoding="utf-8")
    defined = set(re.findall(r"^\[([^\]]+)\]: https://", text, re.MULTILINE))
    text = re.sub(r"`[^`]*`", "", text)
    used = set(re.findall(r"\[([^\]]+)\](?![:(\[])", text))
    assert used == defined
    for row in rows():
        cited = re.search(r"\[[^\]]+\]", row.purge)
        assert cited or row.purge == "None.", f"{row.title} says something of acr purge without a source"
