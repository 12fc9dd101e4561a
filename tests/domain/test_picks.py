"""Positions as a short text."""

import base64
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.picks import pack, unpack


@given(st.frozensets(st.integers(0, 20_000)))
def test_what_is_packed_comes_back(positions: frozenset[int]) -> None:
    """Each set of positions is told apart."""
    text = pack(positions)
    assert unpack(text) == positions
    assert text.replace("-", "").replace("_", "").replace("=", "").isalnum() or not text


def test_any_of_ten_thousand_fit() -> None:
    """Where every second one is picked at random, which no packing helps, as well as where all are."""
    chance = random.Random(1)
    assert len(pack(n for n in range(10_000) if chance.random() < 0.5)) <= 1_700
    assert len(pack(range(10_000))) < 50


@pytest.mark.parametrize(
    "text",
    [
        "?",
        "abc",
        "\u00e4",
        base64.urlsafe_b64encode(b"no").decode(),
        base64.urlsafe_b64encode(zlib.compress(bytes(10_000_000))).decode(),
        base64.urlsafe_b64encode(zlib.compress(b"cut short")[:-3]).decode(),
    ],
    ids=["no-base64", "odd", "no-ascii", "not-packed", "a-bomb", "cut"],
)
def test_what_is_not_packed_is_refused(text: str) -> None:
    """With an error that says so, and without unpacking more than a list can have."""
    with pytest.raises(ValueError, match="set of positions"):
        unpack(text)
