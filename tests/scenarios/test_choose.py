"""Choose: taking something off an open proposal, from the button on its card to the run of what is left."""

import asyncio
import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.plan import checksum_of
from handlers import choosing
from sandbox.acr import Fault
from sandbox.slack import Human, Message, View, check_message, text_of
from tests.scenarios.reading import read
from tests.scenarios.rejecting import reject
from tests.scenarios.stage import KIM, OLU, RILEY, SAM, Stage, days_ago, make_stage
from tests.scenarios.test_approvals import staged


def seed(stage: Stage, count: int = 4, repository: str = "myrepo") -> list[str]:
    """Put so many untagged images into a repository, the oldest first."""
    return [
        stage.registry.push_image(repository, layers=[1_000_000 + n], updated=days_ago(60 - n)) for n in range(count)
    ]


async def opened(stage: Stage, person: Human, card: Message, *, value: str = "") -> View:
    """Click Choose and give the form once it shows what there is to choose from, or why there is nothing.

    ``value``: of the button as an earlier drawing had it.
    """
    outcome = await person.click(card, "choose", value=value or None, stale=bool(value))
    assert outcome.ok, outcome
    await stage.slack.wait_for(lambda: person.view is not None and "Looking up" not in shown(person.view), timeout=15)
    view = person.view
    assert view is not None
    assert check_message(view.definition, "modal") == []
    return view


def shown(view: View) -> str:
    """Give all that stands in a form."""
    return json.dumps(view.blocks, ensure_ascii=False)


def boxes(view: View) -> dict[str, tuple[str, str]]:
    """Give by the digest in its name the block and the value of each item on the page."""
    return {
        option["text"]["text"]: (block["block_id"], option["value"])
        for block in view.blocks
        if (block.get("element") or {}).get("type") == "checkboxes"
        for option in block["element"]["options"]
    }


def without(view: View, *digests: str) -> dict[str, Any]:
    """Give what to submit so that these items are unticked and all others of the page are ticked."""
    short = [digest.removeprefix("sha256:")[:12] for digest in digests]
    ticks: dict[str, Any] = {}
    for text, (block, value) in boxes(view).items():
        chosen = ticks.setdefault(block, {"choose.items": []})["choose.items"]
        if not any(one in text for one in short):
            chosen.append(value)
    return ticks


async def submitted(stage: Stage, person: Human, view: View, values: dict[str, Any]) -> str:
    """Submit the form and give what it shows once the choice is made or has come to nothing."""
    outcome = await person.submit(view, values)
    assert outcome.ok, outcome
    assert outcome.errors == {}
    await stage.slack.wait_for(lambda: "Looking at the registry" not in shown(view), timeout=15)
    return shown(view)


async def revision(stage: Stage, card: Message, number: int = 2) -> str:
    """Wait for the card of a revision and for the list in its thread, and give the card's text."""
    await stage.until(card, f"Revision {number}:")
    await stage.slack.wait_for(lambda: f"revision-{number}-plan.csv" in str(list(stage.files(card))), timeout=15)
    return read(card)


def listed(stage: Stage, card: Message, number: int) -> set[str]:
    """Give the digests in the list of a revision."""
    (content,) = [c for name, c in stage.files(card).items() if name.endswith(f"revision-{number}-plan.csv")]
    return {row["digest"] for row in csv.DictReader(io.StringIO(content.decode()))}


async def test_what_is_unticked_stays(stage: Stage) -> None:
    """An approver takes one off: the card is of a new revision, its thread has the list, and only the rest goes."""
    digests = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    expires = next(line for line in read(card).splitlines() if "Open until" in line)
    view = await opened(stage, stage.sam, card)
    assert "*Delete 4 untagged manifests* in `myrepo`. Untick what should stay, or narrow" in shown(view)
    assert len(boxes(view)) == 4
    said = await submitted(stage, stage.sam, view, without(view, digests[0]))
    assert "*Revision 2 is on the card*, with 3 items. You took 1 item off." in said
    text = await revision(stage, card)
    assert text.startswith("*Delete 3 untagged manifests* in `myrepo`")
    assert f":pencil2: *Revision 2:* <@{SAM}> took 1 item off; nobody had approved it yet." in text
    assert expires in text
    assert listed(stage, card, 2) == set(digests[1:])
    await stage.kim.click(card, "approve")
    assert "*Deleted all 3 untagged manifests*" in await stage.settled(card)
    assert stage.registry.digests("myrepo") == {digests[0]}


async def test_the_requester_narrows_the_rule(stage: Stage) -> None:
    """Older than and keep N make a shorter list by the narrower rule, which the card names and the run judges by."""
    digests = seed(stage, 6)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    view = await opened(stage, stage.riley, card)
    assert "Now: of any age. An age such as 90d or 12w." in shown(view)
    said = await submitted(stage, stage.riley, view, {"older": "57d", "keep": "5"})
    assert "You narrowed the rule, which leaves out 5." in said
    text = await revision(stage, card)
    assert f"<@{RILEY}> narrowed the rule, which leaves out 5; nobody had approved it yet." in text
    assert "last changed before" in text
    assert "the newest 5 stay" in text
    assert listed(stage, card, 2) == {digests[0]}
    assert "[Choose …]" not in text
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    assert stage.registry.digests("myrepo") == set(digests[1:])


async def test_the_parts_of_an_index_that_stays_stay(stage: Stage) -> None:
    """Unticking a multi-arch image alone keeps its platforms too, and the form and the card say so."""
    registry = stage.registry
    parts = [registry.push_image("myrepo", layers=[n], updated=days_ago(30)) for n in (2, 3)]
    index = registry.push_index("myrepo", parts, tags=["v2"], updated=days_ago(30))
    other = registry.push_image("myrepo", tags=["v1"], layers=[1], updated=days_ago(40))
    card = await stage.propose(stage.riley, "/acr old myrepo --older-than 20d")
    view = await opened(stage, stage.sam, card)
    assert any(text.startswith("v2 (") for text in boxes(view))
    said = await submitted(stage, stage.sam, view, without(view, index))
    assert "You took 1 item off; 2 more stay, since what stays needs them." in said
    await revision(stage, card)
    assert listed(stage, card, 2) == {other}
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    assert registry.digests("myrepo") == {index, *parts}


async def test_votes_so_far_are_void(transport: str) -> None:
    """Who had approved is mentioned and has to again; the buttons of the old revision change nothing and say so."""
    async with staged(transport, {"required": 2}) as stage:
        digests = seed(stage)
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stage.sam.click(card, "approve")
        await stage.until(card, "1 of 2")
        old = find_value(card, "choose")
        view = await opened(stage, stage.kim, card)
        said = await submitted(stage, stage.kim, view, without(view, digests[1]))
        assert "Whoever had approved has been told to look again." in said
        text = await revision(stage, card)
        assert f"*Revision 2:* <@{KIM}> took 1 item off; earlier approvals are void." in text
        assert "0 of 2" in text
        thread = [text_of(message) for message in stage.olu.thread(card.channel, card.ts)]
        (told,) = [said for said in thread if "Revision 2:" in said and said is not thread[0]]
        assert f"<@{SAM}>: your approval was for the list before and is void. Please look at this one." in told
        for button in ("approve", "reject"):
            move = stage.kim.click(card, button, value=old, stale=True)
            await stage.private_after(stage.kim, move, "This card has changed since.")
        view = await opened(stage, stage.sam, card, value=old)
        assert "This card has changed since." in shown(view)
        await stage.sam.close(view)
        assert stage.acr.log.entries("delete_manifest") == []
        await stage.kim.click(card, "approve")
        await stage.until(card, f"1 of 2: <@{KIM}>")
        await stage.sam.click(card, "approve")
        await stage.settled(card)
        assert stage.registry.digests("myrepo") == {digests[1]}


async def test_of_all_at_once_one_wins(stage: Stage) -> None:
    """Two choices and an approval at the same moment: one of them counts, and the others are told."""
    digests = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    mine = await opened(stage, stage.sam, card)
    other = await opened(stage, stage.riley, card)
    outcomes = await asyncio.gather(
        submitted(stage, stage.sam, mine, without(mine, digests[0])),
        submitted(stage, stage.riley, other, without(other, digests[1])),
        stage.kim.click(card, "approve"),
    )
    made = [said for said in outcomes[:2] if "is on the card" in str(said)]
    events = [event["deed"] for event in stage.events()]
    assert len(made) + events.count("approved") == 1
    assert events.count("revised") == len(made)
    told = [str(said) for said in outcomes[:2] if said not in made]
    assert all("This card has changed since." in said or "This was approved" in said for said in told)
    if made:
        await revision(stage, card)
        assert stage.acr.log.entries("delete_manifest") == []
    else:
        await stage.settled(card)
        assert stage.registry.digests("myrepo") == set()


async def test_who_may_not_choose_is_told_who_may(stage: Stage) -> None:
    """Somebody else, a bot and a deactivated requester are refused in the form, and that is on record."""
    seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    view = await opened(stage, stage.olu, card)
    assert "You are not one of those who may choose what of this goes." in shown(view)
    assert f'"user_id": "{RILEY}"' in shown(view)
    assert f'"user_id": "{SAM}"' in shown(view)
    riley = stage.riley
    stage.slack.workspace.people[RILEY].deleted = True
    assert "is deactivated" in shown(await opened(stage, riley, card))
    refused = [event for event in stage.events() if event["deed"] == "refused"]
    assert [(event["actor"], event["action"]) for event in refused] == [(OLU, "choose"), (RILEY, "choose")]


async def test_who_may_no_longer_is_refused_at_the_end(stage: Stage) -> None:
    """The right to choose is looked up again when the form is sent."""
    digests = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    view = await opened(stage, stage.sam, card)
    stage.slack.workspace.people[SAM].is_bot = True
    stage.clock_ahead += timedelta(minutes=6)
    assert "is a bot's" in await submitted(stage, stage.sam, view, without(view, digests[0]))
    assert [event["deed"] for event in stage.events()] == ["proposed", "refused"]


@pytest.mark.parametrize("end", ["approve", "reject", "withdraw", "expire"])
async def test_a_form_that_is_sent_too_late_says_so(stage: Stage, end: str) -> None:
    """What was decided or has expired while it was open is told in the form, and is not revised."""
    digests = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    view = await opened(stage, stage.sam, card)
    if end == "expire":
        stage.clock_ahead = timedelta(hours=73)
    else:
        if end == "reject":
            await reject(stage, stage.kim, card)
        else:
            await (stage.riley if end == "withdraw" else stage.kim).click(card, end)
        await stage.slack.wait_for(lambda: "[Approve]" not in text_of(card), timeout=15)
    said = await submitted(stage, stage.sam, view, without(view, digests[0]))
    words = {"approve": "This was approved", "reject": "This was rejected", "withdraw": "This was withdrawn"}
    assert words.get(end, "expired") in said
    assert "Your click changed nothing" in said
    assert "revised" not in [event["deed"] for event in stage.events()]
    if end == "approve":
        await stage.settled(card)


async def test_a_whole_repository_and_a_single_item_are_all_or_nothing(stage: Stage) -> None:
    """There is no button to choose on such cards; a click that was made up is told what to ask for instead."""
    seed(stage, 2)
    seed(stage, 1, "other")
    stage.registry.push_image("myrepo", tags=["v1"], layers=[9], updated=days_ago(30))
    first = await stage.propose(stage.riley, "/acr untagged myrepo")
    for command, words in (
        ("/acr delete myrepo", "This is to delete myrepo as a whole, so there is nothing to choose."),
        ("/acr untagged other", "There is only one thing on this list"),
    ):
        card = await stage.propose(stage.riley, command)
        assert "[Choose …]" not in text_of(card)
        (button,) = [e for block in first.blocks for e in block.get("elements", ()) if e.get("action_id") == "choose"]
        button["value"] = find_value(card, "withdraw")
        assert words in shown(await opened(stage, stage.sam, first))
        assert stage.sam.view
        await stage.sam.close(stage.sam.view)


def find_value(card: Message, action: str) -> str:
    """Give the value of a button."""
    found = [e for block in card.blocks for e in block.get("elements", ()) if e.get("action_id") == action]
    return str(found[0]["value"])


async def test_a_choice_that_changes_or_leaves_nothing_comes_back(stage: Stage) -> None:
    """The form comes back as it was filled in, with what is wrong on top; no revision is made."""
    digests = seed(stage, 3)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    view = await opened(stage, stage.sam, card)
    assert "Your choice takes nothing off the list." in await submitted(stage, stage.sam, view, {})
    assert "Your choice takes nothing off the list." in await submitted(stage, stage.sam, view, {"older": "10d"})
    said = await submitted(stage, stage.sam, view, {**without(view, *digests), "older": ""})
    assert "Nothing would be left on the list." in said
    assert "An approver can reject it instead, and whoever proposed it can withdraw it." in said
    assert "3 unticked so far" in said
    said = await submitted(stage, stage.sam, view, {**without(view), "keep": "3"})
    assert "Nothing would be left on the list: what you left on it has to stay" in said
    assert '"initial_value": "3"' in said
    assert [event["deed"] for event in stage.events()] == ["proposed"]
    said = await submitted(stage, stage.sam, view, {**without(view, digests[0]), "keep": ""})
    assert "Revision 2" in said


async def test_what_is_wrong_with_a_field_shows_at_the_field(stage: Stage) -> None:
    """An age that is none or selects more, and a number below what stays already, are told where they stand."""
    seed(stage)
    card = await stage.propose(stage.riley, "/acr old myrepo --older-than 20d --keep 1")
    view = await opened(stage, stage.sam, card)
    outcome = await stage.sam.submit(view, {"older": "soon", "keep": "0"})
    assert outcome.errors == {
        "older": "'soon' is not a length of time. Write a number with w, d, h, m or s, the largest unit first."
        " For example: 90d",
        "keep": "The list leaves out the newest 1 already. Give a higher number, or leave this empty.",
    }
    outcome = await stage.sam.submit(view, {"older": "1d", "keep": ""})
    assert "All that is on the list last changed before" in outcome.errors["older"]
    assert [event["deed"] for event in stage.events()] == ["proposed"]


async def test_thousands_are_chosen_from_page_by_page(stage: Stage) -> None:
    """Ticks stay from page to page; what is looked for is found by a part of it and can be unticked at once."""
    for number in range(120):
        stage.registry.push_image("myrepo", tags=[f"v{number:03}"], layers=[number + 1], updated=days_ago(300 - number))
    card = await stage.propose(stage.riley, "/acr old myrepo --older-than 20d")
    view = await opened(stage, stage.sam, card)
    assert "1 to 50 of 120 · all ticked" in shown(view)
    assert len(boxes(view)) == 50
    stage.sam.enter(view, without_names(view, "v000", "v001"))
    await turned(stage, view, "choose.next", "51 to 100 of 120 · 2 unticked so far")
    assert "Previous" in shown(view)
    await turned(stage, view, "choose.next", "101 to 120 of 120")
    stage.sam.enter(view, without_names(view, "v119"))
    await turned(stage, view, "choose.back", "51 to 100 of 120 · 3 unticked so far")
    await stage.sam.click(view, "choose.find", value="V03")
    await stage.slack.wait_for(lambda: "1 to 10 of 10 with `V03`, of 120 in all" in shown(view), timeout=15)
    await turned(stage, view, "choose.off", "13 unticked so far")
    await stage.sam.click(view, "choose.find", value="nowhere")
    await stage.slack.wait_for(lambda: "Nothing of the 120 items has `nowhere` in it" in shown(view), timeout=15)
    await stage.sam.click(view, "choose.find", value="v11")
    await stage.slack.wait_for(lambda: "with `v11`" in shown(view), timeout=15)
    await turned(stage, view, "choose.off", "22 unticked so far")
    await turned(stage, view, "choose.on", "12 unticked so far")
    said = await submitted(stage, stage.sam, view, {})
    assert "with 108 items. You took 12 items off." in said
    await revision(stage, card)
    (content,) = [content for name, content in stage.files(card).items() if "revision-2" in name]
    assert {row["tags"] for row in csv.DictReader(io.StringIO(content.decode()))} == {
        f"v{n:03}" for n in range(120)
    } - {"v000", "v001", *(f"v03{n}" for n in range(10))}


def without_names(view: View, *names: str) -> dict[str, Any]:
    """As ``without``, by what the name of an item begins with."""
    ticks: dict[str, Any] = {}
    for text, (block, value) in boxes(view).items():
        chosen = ticks.setdefault(block, {"choose.items": []})["choose.items"]
        if not text.startswith(names):
            chosen.append(value)
    return ticks


async def turned(stage: Stage, view: View, button: str, words: str) -> None:
    """Click a button of the form and wait for the page with these words."""
    outcome = await stage.sam.click(view, button)
    assert outcome.ok, outcome
    await stage.slack.wait_for(lambda: words in shown(view), timeout=15)


async def test_tags_of_a_purge_can_be_unticked(stage: Stage) -> None:
    """Of tags that would be removed one stays, and the manifests stay as they are."""
    for number in range(3):
        stage.registry.push_image("myrepo", tags=[f"pr-{number}"], layers=[number + 1], updated=days_ago(30))
    card = await stage.propose(stage.riley, "/acr purge 'myrepo:^pr-' --ago 7d")
    view = await opened(stage, stage.sam, card)
    assert "remove the tag pr-1" in boxes(view)
    await submitted(stage, stage.sam, view, without_names(view, "remove the tag pr-1"))
    assert "*Remove 2 tags* in `myrepo`" in await revision(stage, card)
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    assert stage.registry.tags("myrepo").keys() == {"pr-1"}


async def test_a_large_share_is_counted_again(transport: str) -> None:
    """What had to be typed for the old list need not be for one that takes less."""
    async with make_stage(transport, settings={"ACR_TAGGED_SHARE": "50"}) as stage, stage.running():
        digests = [
            stage.registry.push_image("myrepo", tags=[f"v{n}"], layers=[n + 1], updated=days_ago(60 - n))
            for n in range(4)
        ]
        card = await stage.propose(stage.riley, "/acr old myrepo --older-than 30d --keep 1")
        assert "To approve it, type the name of the repository" in text_of(card)
        view = await opened(stage, stage.riley, card)
        await submitted(stage, stage.riley, view, without(view, digests[0]))
        assert "type the name" not in await revision(stage, card)
        await stage.sam.click(card, "approve")
        await stage.settled(card)
        assert stage.registry.digests("myrepo") == {digests[0], digests[3]}


async def test_what_may_not_go_any_more_is_left_out_and_said(stage: Stage) -> None:
    """All is judged afresh: what was tagged since the proposal is not on the new list."""
    digests = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    view = await opened(stage, stage.sam, card)
    stage.registry.tag("myrepo", digests[3], "rescued")
    said = await submitted(stage, stage.sam, view, without(view, digests[0]))
    assert "You took 1 item off; 1 more is left out as changed or gone since." in said
    await revision(stage, card)
    assert listed(stage, card, 2) == {digests[1], digests[2]}


async def test_while_the_registry_is_away_nothing_changes(stage: Stage) -> None:
    """The form comes back with what is wrong, and works once the registry answers again."""
    digests = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    view = await opened(stage, stage.sam, card)
    stage.acr.faults.add(Fault(status=403, kind="list_manifests"))
    said = await submitted(stage, stage.sam, view, without(view, digests[0]))
    assert "1 unticked so far" in said
    assert [event["deed"] for event in stage.events()] == ["proposed"]
    stage.acr.faults.clear()
    assert "Revision 2" in await submitted(stage, stage.sam, view, {})


async def test_a_form_that_can_not_be_opened_in_time_says_so(stage: Stage) -> None:
    """The next click tries again."""
    seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    stage.slack.fail("views.open", error="expired_trigger_id")
    await stage.private_after(stage.sam, stage.sam.click(card, "choose"), "could not be opened in time")
    assert len(boxes(await opened(stage, stage.sam, card))) == 4


async def test_revisions_follow_each_other_and_all_is_on_record(stage: Stage) -> None:
    """Each revision's list can be told from the record: the checksum that a vote was for comes out again."""
    digests = seed(stage, 5)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    for number, person in ((2, stage.sam), (3, stage.riley)):
        view = await opened(stage, person, card)
        await submitted(stage, person, view, without(view, digests[number]))
        await person.close(view)
        await revision(stage, card, number)
    pending = read(await stage.ask(stage.riley, "/acr pending"))
    assert "revision 3" in pending
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    assert stage.registry.digests("myrepo") == {digests[2], digests[3]}
    proposed, *made = [event for event in stage.events() if event["deed"] in {"proposed", "revised"}]
    on_list = {("myrepo", digest) for digest in (digests[0], digests[1], digests[4])}
    for revised in reversed(made):
        assert checksum_of(stage.acr.login_server, on_list) == revised["to_checksum"]
        on_list |= {(one["repository"], one["digest"]) for one in revised["taken_off"]}
    assert checksum_of(stage.acr.login_server, on_list) == proposed["checksum"]
    assert on_list == {("myrepo", digest) for digest in digests}


@pytest.mark.parametrize("good", [True, False])
async def test_an_answer_that_takes_long_comes_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, *, good: bool
) -> None:
    """Slack waits for three seconds only: until the registry was looked at the form says that it is."""
    monkeypatch.setattr(choosing, "ANSWER_SECONDS", 0.0)
    monkeypatch.setattr(choosing, "BEHIND_SECONDS", 0.3)
    digests = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    view = await opened(stage, stage.sam, card)
    outcome = await stage.sam.submit(view, without(view, digests[0]) if good else {})
    assert outcome.ok
    assert "Looking at the registry again" in json.dumps(outcome.body)
    words = "*Revision 2 is on the card*" if good else "Your choice takes nothing off the list."
    await stage.slack.wait_for(lambda: words in shown(view), timeout=15)
    if good:
        await revision(stage, card)


async def test_a_form_that_was_closed_meanwhile_counts(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sends it and closes it while the registry is looked at sees on the card what came of it."""
    monkeypatch.setattr(choosing, "ANSWER_SECONDS", 0.0)
    digests = seed(stage)
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    view = await opened(stage, stage.sam, card)
    assert (await stage.sam.submit(view, without(view, digests[0]))).ok
    await stage.sam.close(view)
    await revision(stage, card)
    assert listed(stage, card, 2) == set(digests[1:])


async def test_what_a_crash_keeps_from_the_card_comes_with_the_next_start(transport: str) -> None:
    """The new revision is written down before it is shown: the next start draws the card and attaches the list."""
    async with make_stage(transport) as stage:
        async with stage.running():
            digests = seed(stage)
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            view = await opened(stage, stage.sam, card)
            stage.slack.fail("chat.update", error="fatal_error", times=10_000)
            assert "Revision 2" in await submitted(stage, stage.sam, view, without(view, digests[0]))
            await stage.private_after(stage.kim, stage.kim.click(card, "approve"), "This card has changed since.")
        assert "Revision 2:" not in text_of(card)
        assert len(stage.files(card)) == 1
        stage.slack.core.faults.clear()
        async with stage.running():
            await revision(stage, card)
            assert listed(stage, card, 2) == set(digests[1:])
            await stage.kim.click(card, "approve")
            await stage.settled(card)
            assert stage.registry.digests("myrepo") == {digests[0]}
            assert [name for name in stage.files(card) if "revision-2" in name] == [
                name for name in stage.files(card) if name.endswith("revision-2-plan.csv")
            ]
