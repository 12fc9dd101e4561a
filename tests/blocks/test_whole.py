"""The card and the form for a whole repository."""

import json

import pytest
from hypothesis import given

from bot.blocks import card
from bot.blocks.carried import Carried
from bot.blocks.confirming import CONFIRM, confirming, parse_confirming
from bot.domain.complete import Completeness
from bot.domain.freed import Freed
from bot.domain.plan import Staying
from bot.domain.proposal import Outcome, Proposal, Record, State, tally
from bot.domain.reason import Why
from bot.domain.rule import Protection, Rule
from bot.errors import BadInputError
from sandbox.slack import check_message
from tests.blocks import samples as s

WHOLE = Rule(tagged=True, whole=True, protection=Protection(keep_tags=("v1*",)))
STAYING = Staying({Why.LOCKED: 1, Why.PART_OF_INDEX: 2})


def whole(state: State = State.OPEN, **changed: object) -> Proposal:
    """Propose to delete all of ``myrepo``."""
    return s.proposal(state, rule=WHOLE, needs_typed="myrepo", item_count=3, upper_bytes=3 * 300 * 1024**2, **changed)


def draw(proposal: Proposal, outcome: Outcome = Outcome.TODO) -> str:
    """Give all that the card shows."""
    records = [Record(s.item(n, tags=(f"v{n}",) * (n < 2)), outcome) for n in range(3)]
    message = card(proposal, preview=records, tally=tally(records), now=s.NOW)
    assert check_message(message.payload(), "message") == []
    return f"{message.text}\n{s.shown(message.blocks)}"


def test_the_card_says_that_all_goes_and_what_has_to_be_typed() -> None:
    """First what, then the warnings; Approve has no dialog, since a form takes its place."""
    shown = draw(whole())
    assert shown.startswith("Delete the whole repository `myrepo`: 3 manifests, 2 tags, up to 900 MiB? ")
    assert "Everything in this repository goes, and deleted data can't be recovered." in shown
    assert "To approve it, type the name of the repository: `myrepo`." in shown
    assert "*The settings protect 1 tag of it* (`keep_tags`: `v1*`)" in shown
    records = [Record(s.item(0))]
    message = card(whole(), preview=records, tally=tally(records), now=s.NOW)
    assert "confirm" not in s.buttons(message.blocks)["approve"]


def test_the_card_says_what_stays() -> None:
    """Then it is not the whole repository that goes."""
    shown = draw(whole(staying=STAYING))
    assert shown.startswith("Delete 3 of 6 manifests in `myrepo`, 2 tags, up to 900 MiB?")
    assert "*The repository stays*, since 3 of it stay: 2 part of a kept multi-arch image and 1 locked." in shown
    assert "Everything in this repository goes" not in shown


@pytest.mark.parametrize(
    ("checked", "said"),
    [
        (Completeness(0, gone=("myrepo",)), "The repository is gone with the last manifest in it: `myrepo`."),
        (
            Completeness(1, unasked=1, unasked_tags=("v9",)),
            "`myrepo` *is still there:* 1 manifest in it was pushed since it was proposed, and stays (`v9`).",
        ),
        (
            Completeness(0, unasked=2),
            "`myrepo` *is still there:* 2 manifests in it were pushed since it was proposed, and stay.",
        ),
    ],
)
def test_the_record_says_whether_the_repository_is_gone(checked: Completeness, said: str) -> None:
    """As it was found after the run."""
    assert said in draw(whole(State.DONE, checked=checked), Outcome.DELETED)


def test_the_form_says_what_goes_and_carries_the_card() -> None:
    """The proposal as it was drawn, and the message that it was opened from."""
    view = confirming(whole(), "C1", "1.2")
    assert view["callback_id"] == CONFIRM
    assert parse_confirming(view["private_metadata"]) == Carried("0a1b2c3d4e5f", 1, "c" * 32, "C1", "1.2")
    shown = s.shown(view["blocks"])
    assert "*Delete the whole repository* `myrepo` on `myregistry`: 3 manifests, up to 900 MiB." in shown
    measured = s.shown(confirming(whole(measured=Freed(1024**2, 0)), "C1", "1.2")["blocks"])
    assert "3 manifests, 1 MiB." in measured
    other = s.shown(confirming(s.proposal(needs_typed="myrepo"), "C1", "1.2")["blocks"])
    assert "*Delete 37 untagged manifests* in `myrepo` on `myregistry`" in other


@pytest.mark.parametrize("carried", ["", "{}", "[]", '{"value":"{}","channel":"C1","message":"1"}', "\ud800"])
def test_a_form_that_carries_anything_else_is_refused(carried: str) -> None:
    """With words that say what to do."""
    with pytest.raises(BadInputError):
        parse_confirming(carried)


@given(s.proposals)
def test_any_form_is_one_that_slack_takes(proposal: Proposal) -> None:
    """Whatever the names and the rule."""
    view = confirming(proposal, "C1", "1.2")
    assert check_message(view, "modal") == []
    assert all("<!channel>" not in text for text in s.mrkdwn(view["blocks"]))
    assert json.loads(view["private_metadata"])["channel"] == "C1"
