import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.blocks import Message, card, help_message, listing, notes, problem, unexpected
from bot.domain.plan import Plan
from bot.domain.proposal import Outcome, Proposal, Record, State, Tally, tally
from bot.domain.rights import Need
from bot.domain.vote import Vote
from bot.errors import BadInputError, ConflictError, RefusedError
from sandbox.slack.limits import check_message
from tests.blocks import samples as s

# What our own code may write between angle brackets.
OURS = re.compile(
    r"<(@[UW][A-Z0-9]+|#C[A-Z0-9]+|!subteam\^S[A-Z0-9]+|!date\^\d+\^\{date_short_pretty\} at \{time\}\|[-\d: UTC]+"
    r"|https://slack\.example/[a-z0-9]+\|[A-Za-z0-9, ]+)>"
)
CODE = re.compile(r"`[^`\n]+`")

slow_to_draw = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def check(message: Message) -> None:
    """Hold a message against Slack's limits, and look for anything in it that could ping, link or break formatting."""
    assert check_message(message.payload(), "message") == []
    json.dumps(message.payload(), ensure_ascii=False).encode("utf-8")
    for text in [message.text, *s.mrkdwn(message.blocks)]:
        assert "`" not in CODE.sub("", text)
        assert not re.search(r"[<>]", OURS.sub("", text))
    blocks = json.dumps(message.blocks)
    assert '"broadcast"' not in blocks
    assert message.text.strip()


@slow_to_draw
@given(plan=s.plans, now=s.moments, why_not=s.names, offered=st.booleans(), start=st.integers(0, 500))
def test_any_listing_keeps_to_the_limits(plan: Plan, now: datetime, why_not: str, offered: bool, start: int) -> None:
    """Whatever a registry calls its repositories, tags and platforms, the listing is one that Slack takes."""
    value = "v" * 2000
    propose = value if offered else None
    check(listing(plan, now=now, propose=propose, why_not=why_not, start=start, page=lambda _: value))


names = st.lists(s.names, max_size=5).map(tuple)


@slow_to_draw
@given(
    proposal=s.proposals,
    preview=st.lists(s.records, max_size=12),
    progress=s.tallies,
    of_note=st.lists(s.records, max_size=12),
    needs=st.lists(
        st.builds(Need, s.names, st.lists(s.ids, max_size=12).map(tuple), st.integers(1, 10), names), max_size=5
    ),
    votes=st.lists(st.builds(Vote, s.names, st.just(1), s.ids, s.moments, s.ids, covers=names), max_size=12),
    now=s.moments,
    faults=st.dictionaries(s.names, s.names, max_size=7),
    allow_self=st.booleans(),
)
def test_any_card_keeps_to_the_limits(  # noqa: PLR0917 - hypothesis hands the values in by name
    proposal: Proposal,
    preview: Sequence[Record],
    progress: Tally,
    of_note: Sequence[Record],
    needs: Sequence[Need],
    votes: Sequence[Vote],
    now: datetime,
    faults: Mapping[str, str],
    allow_self: bool,
) -> None:
    """Whatever the names, the reasons and the numbers, the card is one that Slack takes, in every state."""
    check(
        card(
            proposal,
            preview=preview,
            tally=progress,
            records_of_note=of_note,
            needs=needs,
            votes=votes,
            now=now,
            faults=faults,
            allow_self=allow_self,
        )
    )


@given(
    words=st.text(max_size=50_000) | s.names,
    expected=s.names,
    example=s.names,
    mentions=st.lists(s.names | st.just("<@U1>"), max_size=5),
)
@settings(deadline=None)
def test_any_problem_keeps_to_the_limits(words: str, expected: str, example: str, mentions: list[str]) -> None:
    """Whatever was typed, saying that it was wrong is one message that pings nobody but those that the error names."""
    for kind in (BadInputError, RefusedError, ConflictError):
        error = kind(f"{words} <@U1>", expected=expected, example=example, mentions=mentions)
        check(problem(error))
        check(help_message(problem=error))


@given(names=st.lists(s.names, max_size=30), name=s.names)
@settings(deadline=None)
def test_any_help_and_notes_keep_to_the_limits(names: list[str], name: str) -> None:
    """Help and notes can be sent whatever the names in them."""
    proposal = s.proposal(target=name, rule=s.RULE)
    check(help_message(registries=names, repository=name, login_server=name, grace=timedelta(days=1)))
    check(unexpected(name))
    check(notes.proposed(proposal, url="https://slack.example/archives", seen=3))


def test_ten_thousand_items_keep_to_the_limits() -> None:
    """A plan and a card of ten thousand manifests, each skipped or failed for a reason of its own, can be sent."""
    plan = s.plan(10_000, target="team/*", repositories=("team/a", "team/b"))
    for start in (0, 25, 9_999):
        check(listing(plan, now=s.NOW, propose="x", start=start, page=str))
    records = [
        Record(item, Outcome.FAILED if item.position % 2 else Outcome.SKIPPED, f"cause {'x' * item.position}")
        for item in plan.items
    ]
    for state in State:
        drawn = card(
            s.proposal(state, item_count=10_000),
            preview=records,
            tally=tally(records),
            records_of_note=records,
            needs=[
                Need(f"{at}", tuple(f"U{number}" for number in range(1000)), 10, ("team/app",) * 1000)
                for at in range(100)
            ],
            votes=[Vote("p", 1, f"U{number}", s.NOW, "T1", covers=("1", "2")) for number in range(1000)],
            now=s.NOW,
        )
        check(drawn)
