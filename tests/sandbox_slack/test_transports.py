from slack_bolt.async_app import AsyncApp

from sandbox.slack import SlackSandbox, text_of


async def test_a_command_is_acknowledged_and_answered(slack: SlackSandbox, app: AsyncApp) -> None:
    """A command's answer through its response URL is seen by the one who typed, and nobody else."""
    alice, bob = slack.human("U_ALICE"), slack.human("U_BOB")
    outcome = await alice.slash("/acr untagged myrepo", channel="C_OPS")
    assert outcome.ok
    assert outcome.body is None
    message = await slack.wait_for(lambda: alice.messages("C_OPS"))
    assert [text_of(m) for m in message] == ["you said untagged myrepo"]
    assert message[0].ephemeral
    assert bob.messages("C_OPS") == []


async def test_a_command_is_answered_in_its_acknowledgement(slack: SlackSandbox, app: AsyncApp) -> None:
    """Text in the acknowledgement becomes an ephemeral message."""
    outcome = await slack.human("U_ALICE").slash("/acr now", channel="C_OPS")
    assert outcome.message is not None
    assert text_of(outcome.message) == "right away"


async def test_a_click_goes_all_the_way(slack: SlackSandbox, app: AsyncApp) -> None:
    """A click on a card's button reaches the app, which edits the card, uploads a file into its thread, and answers."""
    alice, bob = slack.human("U_ALICE"), slack.human("U_BOB")
    await alice.slash("/acr card", channel="C_OPS")
    (card,) = await slack.wait_for(lambda: alice.messages("C_OPS"))
    confirm = bob.confirm_of(card, "approve")
    assert confirm is not None
    assert confirm["confirm"]["text"] == "Delete"
    assert (await bob.click(card, "approve")).ok
    await slack.wait_for(lambda: len(bob.messages("C_OPS")) == 2)
    assert card.text == "Approved"
    assert [version.text for version in card.versions] == ["Delete?", "Approved"]
    assert text_of(bob.messages("C_OPS")[1]) == "noted"
    reply = alice.thread("C_OPS", card.ts)[1]
    assert reply.files[0].content == b"digest,age\nsha256:1,3d\n"
    assert reply.files[0].mimetype == "text/csv"
    assert text_of(reply) == "the whole list\n[file items.csv, 23 bytes]"


async def test_a_modal_with_errors_then_without(slack: SlackSandbox, app: AsyncApp) -> None:
    """A modal opens, suggests options, shows the app's errors, and closes once it is right."""
    alice = slack.human("U_ALICE")
    await alice.slash("/acr ask", channel="C_OPS")
    view = await slack.wait_for(lambda: alice.view)
    options = await alice.type_ahead(view, "repo", "my")
    assert [option["value"] for option in options] == ["myrepo", "mytools"]
    outcome = await alice.submit(view, {"repo": "myrepo", "days": 0})
    assert outcome.errors == {"days": "At least one day"}
    assert alice.views == [view]
    outcome = await alice.submit(view, {"days": {"days": 3}})
    assert outcome.ok
    assert alice.view is None
    (told,) = await slack.wait_for(lambda: alice.messages(alice.dm))
    assert text_of(told) == "looking at myrepo"


async def test_home_is_published(slack: SlackSandbox, app: AsyncApp) -> None:
    """Opening the Home tab brings an event, and the app publishes what the person sees."""
    alice = slack.human("U_ALICE")
    assert (await alice.open_home()).ok
    home = await slack.wait_for(lambda: alice.home)
    assert text_of(home) == "Hello <@U_ALICE>"
