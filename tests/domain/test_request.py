"""Reading what somebody typed behind ``/acr``."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.parse import parse_command
from bot.domain.reference import Reference
from bot.domain.request import Help, OpenForm, Untagged, request_from_json
from bot.domain.rule import Protection
from bot.errors import BadInputError
from tests.domain.build import NOW


@pytest.mark.parametrize("text", ["help", "HELP", "--help", "-h", "help me please"])
def test_help_asks_for_help(text: str) -> None:
    """Every common way to ask for help asks for it."""
    assert parse_command(text) == Help()


@pytest.mark.parametrize("text", ["", "   ", "\u00a0"])
def test_nothing_asks_for_the_form(text: str) -> None:
    """``/acr`` alone asks for the form."""
    assert parse_command(text) == OpenForm()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("untagged myrepo", Untagged(Reference("myrepo"))),
        ("UNTAGGED myrepo", Untagged(Reference("myrepo"))),
        ("untagged team/app --min-age 7d", Untagged(Reference("team/app"), min_age=timedelta(days=7))),
        ("untagged --min-age=7d team/app", Untagged(Reference("team/app"), min_age=timedelta(days=7))),
        ("untagged team/app --min-age 0", Untagged(Reference("team/app"), min_age=timedelta())),
        ("untagged myrepo --registry Other", Untagged(Reference("myrepo"), registry="other")),
        ("untagged myregistry.azurecr.io/team/app", Untagged(Reference("team/app"), registry="myregistry.azurecr.io")),
        ("untagged https://myregistry.azurecr.io/a/", Untagged(Reference("a"), registry="myregistry.azurecr.io")),
        ("untagged localhost:5000/app", Untagged(Reference("app"), registry="localhost:5000")),
        ("untagged team/*", Untagged(Reference("team/*"))),
        ("untagged 'team/*'", Untagged(Reference("team/*"))),
    ],
)
def test_untagged_is_understood(text: str, expected: Untagged) -> None:
    """A repository, a pattern or a pasted reference is read with its options in any place."""
    assert parse_command(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "untagged myrepo \u2014min-age 7d",
        "untagged myrepo \u2013min-age 7d",
        "untagged\u00a0myrepo --min-age\u202f7d",
        "untagged \u201cmyrepo\u201d --min-age \u20187d\u2019",
        "untagged myrepo -\u2011min-age 7d",
        "untagged my\u200brepo --min-age 7d",
    ],
)
def test_typography_is_understood(text: str) -> None:
    """Dashes, quotation marks and spaces that Slack's composer puts in are read as what was typed."""
    assert parse_command(text) == Untagged(Reference("myrepo"), min_age=timedelta(days=7))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("frobnicate myrepo", "There is no command 'frobnicate'."),
        ("untagged", "The repository is missing."),
        ("untagged ''", "The repository is missing."),
        ("untagged a b", "One repository is expected, and there are 2: a b."),
        ("untagged myrepo:v1", "'myrepo:v1' names one manifest."),
        ("untagged myrepo@sha256:123", "'sha256:123' is not a digest."),
        (f"untagged myrepo@sha256:{'0' * 64}", f"'myrepo@sha256:{'0' * 45}…' names one manifest."),
        ("untagged myrepo:-x", "'-x' is not a tag."),
        ("untagged MyRepo", "'MyRepo' is not the name of a repository."),
        ("untagged my//repo", "'my//repo' is not the name of a repository."),
        ("untagged <!channel>", "'<!channel>' is not the name of a repository."),
        (f"untagged {'a' * 257}", f"'{'a' * 59}…' is too long for a repository: 257 characters."),
        ("untagged myrepo --min-age", "--min-age has no value."),
        ("untagged myrepo --min-age --registry x", "--min-age has no value."),
        ("untagged myrepo --min-age soon", "--min-age: 'soon' is not a length of time."),
        ("untagged myrepo --min-age 1h30d", "--min-age: '1h30d' is not a length of time."),
        ("untagged myrepo --min-age -3d", "--min-age: '-3d' is not a length of time."),
        ("untagged myrepo --min-age 99999w", "--min-age: '99999w' is longer than a hundred years."),
        ("untagged myrepo --older 3d", "There is no option '--older'."),
        ("untagged myrepo --registry a --registry b", "--registry is given twice."),
        ("untagged one.azurecr.io/x --registry two", "Two registries are named: one.azurecr.io and two."),
        ("untagged 'myrepo", "A quotation mark is not closed."),
        ("untagged " + "x" * 40_000, "That is too long: 40,009 characters."),
    ],
)
def test_what_is_wrong_is_said(text: str, problem: str) -> None:
    """Each wrong input gets its own words, what was expected, and an example."""
    with pytest.raises(BadInputError) as caught:
        parse_command(text)
    assert caught.value.problem == problem
    assert caught.value.expected
    assert caught.value.example


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text raises anything but words for people."""
    problem = None
    try:
        parse_command(text)
    except BadInputError as error:
        problem = error
    assert problem is None or (problem.expected and len(str(problem)) < 500)


@given(st.text(alphabet="abz09._-/*?:@ ='\"\u2014", max_size=80))
def test_any_line_like_text_is_read_or_refused(text: str) -> None:
    """Texts made of what commands are made of raise nothing else either, and what was read is written as it is read."""
    try:
        request = parse_command(f"untagged {text}")
    except BadInputError:
        return
    assert isinstance(request, Untagged)
    fixed = request.fixed(NOW)
    assert request_from_json(fixed.to_json()) == fixed
    assert str(fixed) == str(request)
    assert parse_command(str(request).removeprefix("/acr ")) == request


def test_an_age_is_one_instant_from_the_first_look_on() -> None:
    """Looked at again later, it selects nothing that was too new before."""
    request = parse_command("untagged myrepo --min-age 7d")
    assert isinstance(request, Untagged)
    fixed = request.fixed(NOW)
    later = NOW + timedelta(days=3)
    assert fixed.fixed(later) == fixed
    assert fixed.rule(later, Protection()).before == NOW - timedelta(days=7)
    assert Untagged(Reference("myrepo")).fixed(NOW).rule(later, Protection()).before is None


@pytest.mark.parametrize(
    "changed", [{"before": None}, {"min_age": None}, {"before": "2026-01-01T00:00:00"}, {"before": "soon"}]
)
def test_a_button_without_its_instant_is_refused(changed: dict[str, object]) -> None:
    """An earlier version's button meant another instant with each click."""
    data = Untagged(Reference("myrepo"), min_age=timedelta(days=7)).fixed(NOW).to_json()
    assert request_from_json(data)
    with pytest.raises(BadInputError, match="another version"):
        request_from_json({**data, **changed})


@pytest.mark.parametrize("data", [None, 3, "x", [], {}, {"cmd": "untagged"}, {"cmd": "untagged", "repo": 3}])
def test_a_foreign_button_is_refused(data: object) -> None:
    """A value that no version of ours wrote is refused with words."""
    with pytest.raises(BadInputError, match="another version"):
        request_from_json(data)
