"""``/acr purge``: filters, ages and keeps as ``acr purge`` takes them, and what this app does with each."""

from datetime import timedelta

import pytest

from bot.domain.ago import parse_ago
from bot.domain.parse import parse_command
from bot.domain.plan import Action
from bot.domain.purge import Purge, purge
from bot.domain.request import request_from_json
from bot.domain.rule import Protection
from bot.errors import BadInputError
from tests.domain.build import NOW, Repo

AGES = {
    "0d": timedelta(),
    "0": timedelta(),
    "0s": timedelta(),
    "30d": timedelta(days=30),
    "1d2h3m": timedelta(days=1, hours=2, minutes=3),
    "12h": timedelta(hours=12),
    "1.5h": timedelta(minutes=90),
    ".5h": timedelta(minutes=30),
    "90m": timedelta(minutes=90),
    "3m2h": timedelta(hours=2, minutes=3),
    "1d 2h": timedelta(days=1, hours=2),
    "10ms": timedelta(milliseconds=10),
}
TRAPS = {
    "1h30d": "days come first, 30d1h",
    "7days": "write 7d",
    "2weeks": "write 14d",
    "2w": "write 14d",
    "30": "for days write 30d",
    "1.5d": "days are whole, write 36h",
    "old": "is not a length of time",
    "d": "is not a length of time",
    "-7d": "is not a length of time",
    "1D": "write 1d",
    "30M": "write 30m",
    "1d2": "is not a length of time",
    "99999d": "longer than a hundred years",
    "''": "is not a length of time",
}


@pytest.mark.parametrize(("text", "length"), AGES.items())
def test_an_age_is_read_as_acr_purge_means_it(text: str, length: timedelta) -> None:
    """Days, then a duration as Go writes it."""
    request = parse_command(f"purge app:.* --ago '{text}'")
    assert isinstance(request, Purge)
    assert request.ago == length


@pytest.mark.parametrize(("text", "hint"), TRAPS.items())
def test_a_trap_of_acr_purge_is_refused(text: str, hint: str) -> None:
    """What that tool reads as another age, or as none, gets an error that says what to write."""
    with pytest.raises(BadInputError, match="--ago") as caught:
        parse_command(f"purge app:.* --ago={text}")
    assert hint in str(caught.value)
    assert parse_command(caught.value.example.removeprefix("/acr "))


def repository() -> Repo:
    """Make tags of several ages, one manifest with two of them, and one without any."""
    repo = Repo("app")
    for number, tag in enumerate(("pr-1", "pr-2", "pr-3", "v1", "my-pr-9", "latest")):
        repo.docker_image(tag, days=60 - number)
    repo.docker_image("pr-4", "v2", days=50)
    repo.docker_image("pr-5", days=2)
    repo.docker_image(days=45)
    return repo


def tags_hit(line: str, repo: Repo) -> set[str]:
    """Give all tags that a purge would take, by themselves or with their manifest."""
    request = parse_command(f"purge {line}")
    assert isinstance(request, Purge)
    rule = request.rule(NOW, Protection(keep_tags=("latest",)))
    items = purge(repo.snapshot(), request, rule, NOW).items
    return {tag for item in items for tag in ([item.tag] if item.action is Action.UNTAG else item.tags)}


PRS = {"pr-1", "pr-2", "pr-3", "pr-4"}
FILTERS = {
    "app:^pr- --ago 30d": PRS,
    "app:pr- --ago 30d": PRS | {"my-pr-9"},
    "app:^pr-[12]$ --ago 30d": {"pr-1", "pr-2"},
    "app:^v --ago 30d": {"v1", "v2"},
    "app:.* --ago 30d": PRS | {"v1", "v2", "my-pr-9"},
    "app:. --ago 0d": PRS | {"v1", "v2", "my-pr-9", "pr-5"},
    "app:^pr- --ago 1d": PRS | {"pr-5"},
    "app:^pr- --ago 0d": PRS | {"pr-5"},
    "app:^pr- --ago 58d12h": {"pr-1", "pr-2"},
    "app:^pr- --ago 365d": set(),
    "app:^PR- --ago 30d": set(),
    "app:(?i)^PR- --ago 30d": PRS,
    "app:^(?:v|my)- --ago 30d": {"my-pr-9"},
    "'app:v1|v2' --ago 30d": {"v1", "v2"},
    "app:latest --ago 0d": set(),
    "app:nothing --ago 0d": set(),
    "app:^pr- --ago 30d --keep 0": PRS,
    "app:^pr- --ago 30d --keep 1": {"pr-1", "pr-2", "pr-3"},
    "app:^pr- --ago 30d --keep 3": {"pr-1"},
    "app:^pr- --ago 30d --keep 9": set(),
    "app:^pr- --ago 30d --untagged": PRS,
    "app:^pr- --ago 30d --untagged --keep 1": {"pr-1", "pr-2", "pr-3"},
    "--filter app:^pr- --ago 30d": PRS,
    "-f app:^pr- --ago 30d --dry-run --concurrency 4": PRS,
}


@pytest.mark.parametrize(("line", "expected"), FILTERS.items())
def test_a_filter_hits_what_acr_purge_would_hit(line: str, expected: set[str]) -> None:
    """The pattern is searched for in the tag; the age is the tag's own; of those that would go the newest stay."""
    assert tags_hit(line, repository()) == expected


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "filter is missing"),
        ("app --ago 30d", "has no tag pattern"),
        (":x --ago 30d", "has no repository"),
        ("app: --ago 30d", "has no tag pattern"),
        ("app:.*", "How old is missing"),
        ("app:(?!v) --ago 30d", "can't be used"),
        ("'app(:x' --ago 30d", "repository pattern"),
        ("app:x --ago 30d --keep -1", "not a number"),
        ("app:x --ago 30d --keep many", "not a number"),
        ("app:x --ago 30d --untagged-only", "/acr untagged"),
        ("app:x --ago 30d --include-locked", "/acr unlock"),
        ("app:x --filter app:y --ago 30d", "more than one filter"),
        ("App:x --ago 30d", "is not the name of a repository"),
        ("app:x", "How old is missing"),
        ("app:x --keep 3", "How old is missing"),
        ("app:x --ago", "--ago has no value"),
        ("app:x --ago 1d --ago 2d", "--ago is given twice"),
        ("app:x --keep 3 --keep 4", "--keep is given twice"),
        ("app:x --ago 30d --force", "There is no option"),
        ("app:x other:y --ago 30d", "there are 2"),
        ("app:x --ago 30d --untagged=yes", "takes no value"),
        ("app:x --ago 30d --keep 99999", "is too many"),
        ("'app:it'\"'\"'s' --keep 3", "How old is missing"),
        ("'it'\"'\"'s:x' --ago 30d", "is not the name of a repository"),
        ("'team/(a|b:x' --ago 30d", "repository pattern"),
        ("':('", "has no repository"),
        ("'App:(' --ago 30d", "can't be used"),
    ],
)
def test_wrong_uses_say_what_to_write(line: str, words: str) -> None:
    """Each mistake is named."""
    with pytest.raises(BadInputError) as caught:
        parse_command(f"purge {line}")
    assert words in str(caught.value)
    assert isinstance(parse_command(caught.value.example.removeprefix("/acr ")), Purge)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("app", ["app"]),
        ("team/*", ["team/a", "team/b"]),
        (".*", ["app", "my-app", "team/a", "team/b"]),
        ("team/.*", ["team/a", "team/b"]),
        ("app|team/a", ["app", "team/a"]),
        ("(?:my-)?app", ["app", "my-app"]),
        ("^app$", ["app"]),
    ],
)
def test_the_repository_is_matched_whole(pattern: str, expected: list[str]) -> None:
    """A name, a glob, or a pattern for the whole name: ``a|b`` is never anchored at one end only."""
    request = parse_command(f"purge '{pattern}:x' --ago 1d")
    assert isinstance(request, Purge)
    assert request.select(["app", "my-app", "team/a", "team/b"]) == expected


def test_what_is_deleted_with_untagged() -> None:
    """A manifest goes as a whole where all its tags are hit; else its tags go; what is untagged and old goes too."""
    repo = Repo("app")
    whole, half = repo.image("pr-1", days=40), repo.image("pr-2", "v2", days=40)
    child = repo.image("pr-3", days=40)
    repo.index(child, tags=("stable",), days=40)
    signed = repo.image("pr-4", days=40)
    signature = repo.signature(signed, days=40)
    loose, fresh = repo.image(days=40), repo.image(days=3)
    request = parse_command("purge app:. --ago 30d --untagged")
    assert isinstance(request, Purge)
    request = parse_command("purge app:^pr- --ago 30d --untagged")
    assert isinstance(request, Purge)
    items = purge(repo.snapshot(), request, request.rule(NOW, Protection()), NOW).items
    assert {item.digest for item in items if item.action is Action.DELETE} == {whole, signed, signature, loose}
    assert {(item.tag, item.digest) for item in items if item.action is Action.UNTAG} == {
        ("pr-2", half),
        ("pr-3", child),
    }
    assert fresh not in {item.digest for item in items}


def test_a_button_carries_the_request() -> None:
    """With its time fixed, it means the same later; anything else is of another version."""
    request = parse_command("purge 'a|b:^pr-' --ago 30d --keep 2 --untagged")
    assert isinstance(request, Purge)
    fixed = request.fixed(NOW)
    assert request_from_json(fixed.to_json()) == fixed
    assert str(fixed) == str(request) == "/acr purge 'a|b:^pr-' --ago 30d --keep 2 --untagged"
    assert fixed.rule(NOW, Protection()).spared == 2
    with pytest.raises(BadInputError, match="another version"):
        request_from_json({**fixed.to_json(), "before": None})


def test_a_repository_that_is_not_understood_keeps_its_tags() -> None:
    """Nor does a pattern for repositories that the settings keep let any go."""
    repo = repository()
    repo.push({}, "application/unknown", "odd")
    assert tags_hit("app:.* --ago 0d", repo) == set()
    request = parse_command("purge app:.* --ago 0d")
    assert isinstance(request, Purge)
    rule = request.rule(NOW, Protection(keep_repositories=("app",)))
    found = purge(repository().snapshot(), request, rule, NOW)
    assert not found.items
    assert "keep_repositories" in found.fault


def test_ages_are_read_alone_too() -> None:
    """The grammar knows nothing of the command around it."""
    assert parse_ago("7d") == timedelta(days=7)
