"""The commands about weekly reports: ``report``, ``trend``, ``subscribe``, ``subscriptions`` and ``unsubscribe``."""

from collections.abc import Callable
from typing import TypeVar

from bot.clocks import parse_time, parse_weekday, parse_zone
from bot.domain.asked import Asked, Example, Group, Usage, registry_of
from bot.domain.parse_lists import one_repository, pattern
from bot.domain.team_requests import ReportNow, Subscribe, Subscriptions, Trend, Unsubscribe
from bot.errors import BadInputError

T = TypeVar("T")


def _subscribe(asked: Asked) -> Subscribe:
    return Subscribe(
        *pattern(asked),
        weekday=_read(asked, "--day", parse_weekday, "A day is mon, tue, wed, thu, fri, sat or sun.", "mon"),
        at=_read(asked, "--at", parse_time, "A time is one of 24 hours.", "09:00"),
        zone=_read(
            asked,
            "--zone",
            parse_zone,
            "A zone has a name of the IANA list: a continent and a city.",
            "Europe/Amsterdam",
        ),
    )


def _read(asked: Asked, option: str, read: Callable[[str], T], expected: str, example: str) -> T | None:
    if option not in asked.options:
        return None
    try:
        return read(asked.options[option])
    except ValueError as error:
        raise BadInputError(str(error), expected=expected, example=f"{asked.line} {option} {example}") from error


def _unsubscribe(asked: Asked) -> Unsubscribe:
    reference, registry = pattern(asked)
    return Unsubscribe(reference if asked.word else None, registry)


def _subscriptions(asked: Asked) -> Subscriptions:
    return Subscriptions(registry_of(asked))


def _report(asked: Asked) -> ReportNow:
    return ReportNow(private="--private" in asked.flags, registry=registry_of(asked))


def _trend(asked: Asked) -> Trend:
    return Trend(*one_repository(asked))


_NOTHING = "The channel where it is typed says what it is about."

TEAM_USAGES = {
    "report": Usage(
        _report,
        ("--registry",),
        _NOTHING,
        "",
        Group.REPORTS,
        (
            Example("report", "this channel's report of stale images, now"),
            Example("report --private", "the same, for you only"),
        ),
        flags=("--private",),
        needs_word=False,
        takes_word=False,
    ),
    "trend": Usage(
        _trend,
        ("--registry",),
        "Give the name of one repository.",
        "team/app",
        Group.REPORTS,
        (Example("trend REPO", "what was stale in it over the last 12 weeks, as reports have seen it"),),
    ),
    "subscribe": Usage(
        _subscribe,
        ("--day", "--at", "--zone", "--registry"),
        "Give the name of a repository, a pattern for several, or nothing for all.",
        "'team/*'",
        Group.REPORTS,
        (
            Example(
                "subscribe 'TEAM/*' --day mon --at 09:00 --zone Europe/Amsterdam",
                "a report of stale images in this channel every week; without a zone, your own",
            ),
        ),
        needs_word=False,
    ),
    "subscriptions": Usage(
        _subscriptions,
        ("--registry",),
        "It lists all of them.",
        "",
        Group.REPORTS,
        (Example("subscriptions", "who gets a report, in which channel and when the next one comes"),),
        needs_word=False,
        takes_word=False,
    ),
    "unsubscribe": Usage(
        _unsubscribe,
        ("--registry",),
        "Give the pattern that this channel subscribed to, or nothing for all of its subscriptions.",
        "'team/*'",
        Group.REPORTS,
        (Example("unsubscribe 'TEAM/*'", "no more of these reports in this channel; without a pattern, none at all"),),
        needs_word=False,
    ),
}
