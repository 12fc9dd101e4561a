from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import NotPossibleError, SlackSandbox, View
from tests.sandbox_slack.bolt_app import button, modal
from tests.sandbox_slack.conftest import Clock, error_of
from tests.sandbox_slack.listener import Listener

SECTION = {"type": "section", "block_id": "s", "text": {"type": "plain_text", "text": "hello"}}
MORE = {"type": "actions", "block_id": "more", "elements": [button("more", "More")]}
HOME = {"type": "home", "blocks": [SECTION]}


def field(block_id: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Build an input block whose element has the block's id as action id."""
    label = {"type": "plain_text", "text": block_id.title()}
    return {
        "type": "input",
        "block_id": block_id,
        "label": label,
        "element": {"action_id": block_id, **element},
        **more,
    }


def options(*values: str) -> list[dict[str, Any]]:
    """Build options that read as their values do, in capitals."""
    return [{"text": {"type": "plain_text", "text": value.upper()}, "value": value} for value in values]


async def trigger(slack: SlackSandbox) -> str:
    """Let alice cause a trigger id with a command."""
    await slack.human("U_ALICE").slash("/acr", channel="C_OPS")
    return str(slack.last_delivery.payload["trigger_id"])


async def opened(slack: SlackSandbox, client: AsyncWebClient, view: dict[str, Any]) -> View:
    """Open a modal for alice."""
    await client.views_open(trigger_id=await trigger(slack), view=view)
    shown = slack.human("U_ALICE").view
    assert shown is not None
    return shown


async def test_trigger_ids_work_once_for_three_seconds(
    slack: SlackSandbox, client: AsyncWebClient, listener: Listener, clock: Clock
) -> None:
    """A trigger id used twice, used late, or made up has Slack's error for each."""
    first, second, third = [await trigger(slack) for _ in range(3)]
    clock.now += 3
    assert (await client.views_open(trigger_id=first, view=modal()))["ok"]
    assert await error_of(client.views_open(trigger_id=first, view=modal())) == "exchanged_trigger_id"
    clock.now += 0.1
    assert await error_of(client.views_open(trigger_id=second, view=modal())) == "expired_trigger_id"
    assert await error_of(client.views_open(trigger_id="1.2.3", view=modal())) == "invalid_trigger_id"
    assert await error_of(client.views_open(trigger_id=third, view={"type": "modal"})) == "invalid_arguments"


async def test_views_are_checked(slack: SlackSandbox, client: AsyncWebClient, listener: Listener) -> None:
    """A view past the limits is invalid_arguments with places inside the view; one past 250 KB is view_too_large."""
    long = modal(title={"type": "plain_text", "text": "x" * 25})
    with pytest.raises(Exception, match=r"must be less than 25 characters \[json-pointer:/view/title/text\]"):
        await client.views_open(trigger_id=await trigger(slack), view=long)
    big = [{"type": "section", "text": {"type": "plain_text", "text": "é" * 3000}}] * 50
    assert await error_of(client.views_publish(user_id="U_ALICE", view={"type": "home", "blocks": big})) == (
        "view_too_large"
    )


async def test_updates_are_guarded_by_hash(slack: SlackSandbox, client: AsyncWebClient, listener: Listener) -> None:
    """An update with an old hash is hash_conflict, one of a closed modal not_found; what was typed stays."""
    alice = slack.human("U_ALICE")
    view = await opened(slack, client, modal(external_id="mine"))
    first = view.hash
    alice.enter(view, {"note": {"note": "kept"}})
    changed = await client.views_update(view_id=view.id, hash=first, view=modal())
    assert await error_of(client.views_update(view_id=view.id, hash=first, view=modal())) == "hash_conflict"
    assert (await client.views_update(view_id=view.id, hash=changed["view"]["hash"], view=modal(external_id="mine")))[
        "ok"
    ]
    assert (await client.views_update(external_id="mine", view=modal()))["ok"]
    assert view.entered["note"]["note"]["value"] == "kept"
    await alice.close(view)
    assert await error_of(client.views_update(view_id=view.id, view=modal())) == "not_found"


async def test_the_stack_is_three_deep(slack: SlackSandbox, client: AsyncWebClient, listener: Listener) -> None:
    """Modals go on top of each other up to three; closing the top one shows the one under it."""
    alice = slack.human("U_ALICE")
    asking = {**modal(), "blocks": [MORE]}
    await opened(slack, client, asking)
    for depth in (2, 3, 4):
        top = alice.view
        assert top is not None
        await alice.click(top, "more")
        push = client.views_push(trigger_id=slack.last_delivery.payload["trigger_id"], view=asking)
        if depth == 4:
            assert await error_of(push) == "push_limit_reached"
        else:
            pushed = (await push)["view"]
            assert (pushed["previous_view_id"], pushed["root_view_id"]) == (top.id, alice.views[0].id)
    assert len(alice.views) == 3
    with pytest.raises(NotPossibleError, match="is not on U_ALICE's screen"):
        await alice.click(alice.views[0], "more")
    top = alice.views[-1]
    await alice.close(top)
    assert len(alice.views) == 2
    assert await error_of(client.views_push(trigger_id=await trigger(slack), view=asking)) == "not_found"


async def test_a_submission_carries_every_value(
    slack: SlackSandbox, client: AsyncWebClient, listener: Listener
) -> None:
    """state.values has the right shape for each kind of input, touched or not."""
    alice = slack.human("U_ALICE")
    view = await opened(
        slack,
        client,
        modal(
            blocks=[
                field("text", {"type": "plain_text_input"}),
                field("days", {"type": "number_input", "is_decimal_allowed": True}),
                field("rule", {"type": "static_select", "options": options("a", "b")}),
                field("scope", {"type": "radio_buttons", "options": options("one", "all")}),
                field("flags", {"type": "checkboxes", "options": options("x", "y", "z")}),
                field("day", {"type": "datepicker", "initial_date": "2026-11-23"}),
                field("left", {"type": "static_select", "options": options("a")}, optional=True),
                field("who", {"type": "users_select"}),
                {**MORE, "elements": [{"type": "timepicker", "action_id": "at", "initial_time": "09:00"}]},
            ]
        ),
    )
    outcome = await alice.submit(
        view,
        {"text": "hi", "days": 2.5, "rule": {"rule": "B"}, "scope": "all", "flags": ["x", "Z"], "who": "U_BOB"},
    )
    assert outcome.ok
    payload = slack.last_delivery.payload
    assert payload["type"] == "view_submission"
    assert payload["view"]["private_metadata"] == "C_OPS"
    x, _, z = options("x", "y", "z")
    assert payload["view"]["state"]["values"] == {
        "text": {"text": {"type": "plain_text_input", "value": "hi"}},
        "days": {"days": {"type": "number_input", "value": "2.5"}},
        "rule": {"rule": {"type": "static_select", "selected_option": options("b")[0]}},
        "scope": {"scope": {"type": "radio_buttons", "selected_option": options("all")[0]}},
        "flags": {"flags": {"type": "checkboxes", "selected_options": [x, z]}},
        "day": {"day": {"type": "datepicker", "selected_date": "2026-11-23"}},
        "left": {"left": {"type": "static_select", "selected_option": None}},
        "who": {"who": {"type": "users_select", "selected_user": "U_BOB"}},
        "more": {"at": {"type": "timepicker", "selected_time": "09:00"}},
    }
    assert alice.view is None


async def test_the_form_refuses_before_the_app_does(
    slack: SlackSandbox, client: AsyncWebClient, listener: Listener
) -> None:
    """Required, too short, out of range: the form says so itself and the app isn't asked."""
    alice = slack.human("U_ALICE")
    number = {"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "9"}
    blocks = [
        field("text", {"type": "plain_text_input", "min_length": 2, "max_length": 3}),
        field("days", number),
        field("mail", {"type": "email_text_input"}, optional=True),
    ]
    view = await opened(slack, client, modal(blocks=blocks))
    before = len(slack.deliveries)
    outcome = await alice.submit(view)
    assert not outcome.sent
    assert set(outcome.errors) == {"text", "days"}
    for text, days, mail, wrong in (
        ("x", 1, "", {"text"}),
        ("xxxx", 1, "", {"text"}),
        ("xx", 0, "", {"days"}),
        ("xx", 10, "", {"days"}),
        ("xx", 1.5, "", {"days"}),
        ("xx", "many", "nobody", {"days", "mail"}),
    ):
        assert set((await alice.submit(view, {"text": text, "days": days, "mail": mail})).errors) == wrong
    assert len(slack.deliveries) == before
    assert (await alice.submit(view, {"text": "xx", "days": 1, "mail": "a@b"})).ok


async def test_what_a_submission_is_answered_with(
    slack: SlackSandbox, client: AsyncWebClient, listener: Listener
) -> None:
    """An answer can show errors, update the modal, push another one, or clear them all."""
    alice = slack.human("U_ALICE")
    plain = {**modal(), "blocks": [field("text", {"type": "plain_text_input", "initial_value": "x"})]}
    view = await opened(slack, client, plain)
    listener.says({"response_action": "errors", "errors": {"text": "Not that"}})
    assert (await alice.submit(view)).errors == {"text": "Not that"} == view.errors
    listener.says({"response_action": "update", "view": {**plain, "title": {"type": "plain_text", "text": "Second"}}})
    assert (await alice.submit(view)).ok
    assert (view.title, view.errors) == ("Second", {})
    listener.says({"response_action": "push", "view": {**plain, "title": {"type": "plain_text", "text": "Third"}}})
    await alice.submit(view)
    assert [shown.title for shown in alice.views] == ["Second", "Third"]
    listener.says({"response_action": "clear"})
    await alice.submit(alice.views[-1])
    assert alice.views == []


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "explode"},
        500,
    ],
)
async def test_a_useless_answer_to_a_submission(
    slack: SlackSandbox, client: AsyncWebClient, listener: Listener, answer: Any
) -> None:
    """Where the app's answer is of no use, the modal stays and the person is told of trouble."""
    alice = slack.human("U_ALICE")
    text = field("text", {"type": "plain_text_input", "initial_value": "x"})
    view = await opened(slack, client, {**modal(), "blocks": [text]})
    listener.says(answer)
    outcome = await alice.submit(view)
    assert not outcome.ok
    assert outcome.shown == "We had some trouble connecting. Try again?"
    assert alice.view is view


async def test_closing_tells_the_app_where_it_asked(
    slack: SlackSandbox, client: AsyncWebClient, listener: Listener
) -> None:
    """view_closed comes for views with notify_on_close, and says whether the whole stack was cleared."""
    alice = slack.human("U_ALICE")
    view = await opened(slack, client, modal())
    assert not (await alice.close(view)).sent
    view = await opened(slack, client, modal(notify_on_close=True))
    assert (await alice.close(view)).ok
    payload = slack.last_delivery.payload
    assert (payload["type"], payload["view"]["id"], payload["is_cleared"]) == ("view_closed", view.id, False)
    view = await opened(slack, client, modal(notify_on_close=True))
    await alice.close(view, clear=True)
    assert slack.last_delivery.payload["is_cleared"]
    with pytest.raises(NotPossibleError, match="no modal is open"):
        await alice.close(view)


async def test_home_is_per_person(slack: SlackSandbox, client: AsyncWebClient) -> None:
    """A Home tab is seen by its person only, keeps its id over changes, and is guarded by its hash."""
    first = (await client.views_publish(user_id="U_ALICE", view=HOME))["view"]
    second = (await client.views_publish(user_id="U_ALICE", view=HOME, hash=first["hash"]))["view"]
    assert second["id"] == first["id"]
    stale = client.views_publish(user_id="U_ALICE", view=HOME, hash=first["hash"])
    assert await error_of(stale) == "hash_conflict"
    assert slack.human("U_BOB").home is None
    assert await error_of(client.views_publish(user_id="U_NOBODY", view=HOME)) == "user_not_found"


async def test_a_click_in_home_and_in_a_modal(slack: SlackSandbox, client: AsyncWebClient, listener: Listener) -> None:
    """A click in a view carries the view and its values, and no response URL."""
    alice = slack.human("U_ALICE")
    await client.views_publish(user_id="U_ALICE", view={"type": "home", "blocks": [MORE]})
    home = alice.home
    assert home is not None
    await alice.click(home, "more")
    payload = slack.last_delivery.payload
    assert payload["container"] == {"type": "view", "view_id": home.id}
    assert "response_url" not in payload
    assert "channel" not in payload
    with pytest.raises(NotPossibleError, match="not U_BOB's Home tab"):
        await slack.human("U_BOB").click(home, "more")


async def test_suggestions_are_asked_for_as_configured(
    slack: SlackSandbox, client: AsyncWebClient, listener: Listener
) -> None:
    """An external select asks from its minimum length on, and only what was suggested can be chosen."""
    alice = slack.human("U_ALICE")
    view = await opened(slack, client, modal())
    with pytest.raises(NotPossibleError, match="from 2 characters on"):
        await alice.type_ahead(view, "repo", "m")
    listener.says({"options": options("myrepo")})
    assert await alice.type_ahead(view, "repo", "my") == options("myrepo")
    payload = slack.last_delivery.payload
    assert (payload["type"], payload["value"], payload["action_id"]) == ("block_suggestion", "my", "repo")
    with pytest.raises(NotPossibleError, match="no option 'other'"):
        await alice.submit(view, {"repo": "other", "days": 1})
    listener.says({"option_groups": [{"label": options("x")[0]["text"], "options": options("grouped")}]})
    assert await alice.type_ahead(view, "repo", "gr") == options("grouped")
    listener.says({"options": [{"text": "bare", "value": "v"}]})
    with pytest.raises(Exception, match="invalid_options"):
        await alice.type_ahead(view, "repo", "my")
