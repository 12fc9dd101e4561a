"""The form that chooses: within Slack's limits whatever there is to choose from, and read back as it was drawn."""

import json
import random
from dataclasses import replace

import pytest

from bot.blocks.choosing import PAGE, Draft, choosing, made, matching, parse_draft
from bot.blocks.revising import revised_words, void_words, what
from bot.domain.choose import Cause
from bot.domain.plan import Action, Item
from bot.domain.revision import Revision
from bot.domain.rule import Rule
from bot.errors import BadInputError
from sandbox.slack import check_message
from tests.blocks import samples as s

DRAFT = Draft("0a1b2c3d4e5f", 1, "c" * 32, "C0123456789", "1700000000.000100")


def hostile(number: int) -> Item:
    """Make an item whose names are as long and as odd as a registry can send them."""
    odd = ("<!channel> *b* `c`", "\u202eevil\n", "x" * 256, "&" * 128)[number % 4]
    return s.item(
        number,
        repository=f"{odd}{'r' * 200}",
        tags=(odd, "t" * 128) if number % 2 else (),
        reason=odd,
        platform=odd,
        action=Action.UNTAG if number % 5 == 0 else Action.DELETE,
        tag="\u0007" * 128 if number % 5 == 0 else "",
    )


@pytest.mark.parametrize("count", [2, 9, 10, 11, PAGE, PAGE + 1, 10_000])
def test_any_list_is_drawn_within_the_limits(count: int) -> None:
    """Each page, with whatever is unticked of it, and with fields filled in."""
    items = [hostile(number) for number in range(count)]
    chance = random.Random(count)
    off = frozenset(number for number in range(count) if chance.random() < 0.5)
    for start in (0, count - 1):
        draft = replace(DRAFT, off=off, start=start)
        view = choosing(s.proposal(item_count=count), items, draft, s.NOW, values={"older": "9" * 40, "keep": "10000"})
        assert check_message(view, "modal") == []
        assert parse_draft(view["private_metadata"]).off == off
    found = choosing(s.proposal(item_count=count), items, replace(DRAFT, off=off, find="&" * 100), s.NOW)
    assert check_message(found, "modal") == []


def test_a_page_shows_what_is_ticked() -> None:
    """All of it at first, and without what is unticked later; every block of a drawing has a new id."""
    items = s.items(3)
    first = choosing(s.proposal(), items, DRAFT, s.NOW)
    (boxes,) = [block for block in first["blocks"] if (block.get("element") or {}).get("type") == "checkboxes"]
    assert boxes["element"]["initial_options"] == boxes["element"]["options"]
    draft = replace(parse_draft(first["private_metadata"]), off=frozenset({1}))
    second = choosing(s.proposal(), items, draft, s.NOW)
    (again,) = [block for block in second["blocks"] if (block.get("element") or {}).get("type") == "checkboxes"]
    assert [option["value"] for option in again["element"]["initial_options"]] == ["0", "2"]
    assert again["block_id"] != boxes["block_id"]
    none = choosing(s.proposal(), items, replace(draft, off=frozenset(range(3))), s.NOW)
    assert "initial_options" not in json.dumps(none)


def test_a_page_behind_the_end_is_the_last_one() -> None:
    """What is looked for may have fewer."""
    view = choosing(s.proposal(), s.items(PAGE + 5), replace(DRAFT, start=9 * PAGE), s.NOW)
    assert f"{PAGE + 1} to {PAGE + 5} of {PAGE + 5}" in s.shown(view["blocks"])


def test_what_was_named_has_no_fields_to_narrow() -> None:
    """Ages and numbers mean nothing there."""
    rule = Rule(named=frozenset({s.digest(0)}))
    text = json.dumps(choosing(s.proposal(rule=rule), s.items(2), DRAFT, s.NOW)["blocks"])
    assert "Keep the newest" not in text
    assert "Untick what should stay." in text


def test_items_are_found_by_any_part() -> None:
    """Of a tag, a digest, a repository, a platform or a reason, whatever the case."""
    items = [s.item(0, tags=("Release-1",)), s.item(1, repository="team/shop"), s.item(2, platform="linux/arm64")]
    assert [item.position for item in matching(items, " release ")] == [0]
    assert [item.position for item in matching(items, "SHOP")] == [1]
    assert [item.position for item in matching(items, "arm")] == [2]
    assert [item.position for item in matching(items, s.digest(1)[7:19])] == [1]
    assert matching(items, "") == items


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "1", '{"value":"x"}', "[" * 10_000])
def test_what_is_no_draft_is_refused(text: str) -> None:
    """A form can be made up, or be of another version."""
    with pytest.raises(BadInputError, match="This form is from another version of the app"):
        parse_draft(text)


def test_more_single_choices_than_a_form_can_carry_are_told() -> None:
    """Where the settings allow so many items, with what helps."""
    chance = random.Random(1)
    off = frozenset(number for number in range(40_000) if chance.random() < 0.5)
    with pytest.raises(BadInputError, match="so many single choices"):
        replace(DRAFT, off=off).to_json()


@pytest.mark.parametrize(
    ("off", "words"),
    [
        ({Cause.HAND: 1}, "took 1 item off"),
        ({Cause.HAND: 3, Cause.RULE: 12}, "took 3 items off and narrowed the rule, which leaves out 12"),
        ({Cause.HAND: 1, Cause.NEEDED: 1}, "took 1 item off; 1 more stays, since what stays needs it"),
        ({Cause.RULE: 2, Cause.NEEDED: 2}, "narrowed the rule, which leaves out 2; 2 more stay, since what stays"),
        ({Cause.HAND: 1, Cause.SINCE: 2}, "took 1 item off; 2 more are left out as changed or gone since"),
    ],
)
def test_a_revision_is_told_by_its_causes(off: dict[Cause, int], words: str) -> None:
    """Who reads the card knows what was wanted and what came with it."""
    assert words in what(Revision(2, "U1", s.NOW, off))


def test_whose_approval_is_void_is_told() -> None:
    """By name in the thread, so that they look again."""
    one = Revision(2, "U1", s.NOW, {Cause.HAND: 1}, ("U2",))
    assert "earlier approvals are void." in revised_words(one)
    assert void_words(one) == ("<@U2>: your approval was for the list before and is void. Please look at this one.")
    two = replace(one, void=("U2", "U3"))
    assert void_words(two).startswith("<@U2> and <@U3>: your approvals were for the list before and are void.")
    none = replace(one, void=())
    assert void_words(none) == revised_words(None) == ""
    assert "nobody had approved it yet." in revised_words(none)
    assert "Whoever had approved has been told to look again." in json.dumps(made(s.proposal(), one))
