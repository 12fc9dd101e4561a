"""Reading ``/acr old`` and ``/acr delete``, and what a button carries of them."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.parse import parse_command
from bot.domain.reference import Reference
from bot.domain.removals import Delete, Old
from bot.domain.request import request_from_json
from bot.domain.rule import Protection, Rule
from bot.errors import BadInputError

APP = Reference("app")
MONTH = timedelta(days=30)
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DIGEST = f"sha256:{'3f' * 32}"
PROTECTION = Protection(keep_tags=("latest",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("old app --older-than 30d", Old(APP, older_than=MONTH)),
        ("old app --older-than 2w", Old(APP, older_than=timedelta(weeks=2))),
        ("old app --older-than 36h", Old(APP, older_than=timedelta(hours=36))),
        ("old app --older-than=1d12h", Old(APP, older_than=timedelta(hours=36))),
        ("old app --before 2019-04-05", Old(APP, before=datetime(2019, 4, 5))),  # noqa: DTZ001 - as it was typed
        ("old app --before 2019-03-15T17:55:00", Old(APP, before=datetime(2019, 3, 15, 17, 55))),  # noqa: DTZ001
        ("old app --before '2019-03-15 17:55'", Old(APP, before=datetime(2019, 3, 15, 17, 55))),  # noqa: DTZ001
        ("old app --before 2019-03-15T17:55Z", Old(APP, before=datetime(2019, 3, 15, 17, 55, tzinfo=UTC))),
        ("old team/* --older-than 30d", Old(Reference("team/*"), older_than=MONTH)),
        ("old r.azurecr.io/app --older-than 30d", Old(APP, "r.azurecr.io", older_than=MONTH)),
        ("old app --older-than 30d --registry R", Old(APP, "r", older_than=MONTH)),
        ("old app --untagged --older-than 30d", Old(APP, older_than=MONTH, untagged=True)),
        ("old app --older-than 30d --keep 3", Old(APP, older_than=MONTH, keep=3)),
        ("old app --older-than 30d --tags 'pr-.*'", Old(APP, older_than=MONTH, tags="pr-.*")),
        (r"old app --older-than 30d --tags v\d+\.0", Old(APP, older_than=MONTH, tags=r"v\d+\.0")),
        ("old app —older-than 30d —tags “v1|v2”", Old(APP, older_than=MONTH, tags="v1|v2")),
        ("delete app:v1.2", Delete(Reference("app", tag="v1.2"))),
        (f"delete app@{DIGEST}", Delete(Reference("app", digest=DIGEST))),
        ("delete app@3f3f3f3f", Delete(Reference("app", digest="3f3f3f3f"))),
        ("delete r.azurecr.io/team/app:v1", Delete(Reference("team/app", tag="v1"), "r.azurecr.io")),
        ("delete app:v1 --registry R", Delete(Reference("app", tag="v1"), "r")),
    ],
)
def test_a_command_is_understood(text: str, expected: Old | Delete) -> None:
    """Each form is read, with its options in any place, and what was read is written as it is read."""
    request = parse_command(text)
    assert request == expected
    assert parse_command(str(request).removeprefix("/acr ")) == request


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("old", "The repository is missing."),
        ("old app", "How old is missing."),
        ("old app --tags v1", "How old is missing."),
        ("old app --older-than 30d --before 2019-04-05", "--older-than and --before each say how old."),
        ("old a b --older-than 30d", "One repository is expected, and there are 2: a b."),
        ("old app:v1 --older-than 30d", "'app:v1' names one manifest."),
        ("old app --older-than", "--older-than has no value."),
        ("old app --before --untagged", "--before has no value."),
        ("old app --older-than 1h30d", "--older-than: '1h30d' is not a length of time."),
        ("old app --older-than 7days", "--older-than: '7days' is not a length of time."),
        ("old app --before 2019", "--before: '2019' is not a date."),
        ("old app --before 05.04.2019", "--before: '05.04.2019' is not a date."),
        ("old app --before 2019-02-29", "--before: '2019-02-29' is not a date."),
        ("old app --before yesterday", "--before: 'yesterday' is not a date."),
        ("old app --older-than 30d --keep", "--keep has no value."),
        ("old app --older-than 30d --keep few", "--keep: 'few' is not a number of images."),
        ("old app --older-than 30d --keep -1", "--keep: '-1' is not a number of images."),
        ("old app --older-than 30d --keep 10001", "--keep: '10001' is not a number of images."),
        ("old app --older-than 30d --keep ٣", "--keep: '٣' is not a number of images."),
        ("old app --older-than 30d --tags ''", "--tags has no pattern."),
        ("old app --older-than 30d --tags (?!v)", "The tag pattern '(?!v)' can't be used: invalid perl operator: (?!."),
        ("old app --older-than 30d --tags [", "The tag pattern '[' can't be used: missing ]: [."),
        (f"old app --older-than 30d --tags {'x' * 1100}", "That pattern is too long: 1,100 characters."),
        ("old app --older-than 30d --untagged=yes", "--untagged takes no value."),
        ("old app --older-than 30d --ago 3d", "There is no option '--ago'."),
        ("old one.azurecr.io/x --registry two --older-than 3d", "Two registries are named: one.azurecr.io and two."),
        ("delete", "The repository is missing."),
        ("delete 'app*:v1'", "'app*' stands for several repositories."),
        ("delete 'app*'", "'app*' stands for several repositories."),
        ("delete app:v1 app:v2", "One repository is expected, and there are 2: app:v1 app:v2."),
        ("delete app:-x", "'-x' is not a tag."),
        ("delete app@3f3f", "'3f3f' is not a digest."),
        ("delete app@<!channel>", "'<!channel>' is not a digest."),
        ("delete App:v1", "'App' is not the name of a repository."),
        ("delete app:v1 --keep 3", "There is no option '--keep'."),
    ],
)
def test_what_is_wrong_is_said(text: str, problem: str) -> None:
    """Each wrong use gets its own words, what was expected, and an example that can be read."""
    with pytest.raises(BadInputError) as caught:
        parse_command(text)
    error = caught.value
    assert error.problem == problem
    assert error.expected
    assert error.example.startswith(f"/acr {text.split(maxsplit=1)[0]} ")
    assert isinstance(parse_command(error.example.removeprefix("/acr ")), Old | Delete)
    assert len(str(error)) < 600


def test_look_around_is_answered_with_a_way_to_write_it() -> None:
    """The answer says how to name what is meant, and its patterns can be used."""
    with pytest.raises(BadInputError) as caught:
        parse_command("old app --older-than 30d --tags '(?!v).*'")
    assert "no look-around" in caught.value.expected
    assert "[^v].*" in caught.value.expected
    assert caught.value.example == "/acr old app --older-than 30d --tags '(pr|dev)-.*'"


@pytest.mark.parametrize(
    ("typed", "zone", "instant"),
    [
        ("2019-03-31", "Europe/Amsterdam", "2019-03-30T23:00:00+00:00"),
        ("2019-04-01", "Europe/Amsterdam", "2019-03-31T22:00:00+00:00"),
        ("2019-03-31T02:30", "Europe/Amsterdam", "2019-03-31T01:30:00+00:00"),  # a time that no clock showed
        ("2019-10-27T02:30", "Europe/Amsterdam", "2019-10-27T00:30:00+00:00"),  # shown twice: the first
        ("2019-04-05", "America/Los_Angeles", "2019-04-05T07:00:00+00:00"),
        ("2019-04-05", "Asia/Kathmandu", "2019-04-04T18:15:00+00:00"),
        ("2019-04-05T00:00Z", "Europe/Amsterdam", "2019-04-05T00:00:00+00:00"),
    ],
)
def test_a_date_is_a_day_where_somebody_lives(typed: str, zone: str, instant: str) -> None:
    """By the clock of that day, also across a change to daylight saving time; a zone that is written counts."""
    request = parse_command(f"old app --before {typed}")
    assert isinstance(request, Old)
    assert request.needs_zone == (not typed.endswith("Z"))
    assert request.fixed(NOW, ZoneInfo(zone)) == Old(APP, before=datetime.fromisoformat(instant))


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("--before 2026-05-02", "2026-05-02T00:00:00 is still to come."),
        ("--before 9999-12-31", "9999-12-31T00:00:00 is still to come."),
        ("--before 9999-12-31T23:59:59-14:00", "is not within the years that can be asked for."),
        ("--before 0001-01-01", "0001-01-01T00:00:00 is not within the years that can be asked for."),
        ("--before 1969-12-31T23:59Z", "is not within the years"),
        ("--older-than 36000d", "36000d is not within the years"),
    ],
)
def test_a_moment_that_nothing_can_be_older_than_is_refused(typed: str, problem: str) -> None:
    """A cutoff in the future or in another age is a mistake; the example is one that has passed."""
    request = parse_command(f"old app {typed}")
    assert isinstance(request, Old)
    with pytest.raises(BadInputError) as caught:
        request.fixed(NOW, ZoneInfo("Asia/Tokyo"))
    assert problem in caught.value.problem
    assert caught.value.example == "/acr old app --before 2026-04-01"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", Rule(untagged=True, tagged=True)),
        ("--untagged", Rule(untagged=True, tagged=False)),
        ("--tags v.*", Rule(untagged=False, tagged=True, tags="v.*")),
        ("--tags v.* --untagged", Rule(untagged=True, tagged=True, tags="v.*")),
        ("--keep 3", Rule(untagged=True, tagged=True, keep_newest=3)),
    ],
)
def test_options_make_the_rule(options: str, expected: Rule) -> None:
    """All that is old, only the untagged, only what has such tags, or both; the newest N stay."""
    request = parse_command(f"old app --older-than 30d {options}")
    assert isinstance(request, Old)
    rule = request.fixed(NOW).rule(NOW + timedelta(hours=1), PROTECTION)
    assert rule.before == NOW - MONTH, "fixed when it was looked at, not when it is looked at again"
    assert (rule.untagged, rule.tagged, rule.tags, rule.search, rule.keep_newest) == (
        expected.untagged,
        expected.tagged,
        expected.tags,
        False,
        expected.keep_newest,
    )
    assert rule.protection == PROTECTION


def test_a_delete_is_a_rule_for_one_digest() -> None:
    """Nothing else is selected by it."""
    assert Delete(APP, digest=DIGEST).rule(NOW, PROTECTION) == Rule(named=frozenset({DIGEST}), protection=PROTECTION)


pinned = st.one_of(
    st.builds(
        Old,
        reference=st.sampled_from([APP, Reference("team/*")]),
        registry=st.sampled_from(["", "r.azurecr.io"]),
        before=st.datetimes(datetime(1990, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - given
        tags=st.sampled_from(["", "pr-.*", r"^v\d+'\"$", "😀"]),
        untagged=st.booleans(),
        keep=st.integers(0, 10_000),
    ),
    st.builds(Delete, st.just(Reference("app", tag="v1")), st.sampled_from(["", "r"]), st.just(DIGEST)),
    st.just(Delete(Reference("app", digest=DIGEST), "", DIGEST)),
)


@given(pinned)
def test_a_button_means_the_same_later(request: Old | Delete) -> None:
    """What JSON holds of a fixed request reads back as the same request."""
    assert request_from_json(json.loads(json.dumps(request.to_json()))) == request


@pytest.mark.parametrize(
    "change",
    [
        {"cmd": "older"},
        {"cmd": None},
        {"before": "2019-04-05"},
        {"before": None},
        {"before": 3},
        {"keep": "x"},
        {"repo": "App"},
        {"repo": 3},
    ],
)
def test_a_made_up_button_for_what_is_old_is_refused(change: dict[str, object]) -> None:
    """A moment without a zone, or anything else that no version wrote, is refused with words."""
    with pytest.raises(BadInputError, match="another version"):
        request_from_json({**Old(APP, before=NOW).to_json(), **change})


@pytest.mark.parametrize("change", [{"digest": ""}, {"digest": "3f3f3f3f"}, {"digest": None}, {"tag": "-"}])
def test_a_made_up_button_for_a_delete_is_refused(change: dict[str, object]) -> None:
    """A button without a whole digest deletes nothing."""
    with pytest.raises(BadInputError, match="another version"):
        request_from_json({**Delete(Reference("app", tag="v1"), digest=DIGEST).to_json(), **change})


def test_the_longest_request_fits_a_button() -> None:
    """A pattern that may be typed fits, beside the longest name that ACR takes."""
    repository = "/".join(["a" * 63] * 4)
    request = parse_command(f"old {repository} --older-than 30d --registry {'r' * 200} --tags {'x' * 990}")
    assert isinstance(request, Old)
    assert len(json.dumps(request.fixed(NOW).to_json())) < 1900
