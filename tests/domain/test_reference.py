"""Reading references, and finding the names that somebody meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reference import Reference, nearest, parse_reference
from bot.errors import BadInputError

DIGEST = f"sha256:{'ab' * 32}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app", Reference("app")),
        ("app:v1.2", Reference("app", tag="v1.2")),
        (f"app@{DIGEST}", Reference("app", digest=DIGEST)),
        (f"app:v1@{DIGEST}", Reference("app", digest=DIGEST)),
        (f"r.azurecr.io/a/b@{DIGEST}", Reference("a/b", registry="r.azurecr.io", digest=DIGEST)),
        ("localhost/app", Reference("app", registry="localhost")),
        ("127.0.0.1:5000/app:x", Reference("app", registry="127.0.0.1:5000", tag="x")),
        ("R.AzureCR.io/app", Reference("app", registry="r.azurecr.io")),
        ("oci://r.azurecr.io/app", Reference("app", registry="r.azurecr.io")),
        ("a__b/c-d.e", Reference("a__b/c-d.e")),
    ],
)
def test_references_are_read(text: str, expected: Reference) -> None:
    """Every usual form of a reference is read; a digest outranks a tag, as it does in a pull."""
    assert parse_reference(text) == expected


@pytest.mark.parametrize(
    "text", ["", "/", ":v1", "@", "app@", f"app@{DIGEST.upper()}", "a b", "app:", "ünï", "-app", "app/"]
)
def test_what_is_no_reference_is_refused_or_trimmed(text: str) -> None:
    """What can't be a reference is refused; trailing slashes and colons with nothing behind are forgiven."""
    if text in {"app:", "app/"}:
        assert parse_reference(text) == Reference("app")
        return
    with pytest.raises(BadInputError):
        parse_reference(text)


def test_a_glob_selects_across_slashes() -> None:
    """``*`` stands for any characters, slashes too, and the answer is sorted."""
    assert parse_reference("team/*").select(["x", "team/b/c", "team/a", "teams"]) == ["team/a", "team/b/c"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("myrep", "myrepo"), ("gateway", "payments/gateway"), ("team/ap", "team/app"), ("aym", "payments/gateway")],
)
def test_the_nearest_name_comes_first(typed: str, expected: str) -> None:
    """A typing error, a missing group or a part of the name leads to the repository."""
    assert nearest(typed, ["myrepo", "team/app", "team/api", "payments/gateway"])[0] == expected


def test_nothing_near_gives_nothing() -> None:
    """A name like none that there are brings no suggestion."""
    assert nearest("zzzzzz", ["myrepo", "team/app"]) == []


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text raises anything but words for people."""
    try:
        reference = parse_reference(text)
    except BadInputError:
        return
    assert reference.repository
