from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.proposal import Proposal
from bot.domain.rule import Protection, Rule
from bot.domain.superseding import same_rule

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def made(rule: Rule, at: datetime = NOW) -> Proposal:
    """Make a proposal by a rule."""
    return Proposal("p", "T", "reg", "app", rule, "c", "U", "C", at, at + timedelta(hours=72), 1, 1)


def aged(days: float, at: datetime = NOW) -> Proposal:
    """Make a proposal of what has not changed for so many days."""
    return made(Rule(before=at - timedelta(days=days)), at)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (made(Rule()), made(Rule(), NOW + timedelta(days=2)), True),
        (made(Rule()), made(Rule(tagged=True)), False),
        (made(Rule(tags="a")), made(Rule(tags="b")), False),
        (made(Rule(keep_newest=1)), made(Rule()), False),
        (made(Rule(standing="a")), made(Rule(standing="b")), False),
        (made(Rule()), made(Rule(protection=Protection(grace=timedelta()))), True),
        (made(Rule(spared=3)), made(Rule(spared=5)), False),
        (aged(30), aged(30, NOW + timedelta(days=2)), True),
        (aged(30), aged(32.9), True),
        (aged(30), aged(34), False),
        (aged(1), aged(1.9), True),
        (aged(1), aged(2.1), False),
        (aged(30), made(Rule()), False),
        (made(Rule(named=frozenset("a"))), made(Rule(named=frozenset("a"))), True),
        (made(Rule(named=frozenset("a"))), made(Rule(named=frozenset("b"))), False),
        (made(Rule(untagged=False)), made(Rule(untagged=False)), False),
    ],
)
def test_the_same_rule_at_another_time(one: Proposal, other: Proposal, same: bool) -> None:
    """What it selects and how old that is counts; when somebody looked, and the settings of that day, do not."""
    assert same_rule(one, other) is same
    assert same_rule(other, one) is same


def test_one_instant_is_the_same_whenever_it_is_proposed() -> None:
    """A date that was typed means the same rule, however late it is proposed."""
    rule = Rule(before=NOW - timedelta(days=3))
    assert same_rule(made(rule), made(replace(rule), NOW + timedelta(days=3)))
