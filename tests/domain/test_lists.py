"""Reading the commands that list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists import ALL, History, ListRequest, Manifests, Pending, Repos, Usage
from bot.domain.parse import parse_command
from bot.domain.reference import Reference
from bot.errors import BadInputError

COMPLETE = (
    ("repos", Repos()),
    ("repos 'team/*'", Repos(Reference("team/*"))),
    ("repos team/app", Repos(Reference("team/app"))),
    ("REPOS --registry Other", Repos(registry="other")),
    ("repos myregistry.azurecr.io/team/*", Repos(Reference("team/*"), "myregistry.azurecr.io")),
    ("usage", Usage()),
    ("usage team/* --registry=other", Usage(Reference("team/*"), "other")),
    ("manifests team/app", Manifests(Reference("team/app"))),
    ("manifests --oldest team/app", Manifests(Reference("team/app"), oldest=True)),
    ("manifests team/app \u2014oldest", Manifests(Reference("team/app"), oldest=True)),
    ("manifests localhost:5000/app -oldest", Manifests(Reference("app"), "localhost:5000", oldest=True)),
    ("pending", Pending()),
    ("pending --registry Other", Pending("other")),
    ("history", History()),
    ("history team/app", History(Reference("team/app"))),
    ("history team/app --registry other", History(Reference("team/app"), "other")),
)


@pytest.mark.parametrize(("text", "expected"), COMPLETE)
def test_a_list_is_understood(text: str, expected: ListRequest) -> None:
    """Repository, pattern or nothing, with options and flags in any place."""
    assert parse_command(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("manifests", "The repository is missing."),
        ("manifests 'team/*'", "'team/*' stands for several repositories."),
        ("manifests team/app:v1", "'team/app:v1' names one manifest."),
        ("manifests team/app --oldest=yes", "--oldest takes no value."),
        ("manifests team/app --oldest --oldest", "--oldest is given twice."),
        ("manifests team/app --newest", "There is no option '--newest'."),
        ("pending team/app", "Nothing is expected here, and there is team/app."),
        ("history 'team/*'", "'team/*' stands for several repositories."),
        ("history a b", "One repository is expected, and there are 2: a b."),
        ("usage team/app@sha256:" + "a" * 64, "names one manifest."),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, problem: str) -> None:
    """The problem is named, and the example is one of the same command that works."""
    with pytest.raises(BadInputError) as caught:
        parse_command(text)
    assert problem in caught.value.problem
    example = caught.value.example
    assert example.startswith(f"/acr {text.split(maxsplit=1)[0]}")
    parse_command(example.removeprefix("/acr"))


references = st.sampled_from([ALL, Reference("team/*"), Reference("a"), Reference("[a-c]?/x*"), Reference("a" * 256)])
registries = st.sampled_from(["", "other", "myregistry.azurecr.io", "localhost:5000"])


@given(
    request=st.one_of(
        st.builds(Repos, references, registries),
        st.builds(Usage, references, registries),
        st.builds(History, st.sampled_from([ALL, Reference("a/b-c")]), registries),
        st.builds(Pending, registries),
        st.builds(Manifests, st.sampled_from([Reference("a"), Reference("a/b-c")]), registries, st.booleans()),
    )
)
def test_a_request_reads_back_from_its_own_line(request: ListRequest) -> None:
    """A button carries the line: it means the same when it is read again."""
    assert parse_command(str(request).removeprefix("/acr")) == request
