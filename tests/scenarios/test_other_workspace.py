"""Payloads that are truly signed and still must not decide: from another workspace, or with somebody else's button."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode

import aiohttp
import pytest

from bot.domain.proposal import Deed
from bot.domain.workspace import Workspace
from bot.store import Store, open_audit
from sandbox.slack import text_of
from tests.scenarios.rejecting import reject
from tests.scenarios.stage import OPS, RILEY, SAM, Stage, days_ago, make_stage
from tests.scenarios.test_home import opened

Change = Callable[[dict[str, Any]], None]


def from_another_team(payload: dict[str, Any]) -> None:
    """Let a person with an approver's id click in another workspace."""
    payload["user"] = {**payload["user"], "id": SAM, "team_id": "T0OTHER"}
    payload["team"] = {"id": "T0OTHER", "domain": "fabrikam"}


def from_another_team_of_the_enterprise(payload: dict[str, Any]) -> None:
    """Slack leaves the workspace out where a person of another one acts in an org-wide install."""
    payload["user"] = {**payload["user"], "id": SAM, "team_id": "T0OTHER"}
    payload["team"] = None
    payload["enterprise"] = {"id": "E0CONTOSO", "name": "Contoso"}


def from_another_enterprise(payload: dict[str, Any]) -> None:
    """Let a person with an approver's id click in a workspace of the same id in another organisation."""
    payload["user"] = {**payload["user"], "id": SAM}
    payload["enterprise"] = {"id": "E0OTHER", "name": "Fabrikam"}


def from_a_shared_channel(payload: dict[str, Any]) -> None:
    """Slack sends a click of another company's person under our workspace, with theirs beside the person's id."""
    payload["user"] = {**payload["user"], "id": SAM, "team_id": "T0OTHER"}


async def click_as(stage: Stage, address: str, button: str, change: Change, trigger: str) -> int:
    """Send Olu's last click again as another button, changed, with a fresh trigger and a true signature."""
    delivery = stage.slack.last_delivery
    payload = json.loads(parse_qs(delivery.body.decode())["payload"][0])
    payload["trigger_id"] = trigger
    payload["actions"][0]["action_id"] = button
    change(payload)
    body = urlencode({"payload": json.dumps(payload)})
    headers = {"Content-Type": delivery.headers["Content-Type"]} | stage.slack.signed(body)
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{address}/slack/events", data=body, headers=headers) as answer,
    ):
        return answer.status


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (from_another_team, Workspace("T0OTHER", "E0CONTOSO")),
        (from_another_team_of_the_enterprise, Workspace("T0OTHER", "E0CONTOSO")),
        (from_another_enterprise, Workspace("T0EXAMPLE", "E0OTHER")),
        (from_a_shared_channel, Workspace("T0OTHER")),
    ],
)
@pytest.mark.parametrize("button", ["approve", "reject", "withdraw", "stop", "retry"])
async def test_a_click_from_another_workspace_decides_nothing(button: str, change: Change, where: Workspace) -> None:
    """A proposal belongs to the workspace where it was made: elsewhere it is not even known."""
    async with make_stage("http") as stage, _in_an_organisation(stage, where).running() as app:
        loose = {stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))}
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stage.private_after(stage.olu, stage.olu.click(card, "approve"), "not one of those who may")

        def by_the_requester(payload: dict[str, Any]) -> None:
            change(payload)
            payload["user"]["id"] = RILEY

        assert await click_as(stage, app.address, button, change, "1.1.a") == 200
        assert await click_as(stage, app.address, button, by_the_requester, "1.1.b") == 200
        await stage.slack.wait_for(
            lambda: [m for m in stage.olu.messages(OPS) if "is not known here" in text_of(m)], timeout=15
        )
        await stage.slack.settle(0.5)
        assert "[Approve]" in text_of(card)
        assert stage.registry.digests("myrepo") == loose
        async with open_audit(stage.environ["DATABASE_URL"]) as audit:
            theirs, _ = await audit.latest(where, most=9)
            ours, _ = await audit.latest(Workspace("T0EXAMPLE", where.enterprise_id and "E0CONTOSO"), most=99)
        # What is on record of it is theirs, and says nothing of the workspace whose proposal it is.
        assert {row["deed"] for row in theirs} == {Deed.REFUSED}
        assert {(row["team_id"], row["enterprise_id"]) for row in theirs} == {(where.team_id, where.enterprise_id)}
        assert Deed.PROPOSED in {row["deed"] for row in ours}
        assert not {row["id"] for row in theirs} & {row["id"] for row in ours}


def _in_an_organisation(stage: Stage, where: Workspace) -> Stage:
    """Let the workspace be part of an organisation, unless the other one is in none."""
    stage.slack.workspace.enterprise_id = "E0CONTOSO" if where.enterprise_id else None
    return stage


@pytest.mark.parametrize("other", [Workspace("T0OTHER"), Workspace("T0EXAMPLE", "E0OTHER"), Workspace("T0EXAMPLE")])
async def test_lists_are_of_one_workspace(transport: str, other: Workspace) -> None:
    """What waits, what was deleted, who gets reports and the record of one workspace is not told in another."""
    async with make_stage(transport) as stage:
        stage.slack.workspace.enterprise_id = "E0CONTOSO"
        for number, repo in enumerate(("myrepo", "other")):
            stage.registry.push_image(repo, layers=[number + 1], updated=days_ago(9))
        async with stage.running():
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            await stage.sam.click(card, "approve")
            await stage.settled(card)
            await stage.propose(stage.riley, "/acr untagged other")
            assert "1 proposal waits" in text_of(await stage.ask(stage.riley, "/acr pending"))
            assert "*1 manifest* deleted" in text_of(await stage.ask(stage.riley, "/acr history"))
            await stage.ask(stage.riley, "/acr subscribe other")
            assert "other in" in text_of(await stage.ask(stage.riley, "/acr subscriptions"))
        stage.slack.workspace.team_id, stage.slack.workspace.enterprise_id = other.team_id, other.enterprise_id or None
        async with stage.running():
            assert "other" not in text_of(await stage.ask(stage.riley, "/acr pending"))
            assert "Nothing was deleted" in text_of(await stage.ask(stage.riley, "/acr history"))
            assert "other" not in text_of(await stage.ask(stage.riley, "/acr subscriptions"))
            assert "no subscription" in text_of(await stage.ask(stage.riley, "/acr unsubscribe other"))
            home = text_of(await opened(stage, stage.sam))
            assert "Nothing waits for your approval." in home
            assert "*Freed this month*: nothing" in home
            assert "Nobody gets one yet." in home
        async with open_audit(stage.environ["DATABASE_URL"]) as audit:
            assert {row["deed"] for row in (await audit.latest(other, most=99))[0]} <= {
                Deed.REFUSED,
                Deed.ASKED,
                Deed.VIEWED,
            }


async def test_what_names_no_organisation_is_of_the_workspace(transport: str) -> None:
    """A workspace that joins an organisation keeps what it had: it is still listed, and can be decided on."""
    async with make_stage(transport) as stage:
        stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))
        async with stage.running():
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
        stage.slack.workspace.enterprise_id = "E0CONTOSO"
        async with stage.running():
            assert "1 proposal waits" in text_of(await stage.ask(stage.riley, "/acr pending"))
            await stage.sam.click(card, "approve")
            await stage.settled(card)
            assert "*1 manifest* deleted" in text_of(await stage.ask(stage.riley, "/acr history"))


async def test_a_proposal_of_another_workspace_stands_in_nobody_elses_way(transport: str) -> None:
    """What is proposed in one workspace is neither shown in another nor counted as proposed there."""
    async with make_stage(transport) as stage:
        stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))
        async with stage.running():
            await stage.propose(stage.riley, "/acr untagged myrepo")
        stage.slack.workspace.team_id = "T0OTHER"
        async with stage.running():
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            await reject(stage, stage.sam, card)
            await stage.until(card, "ejected")
        store = await Store.open(stage.environ["DATABASE_URL"])
        try:
            events = await store.events.list()
        finally:
            await store.close()
        assert [event.team_id for event in events if event.deed is Deed.REJECTED] == ["T0OTHER"]
        assert len({event.team_id for event in events if event.deed is Deed.PROPOSED}) == 2


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (from_another_team, Workspace("T0OTHER")),
        (from_another_enterprise, Workspace("T0EXAMPLE", "E0OTHER")),
        (from_a_shared_channel, Workspace("T0OTHER")),
    ],
)
async def test_a_form_from_another_workspace_chooses_nothing(change: Change, where: Workspace) -> None:
    """What goes of a proposal is chosen in the workspace where it was made: elsewhere it is not even known."""
    async with make_stage("http") as stage, _in_an_organisation(stage, where).running() as app:
        for number in (1, 2):
            stage.registry.push_image("myrepo", layers=[number], updated=days_ago(9))
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        assert (await stage.sam.click(card, "choose")).ok
        await stage.slack.wait_for(lambda: stage.sam.view and "older" in str(stage.sam.view.blocks), timeout=15)
        assert stage.sam.view
        assert (await stage.sam.submit(stage.sam.view, {"older": "soon"})).errors
        delivery = stage.slack.last_delivery
        payload = json.loads(parse_qs(delivery.body.decode())["payload"][0])
        payload["trigger_id"] = "1.1.a"
        payload["view"]["state"]["values"]["older"]["older"]["value"] = None
        payload["view"]["state"]["values"]["keep"]["keep"]["value"] = "1"
        change(payload)
        body = urlencode({"payload": json.dumps(payload)})
        headers = {"Content-Type": delivery.headers["Content-Type"]} | stage.slack.signed(body)
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{app.address}/slack/events", data=body, headers=headers) as answer,
        ):
            assert "This proposal is not known here." in await answer.text()
        assert [event["deed"] for event in stage.events()] == [Deed.PROPOSED, Deed.REFUSED]
