"""The app's Home tab: what waits for whoever opens it, with buttons, and how things stand."""

import re
from datetime import timedelta

from sandbox.slack import Human, View, check_message, text_of
from tests.scenarios.reading import propose
from tests.scenarios.rejecting import reject
from tests.scenarios.stage import KIM, OPS, RILEY, SAM, Stage, days_ago, make_stage

MIB = 2**20


def seed(stage: Stage, *names: str) -> set[str]:
    """Put something to delete into each repository, beside something that stays; give its digests."""
    names = names or ("app",)
    for name in names:
        stage.registry.push_image(name, tags=["v1"], layers=[7], updated=days_ago(40))
    return {
        stage.registry.push_image(name, layers=[5 * MIB + number], media="docker", updated=days_ago(40))
        for number, name in enumerate(names)
    }


async def opened(stage: Stage, person: Human) -> View:
    """Open Home as somebody, wait until it is drawn anew, and hold it against Slack's limits."""
    before = person.home.hash if person.home else ""
    outcome = await person.open_home()
    assert outcome.ok, outcome
    await stage.slack.wait_for(lambda: person.home and person.home.hash != before, timeout=15)
    return shown(person)


def shown(person: Human) -> View:
    """Give somebody's Home as it is now; Slack must have taken it as it is."""
    assert person.home is not None
    assert check_message(person.home.definition, "home") == []
    return person.home


async def says(stage: Stage, person: Human, words: str, *, without: str = "") -> str:
    """Wait until somebody's Home says something, and no more something else."""

    def there() -> bool:
        text = text_of(shown(person))
        return words in text and (not without or without not in text)

    await stage.slack.wait_for(there, timeout=20)
    return text_of(shown(person))


async def test_an_empty_home_says_where_to_begin(stage: Stage) -> None:
    """Nothing waits, nothing was proposed, nobody gets a report: each says so, and what to type."""
    text = text_of(await opened(stage, stage.olu))
    for words in (
        "Nothing waits for your approval.",
        "You have proposed nothing yet.",
        "Nobody gets one yet.",
        "*Freed this month*: nothing",
        "`/acr help`",
    ):
        assert words in text


async def test_an_approver_decides_at_home(stage: Stage) -> None:
    """What waits is on top, its button asks once more, and the click deletes exactly that and says so."""
    digests = seed(stage)
    card = await propose(stage, stage.riley, "app")
    home = await opened(stage, stage.sam)
    text = text_of(home)
    assert text.startswith("Waiting for you: 1")
    assert "1 untagged manifest" in text
    assert f"Asked by <@{RILEY}>" in text
    assert card.ts.replace(".", "") in str(home.blocks), "a link leads to the card"
    confirm = stage.sam.confirm_of(home, "approve")
    assert confirm is not None
    assert confirm["title"]["text"] == "Delete 1 manifest?"
    outcome = await stage.sam.click(home, "approve")
    assert outcome.ok, outcome
    await stage.settled(card)
    assert not digests & stage.registry.digests("app")
    text = await says(stage, stage.sam, "1 manifest deleted", without="Waiting for you: 1")
    assert "You have approved the" in text
    assert re.search(r"\*Freed this month\*: (up to )?\*5 MiB\* \(1 manifest deleted\)\.", text)
    assert f"Approved by <@{SAM}>" in text
    assert next(e for e in stage.events() if e["deed"] == "approved")["actor"] == SAM


async def test_everybody_who_looks_sees_a_decision(stage: Stage) -> None:
    """One decides on the card; Home changes for the one who asked and for the other approver, without a click."""
    seed(stage)
    card = await propose(stage, stage.riley, "app")
    assert "Waits for a decision" in text_of(await opened(stage, stage.riley))
    assert "Waiting for you: 1" in text_of(await opened(stage, stage.kim))
    await reject(stage, stage.sam, card)
    await says(stage, stage.kim, "Nothing waits for your approval.")
    text = await says(stage, stage.riley, "Rejected by")
    assert f"<@{SAM}>" in text
    assert stage.sam.home is None, "who has never opened it gets none"


async def test_a_new_proposal_appears(stage: Stage) -> None:
    """An approver who looks at Home sees it come up."""
    seed(stage)
    await opened(stage, stage.sam)
    await propose(stage, stage.riley, "app")
    await says(stage, stage.sam, "Waiting for you: 1")


async def test_who_asked_withdraws_at_home(stage: Stage) -> None:
    """Their own proposals have that button; an approver's own does not wait for themselves."""
    seed(stage)
    card = await propose(stage, stage.sam, "app")
    home = await opened(stage, stage.sam)
    assert "Nothing waits for your approval." in text_of(home)
    await stage.sam.click(home, "withdraw")
    await stage.until(card, "Withdrawn")
    text = await says(stage, stage.sam, "You have withdrawn the", without="until <!date")
    assert "Withdrawn" in text


async def test_a_late_click_at_home_is_told_there(stage: Stage) -> None:
    """A tab that is out of date changes nothing; who clicked reads why on top of it, and it is up to date again."""
    seed(stage)
    card = await propose(stage, stage.riley, "app")
    home = await opened(stage, stage.kim)
    stage.slack.fail("views.publish", "fatal_error", match=lambda call: call.get("user_id") == KIM)
    await reject(stage, stage.sam, card)
    await stage.until(card, "Rejected")
    await stage.slack.wait_for(
        lambda: [c for c in stage.slack.calls_of("views.publish") if not c.response["ok"]], timeout=20
    )
    outcome = await stage.kim.click(home, "approve")
    assert outcome.ok, outcome
    text = await says(stage, stage.kim, "This was rejected by", without="Waiting for you: 1")
    assert "Your click changed nothing." in text
    assert "This was rejected" not in text_of(await opened(stage, stage.kim)), "it is told once"


async def test_where_home_can_t_be_drawn_it_is_told_in_a_direct_message(stage: Stage) -> None:
    """Slack refuses the tab: what came of the click arrives all the same."""
    seed(stage)
    card = await propose(stage, stage.riley, "app")
    home = await opened(stage, stage.sam)
    stage.slack.fail("views.publish", "fatal_error", times=50)
    await reject(stage, stage.sam, home)
    await stage.until(card, "Rejected")
    dm = stage.sam.dm
    await stage.slack.wait_for(lambda: any("You have rejected" in text_of(m) for m in stage.sam.messages(dm)))


async def test_a_name_is_typed_at_home_as_on_the_card(stage: Stage) -> None:
    """A whole repository takes the same form; what is wrong is said in it, what is right deletes."""
    digests = seed(stage)
    card = await stage.propose(stage.riley, "/acr delete app")
    home = await opened(stage, stage.sam)
    assert stage.sam.confirm_of(home, "approve") is None
    await stage.sam.click(home, "approve")
    await stage.slack.wait_for(lambda: stage.sam.view is not None)
    form = stage.sam.view
    assert form is not None
    wrong = await stage.sam.submit(form, {"typed": "ap"})
    assert "type app" in " ".join(wrong.errors.values())
    right = await stage.sam.submit(form, {"typed": "app"})
    assert right.ok, right
    assert not right.errors
    await stage.settled(card)
    assert not digests & stage.registry.digests("app")
    await says(stage, stage.sam, "You have approved the", without="Waiting for you: 1")


async def test_a_group_that_can_t_be_looked_up_is_named(stage: Stage) -> None:
    """Home says why it does not know what waits for this person, and shows the rest."""
    seed(stage)
    await propose(stage, stage.riley, "app")
    stage.slack.fail("usergroups.users.list", "fatal_error", times=5)
    text = text_of(await opened(stage, stage.kim))
    assert "Slack did not say who is in" in text
    assert "Your proposals" in text
    assert not stage.kim.messages(stage.kim.dm)


async def test_teams_and_their_next_report(stage: Stage) -> None:
    """Each with its channel and time, in every reader's own zone."""
    await stage.ask(stage.riley, "/acr subscribe 'web/*' --day tue --at 8:30 --zone Europe/Amsterdam")
    text = text_of(await opened(stage, stage.olu))
    assert f"`web/*` in <#{OPS}>, Tuesdays at 08:30 (Europe/Amsterdam): next <!date^" in text


async def test_what_has_expired_goes_from_home(transport: str) -> None:
    """Closing it counts as a decision: whoever opened Home before sees it gone after a restart."""
    async with make_stage(transport) as stage:
        seed(stage)
        async with stage.running():
            await propose(stage, stage.riley, "app")
            await opened(stage, stage.riley)
        stage.clock_ahead = timedelta(hours=73)
        # Of three days ago: only who asked is concerned.
        async with stage.running():
            await says(stage, stage.riley, "Expired: nobody decided in time")
