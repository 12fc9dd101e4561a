import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks import APPROVE, REJECT, RETRY, STOP, WITHDRAW, Message, button_value, card, parse_button_value
from bot.blocks.card import CHOOSE
from bot.domain.complete import Completeness
from bot.domain.freed import Freed
from bot.domain.proposal import Outcome, Proposal, Record, State, tally
from bot.domain.rights import Need
from bot.domain.vote import Vote
from bot.errors import BadInputError
from tests.blocks import samples as s

APPROVERS = ("U0BORIS", "S0PLATFORM")


def draw(proposal: Proposal, records: Sequence[Record] | None = None, **more: Any) -> Message:
    """Draw a card as the app does."""
    records = [Record(item) for item in s.items(37)] if records is None else records
    return card(
        proposal,
        **{
            "preview": records[:12],
            "tally": tally(records),
            "records_of_note": [r for r in records if r.outcome in {Outcome.SKIPPED, Outcome.FAILED}],
            "needs": (Need("", APPROVERS, 1, ("myrepo",)),),
            "now": s.NOW,
            **more,
        },
    )


def run_records(*, upto: int = 37) -> list[Record]:
    """Give the records of a run: two skipped for tags, one for an index, one gone, one failed, the rest deleted."""
    odd = {
        3: (Outcome.SKIPPED, "tagged (v1.3)"),
        7: (Outcome.SKIPPED, "tagged (v1.7)"),
        9: (Outcome.SKIPPED, "part of a kept multi-arch image 0a1b2c3d4e5f"),
        11: (Outcome.GONE, ""),
        20: (Outcome.FAILED, f"HTTP 500 for {s.digest(20)} <!channel>"),
    }
    return [
        Record(item, *odd.get(item.position, (Outcome.DELETED, "")), at=s.NOW) if item.position < upto else Record(item)
        for item in s.items(37)
    ]


def test_an_open_card_asks_with_action_and_scope_first() -> None:
    """The first line says what would happen to what; the text says enough to act on."""
    message = draw(s.proposal())
    assert message.blocks[0]["text"]["text"] == "*Delete 37 untagged manifests* in `myrepo`, up to 10.8 GiB?"
    assert message.text.startswith("Delete 37 untagged manifests in `myrepo`, up to 10.8 GiB?")
    for said in ("<@U0ANNA>", "<@U0BORIS>", "<!subteam^S0PLATFORM>", "2026-11-26 15:00 UTC", "can't be recovered"):
        assert said in message.text
        assert said in s.shown(message.blocks)


def test_an_open_card_shows_the_first_items_and_where_the_rest_is() -> None:
    """Ten items are shown, the rest is counted, and the file in the thread is pointed at."""
    message = draw(s.proposal())
    assert len(s.table_rows(message.blocks)) == 11
    assert "and 27 more. The whole list is in the thread, as a CSV file." in s.shown(message.blocks)


def test_only_approve_is_red_and_it_asks_once_more() -> None:
    """Approve is a danger with a dialog that has the numbers; Reject and Withdraw have no style."""
    buttons = s.buttons(draw(s.proposal()).blocks)
    assert list(buttons) == [APPROVE, REJECT, WITHDRAW, CHOOSE]
    dialog = buttons[APPROVE]["confirm"]
    assert buttons[APPROVE]["style"] == dialog["style"] == "danger"
    assert dialog["title"]["text"] == "Delete 37 manifests?"
    assert "37 untagged manifests in myrepo on myregistry, up to 10.8 GiB." in dialog["text"]["text"]
    assert dialog["confirm"]["text"] == "Delete 37 manifests"
    assert "style" not in buttons[REJECT]
    assert "style" not in buttons[WITHDRAW]


def test_the_one_who_asked_is_left_out_unless_allowed() -> None:
    """Who may approve is told as it is decided."""
    assert "but not the one who asked" in draw(s.proposal()).text
    assert "but not the one who asked" not in draw(s.proposal(), allow_self=True).text


def test_an_open_card_names_what_is_left_out() -> None:
    """Repositories that the glob matches and that are not cleaned are told before anybody approves."""
    message = draw(s.proposal(target="team/*"), faults={"team/old": "an unknown media type"})
    assert "team/old\n: an unknown media type" in s.shown(message.blocks)


@pytest.mark.parametrize("state", [state for state in State if state is not State.OPEN])
def test_what_is_decided_can_only_be_stopped(state: State) -> None:
    """Until its end it can be stopped, then nothing can be clicked; the card still says what it was about."""
    message = draw(s.proposal(state))
    assert list(s.buttons(message.blocks)) == ([] if state.final else [STOP])
    assert "37 untagged manifests" in message.text
    assert "`myrepo`" in message.text


def test_an_approved_card_waits() -> None:
    """Between the click and the first delete the card says who approved and that it waits."""
    message = draw(s.proposal(State.APPROVED))
    assert message.text.startswith("*Approved: delete 37 untagged manifests* in `myrepo`, up to 10.8 GiB.")
    assert "Waiting to start" in s.shown(message.blocks)
    assert "*Approved by*\n<@U0BORIS>" in s.shown(message.blocks)


def test_a_running_card_shows_how_far_it_is() -> None:
    """The bar, the counts by outcome, and that it was picked up again."""
    message = draw(s.proposal(State.RUNNING, fence=2), run_records(upto=15))
    lines = s.shown(message.blocks)
    assert "████████░░░░░░░░░░░░  40 % · 15 of 37" in lines
    assert "*11* deleted · *1* already gone · *3* skipped" in lines
    assert "Picked up again after 1 interruption" in lines


def test_the_bar_is_full_only_at_the_end() -> None:
    """One item of many that is left shows as less than all."""
    records = [Record(item, Outcome.DELETED) for item in s.items(999)] + [Record(s.item(999))]
    lines = s.shown(draw(s.proposal(State.RUNNING), records).blocks)
    assert "███████████████████░  99 %" in lines


def test_a_record_says_what_was_deleted_and_why_the_rest_was_not() -> None:
    """The title is the result; skipped and failed are grouped by reason with counts and examples."""
    message = draw(s.proposal(State.DONE), run_records())
    assert message.text.startswith("*Deleted 32 of 37 untagged manifests* in `myrepo`, 9.4 GiB.")
    lines = s.shown(message.blocks)
    assert "*32* deleted · *1* already gone · *3* skipped · *1* failed" in lines
    first, second = s.digest(3)[7:19], s.digest(7)[7:19]
    assert f"3 skipped, and kept after all:\n2 \ntagged\n: \n{first}\n, \n{second}" in lines
    assert f"1 \npart of a kept multi-arch image\n: \n{s.digest(9)[7:19]}" in lines
    assert f"1 failed:\n1 \nHTTP 500 for … <!channel>\n: \n{s.digest(20)[7:19]}" in lines
    assert "*Took*\n1 min 33 s" in lines
    assert "Skipped: 2 tagged and 1 part of a kept multi-arch image; failed: 1 HTTP 500" in message.text


@pytest.mark.parametrize(
    ("records", "title"),
    [
        ([Record(item, Outcome.DELETED) for item in s.items(37)], "*Deleted all 37 untagged manifests*"),
        ([Record(item, Outcome.GONE) for item in s.items(37)], "*Deleted none of 37 untagged manifests*"),
    ],
)
def test_titles_of_all_and_none(records: list[Record], title: str) -> None:
    """All and none read as such."""
    assert draw(s.proposal(State.DONE), records).text.startswith(title)


def test_one_manifest_is_singular() -> None:
    """A proposal of one is not spoken of as of many."""
    records = [Record(s.item(0), Outcome.DELETED)]
    assert draw(s.proposal(item_count=1), [Record(s.item(0))]).text.startswith("Delete 1 untagged manifest in")
    assert draw(s.proposal(State.DONE, item_count=1), records).text.startswith("*Deleted 1 untagged manifest* in")


def test_a_run_that_broke_off_says_why_and_what_is_left() -> None:
    """The cause, what was deleted until then, and that the rest was left alone."""
    message = draw(s.proposal(State.FAILED, note="The registry answered 403 <!here>."), run_records(upto=15))
    lines = s.shown(message.blocks)
    assert message.text.startswith("*Broke off: deleted 11 of 37 untagged manifests*")
    assert "The registry answered 403 <!here>." in lines
    assert "The registry answered 403 &lt;!here&gt;." in message.text
    assert "22 manifests were not reached, and left alone." in lines


def test_a_stopped_run_says_who_stopped_it_and_how_far_it_was() -> None:
    """Who, after how many of how many, what was deleted until then, and that the rest was left alone."""
    message = draw(s.proposal(State.STOPPED, stop_by="U0KIM", stop_asked=s.NOW), run_records(upto=15))
    lines = s.shown(message.blocks)
    assert message.text.startswith(
        "*Stopped by <@U0KIM> after 15 of 37: deleted 11 of 37 untagged manifests* in `myrepo`"
    )
    assert "22 manifests were not reached, and left alone." in lines
    assert "*Approved by*\n<@U0BORIS>" in lines


def test_what_was_stopped_before_it_began_says_that_nothing_was_deleted() -> None:
    """It reads as what was never done, with who approved it and who stopped it."""
    stopped = s.proposal(State.STOPPED, stop_by="U0KIM", stop_asked=s.NOW, started=None, finished=None, fence=0)
    message = draw(stopped)
    assert message.blocks[0]["text"]["text"].endswith(
        "*Stopped before it began:* ~delete 37 untagged manifests~ in `myrepo`. Nothing was deleted."
    )
    lines = s.shown(message.blocks)
    assert "*Approved by*\n<@U0BORIS>" in lines
    assert "*Stopped by*\n<@U0KIM>" in lines
    assert "Stopped by <@U0KIM>. Approved by <@U0BORIS>" in message.text


def test_stop_asks_once_more() -> None:
    """The dialog says what is stopped and what becomes of it, and fits what Slack takes."""
    for state, said in ((State.RUNNING, "What is done stays done"), (State.APPROVED, "Nothing of it is done yet")):
        dialog = s.buttons(draw(s.proposal(state)).blocks)[STOP]["confirm"]
        assert "37 untagged manifests in myrepo" in dialog["text"]["text"]
        assert said in dialog["text"]["text"]


def test_what_failed_can_be_tried_again_from_its_record() -> None:
    """The button says how many there are and asks once more; once somebody has, the card says who."""
    message = draw(s.proposal(State.DONE), run_records())
    button = s.buttons(message.blocks)[RETRY]
    assert button["text"]["text"] == "Retry 1 failed"
    assert button["confirm"]["title"]["text"] == "Try 1 failed item again?"
    assert "An approver's click is a new decision." in button["confirm"]["text"]["text"]
    assert "in the hour after the end for the one who asked" in s.shown(message.blocks)
    retried = draw(s.proposal(State.DONE, retried_by="U0KIM", retried=s.NOW), run_records())
    assert not s.buttons(retried.blocks)
    assert "<@U0KIM> has what failed tried again" in s.shown(retried.blocks)


@pytest.mark.parametrize("state", [State.APPROVED, State.RUNNING, State.DONE])
def test_a_second_try_says_that_it_is_one(state: State) -> None:
    """Whose idea it was is on the card from the first drawing to the last."""
    earlier = s.proposal(State.DONE, retried_by="U0KIM", retried=s.NOW)
    message = draw(s.proposal(state, retry_of=earlier.id), earlier=earlier)
    said = "This tries again what could not be done in an earlier run: <@U0KIM> asked for it"
    assert said in s.shown(message.blocks)
    assert said in message.text


def test_a_run_that_is_being_stopped_says_so() -> None:
    """From the click on the button is gone and everybody sees whose it was; also where it ended before that."""
    message = draw(s.proposal(State.RUNNING, stop_by="U0KIM"), run_records(upto=15))
    assert not s.buttons(message.blocks)
    assert "<@U0KIM> has stopped this." in s.shown(message.blocks)
    assert "<@U0KIM> has stopped this." in message.text
    late = draw(s.proposal(State.DONE, stop_by="U0KIM"), run_records())
    assert "<@U0KIM> wanted to stop this, and it had ended by itself" in s.shown(late.blocks)


def test_a_run_that_deleted_nothing_claims_nothing() -> None:
    """What the plan would have freed is not called freed, and tags that nobody looked at are not called none."""
    proposal = s.proposal(State.FAILED, measured=Freed(freed=3 * 1024**3, shared=0), checked=Completeness(0))
    lines = s.shown(draw(proposal).blocks)
    assert "Deleted none of 37" in lines.replace("deleted none", "Deleted none")
    assert "Freed" not in lines
    assert "GiB" not in lines
    assert "tag is left" not in lines


def test_a_plan_that_was_measured_is_no_measure_of_a_part_of_it() -> None:
    """Until what was really deleted is measured, the record gives the sum of the sizes and says so."""
    measured = Freed(freed=3 * 1024**3, shared=0)
    early = s.shown(draw(s.proposal(State.DONE, measured=measured), run_records()).blocks)
    assert "Freed 3 GiB" not in early
    assert "counts every layer in full" in early
    late = s.shown(draw(s.proposal(State.DONE, measured=measured, checked=Completeness(2)), run_records()).blocks)
    assert "Freed 3 GiB." in late
    assert "2 tags checked, all complete." in late


def test_declined_cards_say_that_nothing_was_deleted() -> None:
    """Rejected, withdrawn and expired: struck through, by whom, and why."""
    rejected = draw(s.proposal(State.REJECTED, note="Friday's demo pulls these."))
    assert rejected.blocks[0]["text"]["text"].endswith(
        "*Rejected:* ~delete 37 untagged manifests~ in `myrepo`. Nothing was deleted."
    )
    assert "Friday's demo pulls these." in s.shown(rejected.blocks)
    assert "*Rejected by*\n<@U0BORIS>" in s.shown(rejected.blocks)
    assert "*Withdrawn by*\nthis app" in s.shown(draw(s.proposal(State.WITHDRAWN, decided_by="app")).blocks)
    assert "Nobody decided in time." in s.shown(draw(s.proposal(State.EXPIRED)).blocks)


def test_block_ids_are_new_with_each_change_and_the_same_without() -> None:
    """A drawing that differs shares no block id with the one before it; drawing again gives the same."""
    runs = [draw(s.proposal(State.RUNNING), run_records(upto=upto)) for upto in (10, 20, 20)]
    ids = [{block["block_id"] for block in message.blocks} for message in runs]
    assert not ids[0] & ids[1]
    assert runs[1] == runs[2]
    assert len(ids[0]) == len(runs[0].blocks)
    later = draw(s.proposal(revision=2))
    assert not {b["block_id"] for b in later.blocks} & {b["block_id"] for b in draw(s.proposal()).blocks}


def test_reasons_that_were_not_handed_over_are_counted() -> None:
    """Where only some of the records came along, the list says how many more there are."""
    records = run_records()
    lines = s.shown(draw(s.proposal(State.DONE), records, records_of_note=records[3:4]).blocks)
    assert "3 skipped, and kept after all:\n1 \ntagged" in lines
    assert "2 more: see the CSV file" in lines
    assert "1 in all: see the CSV file" in lines


def test_a_button_is_for_one_proposal_in_one_form() -> None:
    """What the button says is read back as it was."""
    proposal = s.proposal(revision=3)
    assert parse_button_value(button_value(proposal)) == (proposal.id, 3, proposal.checksum)
    assert len({button["value"] for button in s.buttons(draw(proposal).blocks).values()}) == 1


@pytest.mark.parametrize(
    "value",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"id":"a","rev":1}',
        '{"id":"","rev":1,"sum":"c"}',
        '{"id":"a","rev":true,"sum":"c"}',
        '{"id":"a","rev":"1","sum":"c"}',
        '{"id":1,"rev":1,"sum":"c"}',
        '{"id":"a","rev":1,"sum":"c","more":1}',
        "[" * 100_000,
    ],
)
def test_made_up_buttons_are_refused(value: str) -> None:
    """A value that this app did not write is an error for people, not a crash."""
    with pytest.raises(BadInputError, match="which proposal"):
        parse_button_value(value)


@given(st.text(max_size=200))
def test_any_text_is_a_button_or_bad_input(value: str) -> None:
    """Whatever stands in a click's value, reading it ends in words."""
    with pytest.raises(BadInputError):
        parse_button_value(value)


def test_a_long_run_has_its_duration() -> None:
    """The record says how long it took, in the two largest units."""
    proposal = s.proposal(State.DONE, started=s.NOW, finished=s.NOW + timedelta(hours=1, minutes=5, seconds=9))
    assert "*Took*\n1 h 5 min" in s.shown(draw(proposal, run_records()).blocks)


def test_a_card_says_who_has_approved_so_far() -> None:
    """Where it takes two, the card counts them and names them; who lost the right is named and not counted."""
    two = (Need("", APPROVERS, 2, ("myrepo",)),)
    sam = Vote("p", 1, "U0SAM", s.NOW, "T1", covers=("",))
    none = draw(s.proposal(), needs=two)
    assert "0 of 2" in s.shown(none.blocks)
    assert "2 people, each <@U0BORIS> or anybody in <!subteam^S0PLATFORM>" in s.shown(none.blocks)
    one = draw(s.proposal(), needs=two, votes=[sam])
    assert "1 of 2: <@U0SAM>" in s.shown(one.blocks)
    assert "Approved so far: 1 of 2: <@U0SAM>." in one.text
    gone = draw(s.proposal(), needs=two, votes=[dataclasses.replace(sam, covers=())])
    assert "0 of 2\n<@U0SAM> may no longer approve and does not count" in s.shown(gone.blocks)
    assert "Approved so far" not in s.shown(draw(s.proposal()).blocks)


def test_a_card_says_who_approves_which_part() -> None:
    """A proposal over repositories with different approvers names both, and counts for each."""
    needs = (Need("prod/*", ("U1",), 2, ("prod/a", "prod/b")), Need("", ("S1",), 1, ("dev",)))
    shown = s.shown(draw(s.proposal(), needs=needs, votes=[Vote("p", 1, "U1", s.NOW, "T1", covers=("prod/*",))]).blocks)
    assert "for `prod/a` and `prod/b`: 2 people, each <@U1>\nfor `dev`: anybody in <!subteam^S1>" in shown
    assert "but not the one who asked" in shown
    assert "`prod/a` and `prod/b`: 1 of 2: <@U1>\n`dev`: 0 of 1" in shown


def test_the_record_names_all_who_approved() -> None:
    """Once it is approved by two, both stand on the card."""
    votes = [Vote("p", 1, user, s.NOW, "T1", covers=("",)) for user in ("U0SAM", "U0KIM")]
    drawn = draw(s.proposal(State.DONE, decided_by="U0KIM"), run_records(), votes=votes)
    assert "<@U0SAM> and <@U0KIM>" in s.shown(drawn.blocks)
    assert "Approved by <@U0SAM> and <@U0KIM>" in drawn.text
