"""The Home tab: within Slack's limits for none, one and 500 proposals, whatever is in them, and what waits on top."""

import json
import re
from dataclasses import replace
from datetime import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.blocks import Message, notes
from bot.blocks.home import home
from bot.domain.complete import Completeness
from bot.domain.freed import Freed
from bot.domain.proposal import Proposal, Record, State, tally
from bot.domain.team import Scope, Team
from bot.domain.weekly import Weekly
from bot.errors import RefusedError
from bot.janitor.history import Waiting
from bot.janitor.home import OWN_MOST, RUNS_MOST, WAITING_MOST, HomeFound
from bot.janitor.teams import Due
from bot.store import Run
from sandbox.slack.limits import check_message
from tests.blocks import samples as s
from tests.blocks.test_limits import CODE, OURS


def waiting(number: int, state: State = State.OPEN, **changed: Any) -> Waiting:
    """Make a proposal of three manifests in a state."""
    made = s.proposal(state, id=f"p{number}", item_count=3, **changed)
    records = [Record(one) for one in s.items(3)]
    return Waiting(made, records[:2], tally(records))


def team(number: int, name: str = "payments/*") -> Due:
    """Make a subscription with its next report."""
    weekly = Weekly(0, time(9), "America/Argentina/ComodRivadavia")
    return Due(Team(f"sub:{number}", name, "C0123456789", (Scope("reg", (name,)),), weekly), weekly.next(s.NOW))


def found(waiting_count: int = 0, own: int = 0, teams: int = 0, runs: int = 0, **changed: Any) -> HomeFound:
    """Make a Home with so many of each, as many of them as are shown."""
    values: dict[str, Any] = {
        "user": "U0BORIS",
        "waiting": tuple(waiting(n) for n in range(min(waiting_count, WAITING_MOST))),
        "waiting_count": waiting_count,
        "unknown": None,
        "own": tuple(waiting(n, state) for n, state in zip(range(min(own, OWN_MOST)), State, strict=False)),
        "own_more": own > OWN_MOST,
        "teams": tuple(team(n) for n in range(teams)),
        "runs": tuple(Run(s.proposal(State.DONE, id=f"r{n}"), 3, s.GIB) for n in range(min(runs, RUNS_MOST))),
        "month": tuple(Run(s.proposal(State.DONE, id=f"r{n}"), 3, s.GIB) for n in range(runs)),
    }
    return HomeFound(**{**values, **changed})


def drawn(it: HomeFound, notice: Message | None = None) -> list[dict[str, Any]]:
    """Draw it with a link to every card, and hold it against the limits."""
    links = {proposal.id: "https://slack.example/p1" for proposal in it.proposals}
    view = home(it, links=links, now=s.NOW, notice=notice)
    assert check_message(view, "home") == []
    json.dumps(view, ensure_ascii=False).encode("utf-8")
    for text in s.mrkdwn(view["blocks"]):
        assert "`" not in CODE.sub("", text)
        assert not re.search(r"[<>]", OURS.sub("", text)), text
    blocks: list[dict[str, Any]] = view["blocks"]
    return blocks


def labels(blocks: list[dict[str, Any]]) -> list[str]:
    """Give the labels of all buttons, in their order."""
    found_: list[str] = []
    for block in blocks:
        elements = block.get("elements", []) if block["type"] == "actions" else [block.get("accessory", {})]
        found_ += [one["text"]["text"] for one in elements if one.get("type") == "button"]
    return found_


@pytest.mark.parametrize("count", [0, 1, WAITING_MOST, 500])
def test_any_number_of_proposals_fits(count: int) -> None:
    """The first of them have buttons; how many more there are, and where they are listed, is said."""
    blocks = drawn(found(count, own=500, teams=500, runs=500), notes.decided(s.proposal(State.APPROVED)))
    shown = min(count, WAITING_MOST)
    assert labels(blocks).count("Approve") == labels(blocks).count("Reject") == shown
    text = s.shown(blocks)
    assert f"Waiting for you: {count}" in text if count else "Nothing waits for your approval." in text
    assert (f"And {count - shown} more" in text) == (count > shown)
    assert "And 492 more that come later" in text


def test_what_waits_is_on_top_and_the_last_click_above_it() -> None:
    """The notice, then what waits, one's own, the reports, the runs and what they freed."""
    text = s.shown(drawn(found(1, 1, 1, 1), notes.decided(s.proposal(State.REJECTED))))
    order = [
        "You have rejected",
        "Waiting for you",
        "Your proposals",
        "Weekly reports",
        "Last runs",
        "Freed this month",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert drawn(found(1))[0]["type"] == "header"


def test_what_is_measured_is_not_called_a_bound() -> None:
    """The sum of the month is one once all of its runs are measured; a run that deletes nothing frees nothing."""
    measured = s.proposal(State.DONE, measured=Freed(2 * s.GIB, 0, 0), checked=Completeness(0))
    known, bound = Run(measured, 3, 9 * s.GIB), Run(s.proposal(State.DONE), 2, s.GIB)
    tags = Run(s.proposal(State.DONE), tags=4)
    assert "*Freed this month*: *2 GiB* (3 manifests deleted and 4 tags removed)." in s.shown(
        drawn(replace(found(), month=(known, tags), runs=(known, tags)))
    )
    text = s.shown(drawn(replace(found(), month=(known, bound), runs=(known, bound))))
    assert "*Freed this month*: up to *3 GiB* (5 manifests deleted)." in text
    assert "3 manifests deleted, 2 GiB freed" in text
    assert "2 manifests deleted, up to 1 GiB" in text


def test_only_what_is_open_can_be_withdrawn() -> None:
    """Each of one's own says how it stands; the button is there while it waits."""
    for state in State:
        own = (waiting(1, state, **({"started": None, "finished": None} if state is State.STOPPED else {})),)
        blocks = drawn(replace(found(), own=own))
        assert labels(blocks) == (["Withdraw"] if state is State.OPEN else [])


def test_a_typed_name_takes_the_place_of_the_dialog() -> None:
    """The button of what needs a name typed opens the form at once."""
    plain, typed = waiting(1), waiting(2, needs_typed="app")
    blocks = drawn(replace(found(2), waiting=(plain, typed)))
    rows = [block["elements"] for block in blocks if block["type"] == "actions"]
    assert ["confirm" in row[0] for row in rows] == [True, False]


def test_what_slack_does_not_say_is_not_passed_over() -> None:
    """Who may approve is not known: the reason stands where the proposals would."""
    text = s.shown(drawn(found(unknown=RefusedError("Slack did not say who is in it.", expected="Try again."))))
    assert "Slack did not say who is in it." in text
    assert "Nothing waits" not in text


def test_a_paused_report_says_so() -> None:
    """And names no day on which it would come."""
    due = replace(team(1), paused_why="is archived")
    assert "paused" in (text := s.shown(drawn(replace(found(), teams=(due,)))))
    assert "next <!date" not in text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(proposals=st.lists(s.proposals, min_size=1, max_size=3), records=st.lists(s.records, max_size=3), name=s.names)
def test_any_words_keep_to_the_limits(proposals: list[Proposal], records: list[Any], name: str) -> None:
    """Whatever registries, people and patterns are called."""
    some = [Waiting(one, records, tally(records)) for one in proposals]
    drawn(
        replace(
            found(500),
            waiting=tuple((some * WAITING_MOST)[:WAITING_MOST]),
            own=tuple((some * OWN_MOST)[:OWN_MOST]),
            teams=tuple(team(n, name) for n in range(20)),
            runs=tuple(Run(one.proposal, 3, 2**50, 2, 1) for one in (some * RUNS_MOST)[:RUNS_MOST]),
        )
    )
