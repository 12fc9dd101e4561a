import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.rule import Protection, Rule, TagFilter
from bot.errors import BadInputError
from tests.domain.build import elsewhere

zones = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))
# Not the first and last days there are, which are in no year at all in UTC.
moments = st.datetimes(datetime(1970, 1, 1), datetime(2900, 1, 1), timezones=zones)  # noqa: DTZ001 - zones are drawn
globs = st.lists(st.text(max_size=5), max_size=3).map(tuple)
rules = st.builds(
    Rule,
    untagged=st.booleans(),
    tagged=st.booleans(),
    before=st.none() | moments,
    tags=st.text(max_size=9),
    search=st.booleans(),
    keep_newest=st.integers(0, 9),
    named=st.frozensets(st.sampled_from([elsewhere("a"), elsewhere("b")])),
    protection=st.builds(
        Protection,
        grace=st.timedeltas(timedelta(), timedelta(days=3650)),
        keep_tags=globs,
        keep_repositories=globs,
    ),
)


@given(rules)
def test_a_rule_survives_being_stored(rule: Rule) -> None:
    """What JSON holds of a rule reads back as the same rule, to the microsecond and in any time zone."""
    assert Rule.from_json(json.loads(json.dumps(rule.to_json()))) == rule


def test_the_plainest_rule_is_the_most_careful() -> None:
    """Unless it is told otherwise a rule selects only what has no tag, and leaves a day of grace."""
    assert Rule() == Rule(untagged=True, tagged=False, protection=Protection(timedelta(days=1)))


@pytest.mark.parametrize(
    ("pattern", "tag", "whole", "found"),
    [
        ("pr-.*", "pr-1", True, True),
        ("pr-", "pr-1", False, True),
        ("v1", "v10", False, True),
        ("v1|v2", "v2", True, True),
        ("(?i)PR-1", "pr-1", True, True),
        ("^v$", "v", True, True),
        ("x", "v", False, False),
        ("v1.0", "v1x0", True, True),
        (r"v1\.0", "v1x0", False, False),
        ("", "anything", True, True),
    ],
)
def test_a_pattern_matches_a_whole_tag_or_is_found_in_it(pattern: str, tag: str, *, whole: bool, found: bool) -> None:
    """Whole unless a search was asked for; the empty pattern matches every tag."""
    assert TagFilter(pattern)(tag) is whole
    assert TagFilter(pattern, search=True)(tag) is found


@pytest.mark.parametrize(
    ("pattern", "cause"),
    [
        ("(?=v)", "invalid perl operator: (?="),
        ("(?!v)", "invalid perl operator: (?!"),
        (r"(v)\1", r"invalid escape sequence: \1"),
        ("v{1001}", "invalid repetition size: {1001}"),
        ("[", "missing ]: ["),
        ("(", "missing ): ("),
        ("*", "no argument for repetition operator: *"),
        ("\udcff", "it is not proper text"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_in_words(pattern: str, cause: str) -> None:
    """Whoever typed it hears what is wrong, what would be right, and an example."""
    with pytest.raises(BadInputError) as caught:
        TagFilter(pattern)
    assert caught.value.problem == f"The tag pattern {pattern!r} can't be used: {cause}."
    assert "RE2" in caught.value.expected
    assert caught.value.example
    assert str(caught.value).encode()


@pytest.mark.parametrize("pattern", ["(a*)*b", "(a|aa)+$", "(.*)*x", "a?" * 50 + "a" * 50])
def test_a_hostile_pattern_cannot_stall_the_bot(pattern: str) -> None:
    """What would take a backtracking engine for ever is answered like any other."""
    assert not TagFilter(pattern)("a" * 40 + "c")


@pytest.mark.parametrize(
    ("patterns", "tags", "found"),
    [
        (("latest",), ("latest",), "latest"),
        (("v*", "latest"), ("latest", "v1"), "v*"),
        (("v?",), ("v10",), ""),
        (("[ab]*",), ("beta",), "[ab]*"),
        (("*",), (), ""),
        ((), ("latest",), ""),
    ],
)
def test_the_first_keep_pattern_that_matches_is_given(
    patterns: tuple[str, ...], tags: tuple[str, ...], found: str
) -> None:
    """The reason names the pattern, in the order of the settings."""
    assert Protection(keep_tags=patterns).pattern_for(tags) == found


def test_a_repository_pattern_spans_slashes() -> None:
    """``team/*`` protects what lies below as well, and nothing else."""
    protection = Protection(keep_repositories=("team/*",))
    assert protection.pattern_for_repository("team/app/api") == "team/*"
    assert protection.pattern_for_repository("team") == protection.pattern_for_repository("my/team/x") == ""
