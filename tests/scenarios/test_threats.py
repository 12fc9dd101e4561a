"""What somebody gets done who has a part of what the app trusts: see docs/threats.md."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import aiohttp
import pytest

from sandbox.slack import text_of
from tests.scenarios.stage import RILEY, SAM, days_ago, make_stage


def forged(body: bytes, user: str, action: str, value: str) -> str:
    """Make another person's click on another button out of a click that Slack has sent."""
    payload: dict[str, Any] = json.loads(parse_qs(body.decode())["payload"][0])
    payload["user"]["id"] = user
    payload["trigger_id"] = "1.1.forged"
    payload["actions"][0] |= {"action_id": action, "value": value}
    return urlencode({"payload": json.dumps(payload)})


@pytest.mark.parametrize("headers", ["none", "guessed", "of another body"])
async def test_a_click_that_slack_did_not_sign_is_refused(headers: str) -> None:
    """Who can reach the app, and knows every id, decides nothing without Slack's signing secret."""
    async with make_stage("http") as stage, stage.running() as app:
        loose = {stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))}
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        (value,) = [
            e["value"] for block in card.blocks for e in block.get("elements", []) if e.get("action_id") == "approve"
        ]
        body = forged(stage.slack.last_delivery.body, SAM, "approve", value)
        made = {
            "none": {},
            "guessed": stage.slack.signed(body, secret="guessed"),
            "of another body": stage.slack.signed(stage.slack.last_delivery.body.decode()),
        }[headers]
        made |= {"Content-Type": "application/x-www-form-urlencoded"}
        url = f"{app.address}/slack/events"
        async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=made) as answer:
            assert answer.status == 401
        await stage.slack.settle(0.3)
        assert "[Approve]" in text_of(card)
        assert stage.registry.digests("myrepo") == loose
        assert [one["deed"] for one in stage.events()] == ["proposed"]


def lose(folder: Path) -> None:
    """Remove the database with all that belongs to it."""
    for path in folder.glob("state.db*"):
        path.unlink()


async def test_with_the_database_lost_no_card_decides(transport: str) -> None:
    """After a start with an empty database the old cards' buttons are answered, and nothing of them is done."""
    async with make_stage(transport) as stage:
        loose = {stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))}
        async with stage.running():
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
        lose(stage.folder)
        async with stage.running():
            for person, button in ((stage.sam, "approve"), (stage.kim, "reject"), (stage.riley, "withdraw")):
                await stage.private_after(person, person.click(card, button), "is not known here")
            assert stage.registry.digests("myrepo") == loose
            again = await stage.propose(stage.riley, "/acr untagged myrepo")
            assert again.ts != card.ts


async def test_a_stolen_session_of_a_requester_deletes_nothing(transport: str) -> None:
    """Whoever is the requester to Slack can propose and withdraw; not approve, nor lock, nor have it tried again."""
    async with make_stage(transport) as stage, stage.running():
        loose = {stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))}
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stage.private_after(stage.riley, stage.riley.click(card, "approve"), "somebody else has to approve")
        assert "not one of those who may lock" in text_of(await stage.ask(stage.riley, "/acr lock myrepo"))
        await stage.riley.click(card, "withdraw")
        await stage.until(card, "ithdrawn")
        assert stage.registry.digests("myrepo") == loose
        assert {one["actor"] for one in stage.events()} == {RILEY}
