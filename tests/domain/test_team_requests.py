"""What people type about weekly reports."""

from datetime import time

import pytest

from bot.domain.lists import ALL
from bot.domain.parse import parse_command
from bot.domain.reference import Reference
from bot.domain.team_requests import ReportNow, Subscribe, Subscriptions, TeamRequest, Trend, Unsubscribe
from bot.errors import BadInputError

WEB = Reference("web/*")


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("subscribe", Subscribe()),
        ("subscribe web/*", Subscribe(WEB)),
        (
            "subscribe 'web/*' --day Friday --at 9:30 --zone Europe/Amsterdam --registry Attic",
            Subscribe(WEB, "attic", 4, time(9, 30), "Europe/Amsterdam"),
        ),
        ("subscribe myregistry.azurecr.io/web/app", Subscribe(Reference("web/app"), "myregistry.azurecr.io")),
        ("subscribe —day tue", Subscribe(weekday=1)),
        ("unsubscribe", Unsubscribe()),
        ("unsubscribe '*'", Unsubscribe(ALL)),
        ("unsubscribe 'web/*' --registry attic", Unsubscribe(WEB, "attic")),
        ("subscriptions", Subscriptions()),
        ("report", ReportNow()),
        ("report --private", ReportNow(private=True)),
        ("trend web/app --registry attic", Trend(Reference("web/app"), "attic")),
    ],
)
def test_what_is_typed_is_understood_and_can_be_typed_again(line: str, request_: TeamRequest) -> None:
    """Each request gives a command that means the same."""
    assert parse_command(line) == request_
    assert parse_command(str(request_).removeprefix("/acr")) == request_


@pytest.mark.parametrize(
    ("line", "problem", "example"),
    [
        ("subscribe --day 1", "'1' is not a day of the week.", "/acr subscribe --day mon"),
        ("subscribe --at 9am", "'9am' is not a time of day.", "/acr subscribe --at 09:00"),
        ("subscribe --zone Amsterdam", "'Amsterdam' is not a time zone.", "/acr subscribe --zone Europe/Amsterdam"),
        ("subscribe web/app:v1", "'web/app:v1' names one manifest.", "/acr subscribe web/app"),
        ("trend", "The repository is missing.", "/acr trend team/app"),
        ("trend 'web/*'", "'web/*' stands for several repositories.", "/acr trend team/app"),
        ("subscriptions now", "Nothing is expected here, and there is now.", "/acr subscriptions"),
        ("subscriptions --all", "There is no option '--all'.", "/acr subscriptions --registry myregistry"),
        ("report --private=yes", "--private takes no value.", "/acr report --private"),
    ],
)
def test_what_is_wrong_is_told_with_a_line_that_works(line: str, problem: str, example: str) -> None:
    """The example is one of the same command."""
    with pytest.raises(BadInputError) as caught:
        parse_command(line)
    assert (caught.value.problem, caught.value.example) == (problem, example)
    parse_command(caught.value.example.removeprefix("/acr"))
