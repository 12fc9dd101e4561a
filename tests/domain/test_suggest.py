"""Which repositories are suggested for what somebody has typed so far."""

import pytest

from bot.domain.suggest import MOST, suggest

NAMES = ["web", "team/web-api", "team/api", "api", "api/v2", "old/rapid", "team/shop"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", sorted(NAMES)),
        ("   ", sorted(NAMES)),
        ("api", ["api", "api/v2", "team/api", "old/rapid", "team/web-api"]),
        (" API ", ["api", "api/v2", "team/api", "old/rapid", "team/web-api"]),
        ("team/", ["team/api", "team/shop", "team/web-api"]),
        ("team/w", ["team/web-api"]),
        ("/web", ["team/web-api"]),
        ("*web*", ["team/web-api", "web"]),
        ("team/*", ["team/api", "team/shop", "team/web-api"]),
        ("team/????", ["team/shop"]),
        ("[", []),
        ("registry.example.com", []),
        ("<!channel>", []),
    ],
)
def test_the_best_come_first(typed: str, expected: list[str]) -> None:
    """Names that begin with it, then parts of a path that do, then any that have it; patterns give what they match."""
    assert suggest(typed, NAMES) == expected


def test_no_more_than_slack_shows() -> None:
    """Of many that fit the first hundred are given, the best of them whatever their place in the registry's list."""
    names = [f"z/app-{number:05}" for number in range(20_000)] + ["app"]
    assert len(suggest("", names)) == MOST
    assert suggest("app", names)[:2] == ["app", "z/app-00000"]
