"""What a deletion really frees."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.freed import Freed, Ledger
from bot.domain.manifest import Body, Descriptor

BLOBS = {name: Descriptor(f"sha256:{name * 64}", size) for name, size in {"a": 100, "b": 30, "c": 7}.items()}


def body(digest: str, blobs: str) -> Body:
    """Make a body that refers to some of the blobs, by letter."""
    return Body(digest, blobs=tuple(BLOBS[letter] for letter in blobs))


def test_a_blob_that_nothing_else_refers_to_is_freed() -> None:
    """What only goes is freed."""
    ledger = Ledger()
    ledger.goes([body("1", "ab")])
    assert ledger.close() == Freed(freed=130, shared=0)


def test_a_blob_that_survivors_refer_to_stays() -> None:
    """A layer of an image that stays is not freed, in whichever repository that image is."""
    ledger = Ledger()
    ledger.goes([body("1", "ab")])
    ledger.survives([body("2", "ac")])
    assert ledger.close() == Freed(freed=30, shared=100)


def test_a_blob_counts_once() -> None:
    """A layer that several going manifests share, in one repository or mounted in many, is freed once."""
    ledger = Ledger()
    ledger.goes([body("1", "aab"), body("2", "a")])
    ledger.goes([body("3", "a")])
    assert ledger.close() == Freed(freed=130, shared=0)


def test_unread_manifests_are_counted() -> None:
    """Where survivors could not be read the figure is an upper bound, and says of how many."""
    ledger = Ledger()
    ledger.goes([body("1", "a")])
    ledger.unread(3)
    assert ledger.close() == Freed(freed=100, shared=0, unread=3)


def test_what_goes_unread_counts_in_full() -> None:
    """A manifest that goes and can't be read makes the figure an upper bound, never one that is too low."""
    ledger = Ledger()
    ledger.goes([body("1", "ab")])
    ledger.survives([body("2", "a")])
    ledger.goes_unread([1000, 500])
    assert ledger.close() == Freed(freed=1530, shared=100, unread=2)


letters = st.text("abc", max_size=3)


@given(st.lists(letters), st.lists(letters))
def test_freed_and_shared_are_what_sets_say(going: list[str], surviving: list[str]) -> None:
    """Whatever the order, freed is the going blobs without the surviving ones, and shared is the rest."""
    ledger = Ledger()
    ledger.goes(body(str(n), blobs) for n, blobs in enumerate(going))
    ledger.survives(body(str(n), blobs) for n, blobs in enumerate(surviving))
    gone, left = set("".join(going)), set("".join(surviving))
    assert ledger.settled == (not gone - left)
    result = ledger.close()
    assert result.freed == sum(BLOBS[letter].size for letter in gone - left)
    assert result.shared == sum(BLOBS[letter].size for letter in gone & left)
