from datetime import timedelta

import pytest

from bot.blocks import help_message, notes, problem, unexpected
from bot.blocks.help import PATTERNS
from bot.blocks.wording import criteria, what
from bot.domain.rule import Protection, Rule, TagFilter
from bot.errors import BadInputError, RefusedError, RepositoryNotFoundError
from tests.blocks import samples as s


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        (Rule(), "untagged"),
        (Rule(before=s.NOW), "untagged"),
        (Rule(untagged=False, tagged=True), "tagged"),
        (Rule(untagged=False, tagged=True, tags="pr-.*"), "matching"),
        (Rule(tagged=True, before=s.NOW), "old"),
        (Rule(tagged=True), ""),
        (Rule(named=frozenset({"sha256:a"})), ""),
    ],
)
def test_a_rule_has_a_word(rule: Rule, word: str) -> None:
    """One adjective says what a rule is about."""
    assert what(rule) == word


def test_a_rule_is_told_in_full() -> None:
    """Every part of a rule has its phrase, and patterns are shown as code."""
    rule = Rule(untagged=False, tagged=True, before=s.NOW, tags="a`*<b", keep_newest=3, protection=Protection())
    assert criteria(rule) == [
        "tagged",
        "tags matching `a\u02cb*&lt;b`",
        "last changed before 2026-11-23 15:00 UTC",
        "the newest 3 stay",
        "what changed in the last 24 h stays",
    ]


def test_help_has_an_example_of_each_command() -> None:
    """Help says what the app does, what can be typed, and what protects images."""
    message = help_message(registries=["main", "staging"], login_server="main.azurecr.io", grace=timedelta(days=1))
    lines = s.shown(message.blocks)
    for example in (
        "/acr untagged myrepo",
        "/acr untagged myrepo --min-age 7d",
        "/acr untagged 'team/*'",
        "/acr untagged main.azurecr.io/myrepo",
        "/acr untagged myrepo --registry staging",
        "/acr help",
    ):
        assert f"\n{example}\n" in lines
        assert f"`{example}`" in message.text
    assert "What changed in the last 24 h stays." in lines


def test_help_mentions_other_registries_only_where_there_are_some() -> None:
    """An example that can't work is not given."""
    assert "--registry" not in help_message(registries=["main"]).text
    assert "grace" not in s.shown(help_message(grace=timedelta(0)).blocks)


def test_a_wrong_command_is_told_above_the_help() -> None:
    """What was wrong comes first, then what can be typed."""
    message = help_message(problem=BadInputError("“purge” is not a command.", expected="Try help."))
    assert message.text.startswith("“purge” is not a command. Try help.")
    assert s.shown(message.blocks[:1]).strip().startswith("“purge” is not a command.")


def test_a_problem_says_what_was_expected_with_an_example() -> None:
    """What was wrong, what would be right, a line that works: in blocks and text."""
    message = problem(RepositoryNotFoundError("myregistry", "myrpo", ["myrepo"]))
    lines = s.shown(message.blocks)
    assert "There is no repository myrpo in myregistry." in lines
    assert "\n/acr untagged myrepo" in lines
    assert message.text == (
        "There is no repository myrpo in myregistry. Nearest names: myrepo. For example: `/acr untagged myrepo`"
    )


def test_only_listed_and_well_formed_mentions_ping() -> None:
    """An error's mentions stay mentions; the same in what somebody typed is text."""
    error = RefusedError(
        "Ask <@U1>, not <@U2>.",
        expected="Or <!subteam^S1> <!channel>.",
        mentions=["<@U1>", "<!subteam^S1>", "<!channel>"],
    )
    message = problem(error)
    assert message.text == "Ask <@U1>, not &lt;@U2&gt;. Or <!subteam^S1> &lt;!channel&gt;."
    elements = message.blocks[0]["elements"][0]["elements"]
    pinged = [element for element in elements if element["type"] not in {"text", "emoji"}]
    assert pinged == [{"type": "user", "user_id": "U1"}, {"type": "usergroup", "usergroup_id": "S1"}]


def test_a_fault_of_ours_has_a_reference() -> None:
    """Somebody who sees our fault can quote it."""
    assert "reference `ab12`" in unexpected("ab12").text


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        (2, "That is 2 fewer than in the list you saw"),
        (-1, "That is 1 more than in the list you saw"),
        (0, "The list is not quite the one you saw"),
    ],
)
def test_a_proposal_is_confirmed_with_what_has_changed(difference: int, said: str) -> None:
    """Who proposes hears that the card differs from the list they saw, also where the count is the same."""
    proposal = s.proposal()
    message = notes.proposed(proposal, url="https://slack.example/a", seen=proposal.item_count + difference)
    assert message.text.startswith(":white_check_mark: <https://slack.example/a|Proposed>: 37 untagged manifests")
    assert said in message.text
    assert "list you saw" not in notes.proposed(proposal).text


def test_help_shows_three_patterns_that_mean_what_it_says() -> None:
    """Each is one that RE2 takes, and matches the tags that are given for it and no others."""
    shown = s.shown(help_message().blocks)
    assert all(pattern in shown for pattern, _ in PATTERNS)
    one, two, searched = (pattern for pattern, _ in PATTERNS)
    tags = ["pr-7", "pr-", "dev-2", "v1-pr-7", "latest"]
    assert [tag for tag in tags if TagFilter(one)(tag)] == ["pr-7", "pr-"]
    assert [tag for tag in tags if TagFilter(two)(tag)] == ["pr-7", "pr-", "dev-2"]
    assert [tag for tag in tags if TagFilter(searched, search=True)(tag)] == ["pr-7", "pr-"]
    assert [tag for tag in tags if TagFilter("[^v].*")(tag)] == ["pr-7", "pr-", "dev-2", "latest"]
