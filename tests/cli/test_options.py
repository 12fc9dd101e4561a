"""What the options of ``acr-janitor scan`` mean."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.cli.options import ScanOptions, understand
from bot.domain.reference import Reference
from bot.domain.rule import Protection, Rule
from bot.errors import BadInputError

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
PROTECTION = Protection(keep_tags=("latest",))


def rule(**options: Any) -> Rule:
    """Give the rule that options make."""
    return understand(ScanOptions("myrepo", **options), PROTECTION, NOW).rule


@pytest.mark.parametrize(
    ("options", "untagged", "tagged"),
    [
        ({}, True, False),
        ({"min_age": "7d"}, True, False),
        ({"untagged": True}, True, False),
        ({"older_than": "30d"}, True, True),
        ({"before": "2019-04-05"}, True, True),
        ({"older_than": "30d", "untagged": True}, True, False),
        ({"older_than": "30d", "tagged": True}, False, True),
        ({"tagged": True}, False, True),
        ({"min_age": "7d", "tagged": True}, False, True),
        ({"tags": "pr-.*"}, False, True),
        ({"tags": "pr-.*", "older_than": "30d"}, False, True),
        ({"tags": "pr-.*", "untagged": True}, True, True),
        ({"tagged": True, "untagged": True}, True, True),
    ],
)
def test_what_a_scan_is_about(options: dict[str, Any], untagged: bool, tagged: bool) -> None:
    """Tagged, untagged or both follow from the options as docs/cli.md says."""
    made = rule(**options)
    assert (made.untagged, made.tagged) == (untagged, tagged)


@pytest.mark.parametrize(
    ("options", "before"),
    [
        ({}, None),
        ({"min_age": "7d"}, NOW - timedelta(days=7)),
        ({"older_than": "1d12h"}, NOW - timedelta(hours=36)),
        ({"older_than": "0"}, NOW),
        ({"before": "2019-04-05"}, datetime(2019, 4, 5, tzinfo=UTC)),
        ({"before": "2019-04-05T17:55+02:00"}, datetime(2019, 4, 5, 15, 55, tzinfo=UTC)),
    ],
)
def test_how_old(options: dict[str, Any], before: datetime | None) -> None:
    """Lengths of time count from now, dates are in UTC."""
    assert rule(**options).before == before


def test_the_rest_of_the_rule() -> None:
    """Pattern and number are taken as they are; what the settings protect is protected."""
    made = rule(tags="pr-.*", keep=3)
    assert (made.tags, made.search, made.keep_newest, made.protection) == ("pr-.*", False, 3, PROTECTION)


@pytest.mark.parametrize(
    ("typed", "reference", "registry"),
    [
        ("team/app", Reference("team/app"), ""),
        ("team/*", Reference("team/*"), ""),
        ("https://my.azurecr.io/team/app/", Reference("team/app"), "my.azurecr.io"),
    ],
)
def test_where(typed: str, reference: Reference, registry: str) -> None:
    """A name, a pattern or a pasted reference."""
    asked = understand(ScanOptions(typed), PROTECTION, NOW)
    assert (asked.reference, asked.registry) == (reference, registry)


@pytest.mark.parametrize(
    ("repository", "options", "problem"),
    [
        ("myrepo:v1", {}, "'myrepo:v1' names one manifest."),
        ("MyRepo", {}, "'MyRepo' is not the name of a repository."),
        ("", {}, "The repository is missing."),
        ("a.azurecr.io/x", {"registry": "b"}, "Two registries are named: a.azurecr.io and b."),
        ("x", {"min_age": "soon"}, "--min-age: 'soon' is not a length of time."),
        ("x", {"older_than": "1h1d"}, "--older-than: '1h1d' is not a length of time."),
        ("x", {"before": "yesterday"}, "--before: 'yesterday' is not a date."),
        ("x", {"before": "2019-02-30"}, "--before: '2019-02-30' is not a date."),
        ("x", {"before": "2019-01-01", "older_than": "3d"}, "--older-than and --before each set an age."),
        ("x", {"tags": "(?!x)"}, "The tag pattern '(?!x)' can't be used: invalid perl operator: (?!."),
    ],
)
def test_what_is_wrong_is_said(repository: str, options: dict[str, Any], problem: str) -> None:
    """Each mistake has its own words, what was expected, and an example."""
    with pytest.raises(BadInputError) as caught:
        understand(ScanOptions(repository, **options), PROTECTION, NOW)
    assert caught.value.problem == problem
    assert caught.value.expected
    assert caught.value.example
