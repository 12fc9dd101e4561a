"""Payloads that are truly signed and still must not decide: from another workspace, or with somebody else's button."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode

import aiohttp
import pytest

from bot.domain.proposal import Deed
from bot.store import Store, open_audit
from sandbox.slack import text_of
from tests.scenarios.rejecting import reject
from tests.scenarios.stage import OPS, RILEY, SAM, Stage, days_ago, make_stage

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


@pytest.mark.parametrize("change", [from_another_team, from_another_team_of_the_enterprise])
@pytest.mark.parametrize("button", ["approve", "reject", "withdraw", "stop", "retry"])
async def test_a_click_from_another_workspace_decides_nothing(button: str, change: Change) -> None:
    """A proposal belongs to the workspace where it was made: elsewhere it is not even known."""
    async with make_stage("http") as stage, stage.running() as app:
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
            theirs, _ = await audit.latest("T0OTHER", most=9)
        # What is on record of it is theirs, and says nothing of the workspace whose proposal it is.
        assert {row["deed"] for row in theirs} == {Deed.REFUSED}
        assert {row["enterprise_id"] for row in theirs} == {""}


async def test_lists_are_of_one_workspace(transport: str) -> None:
    """What waits and what was deleted in one workspace is not told in another."""
    async with make_stage(transport) as stage:
        for number, repo in enumerate(("myrepo", "other")):
            stage.registry.push_image(repo, layers=[number + 1], updated=days_ago(9))
        async with stage.running():
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            await stage.sam.click(card, "approve")
            await stage.settled(card)
            await stage.propose(stage.riley, "/acr untagged other")
            assert "1 proposal waits" in text_of(await stage.ask(stage.riley, "/acr pending"))
            assert "*1 manifest* deleted" in text_of(await stage.ask(stage.riley, "/acr history"))
        stage.slack.workspace.team_id = "T0OTHER"
        async with stage.running():
            assert "other" not in text_of(await stage.ask(stage.riley, "/acr pending"))
            assert "Nothing was deleted" in text_of(await stage.ask(stage.riley, "/acr history"))


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
