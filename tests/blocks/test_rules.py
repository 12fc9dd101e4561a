"""``/acr rules`` keeps to Slack's limits, and says each rule in words."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.blocks.rules import RULES_PAGE, rules, rules_csv, selects
from bot.domain.lists import Rules
from bot.domain.standing import Standing
from bot.janitor.rules import RuleFigures, RulesFound
from tests.blocks import samples as s
from tests.blocks.test_limits import check

CI = Standing("ci-images", ("ci/*",), older_than=timedelta(days=14), tags="pr-.*", keep=3)
LONG = Standing(
    "n" * 64, tuple("x" * 256 for _ in range(100)), "r" * 64, timedelta(days=36_500), "p" * 1000, True, 9999
)

standings = st.builds(
    Standing,
    name=s.names.filter(bool),
    repositories=st.lists(s.names, min_size=1, max_size=8).map(tuple),
    registry=st.just("") | s.names,
    older_than=st.none() | st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=36_500)),
    tags=st.just("") | s.names,
    untagged=st.booleans(),
    keep=st.integers(0, 10_000),
)
figures = st.builds(
    RuleFigures,
    rule=standings,
    registry=s.names,
    repositories=s.counts,
    going=s.counts,
    upper_bytes=s.sizes,
    unread=s.counts,
    fault=st.just("") | s.names,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    found=st.lists(figures, max_size=25).map(tuple),
    faults=st.dictionaries(s.names, s.names, max_size=7),
    start=st.integers(0, 30),
    registry=st.sampled_from(["", "attic"]),
)
def test_any_rules_keep_to_the_limits(
    found: tuple[RuleFigures, ...], faults: dict[str, str], start: int, registry: str
) -> None:
    """Whatever the settings and the registry hold, each page is one that Slack takes."""
    looked = RulesFound(s.NOW, found, faults)
    check(rules(looked, Rules(registry), start=start))
    assert rules_csv(looked).content.count(b"\r\n") >= len(found) + 1


def test_the_longest_rules_keep_to_the_limits() -> None:
    """A hundred rules of the longest names, each about the most repositories."""
    found = tuple(RuleFigures(replace(LONG, name=f"{'n' * 60}{at}"), "r" * 64, 9, 9, 9) for at in range(100))
    for start in range(0, 100, RULES_PAGE):
        check(rules(RulesFound(s.NOW, found, {"x" * 256: "f" * 3000}), Rules("r" * 64), start=start))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (CI, "what has only tags matching pr-.* and has not changed for 14 days; the newest 3 of each repository stay"),
        (
            replace(CI, keep=1, older_than=None),
            "what has only tags matching pr-.*; the newest one of each repository stays",
        ),
        (replace(CI, keep=0, tags=""), "what has not changed for 14 days, tagged or not"),
        (replace(CI, keep=0, tags="", untagged=True), "what carries no tag and has not changed for 14 days"),
        (replace(CI, keep=0, tags="", untagged=True, older_than=None), "what carries no tag"),
        (
            replace(CI, keep=0, untagged=True),
            "what carries no tag or has only tags matching pr-.*, and has not changed for 14 days",
        ),
        (replace(CI, keep=0, untagged=True, older_than=None), "what carries no tag or has only tags matching pr-.*"),
    ],
)
def test_a_rule_reads_as_a_sentence(rule: Standing, words: str) -> None:
    """What it selects, in words that leave nothing open."""
    assert "".join(element["text"] for element in selects(rule)) == words


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "no repository matches"),
        ({"repositories": 1}, "nothing could go now in 1 repository"),
        ({"repositories": 2, "unread": 1}, "nothing could go now in 2 repositories, of which 1 could not be read"),
        (
            {"repositories": 2, "going": 1, "upper_bytes": s.GIB},
            "1 manifest, up to 1 GiB, could go now in 2 repositories",
        ),
        ({"repositories": 2, "going": 7}, "7 manifests could go now in 2 repositories"),
        ({"fault": "down"}, "not known now, since its registry could not be asked"),
    ],
)
def test_the_figures_of_a_rule_are_said(changed: dict[str, int], words: str) -> None:
    """How much, of how many repositories, and what is not known."""
    message = rules(RulesFound(s.NOW, (RuleFigures(CI, "main", **changed),)), Rules())  # type: ignore[arg-type]
    assert f"`ci-images`: {words}." in message.text


def test_the_registry_is_named_where_there_are_several() -> None:
    """And an answer about one registry that no rule is about says how to see all."""
    both = (RuleFigures(CI, "main", 1), RuleFigures(replace(CI, name="x"), "attic", 1))
    assert "attic" in s.shown(rules(RulesFound(s.NOW, both), Rules()).blocks)
    assert "main" not in s.shown(rules(RulesFound(s.NOW, both[:1]), Rules()).blocks)
    assert "*No standing rule is about* `attic`." in rules(RulesFound(s.NOW, ()), Rules("attic")).text
