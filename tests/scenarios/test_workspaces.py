"""Several workspaces: each installs the app by OAuth, and what is of one counts in no other."""

import json
from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import aiohttp
import pytest
import time_machine

from bot.domain.proposal import State
from bot.operations.doctor import Check, Level, examine
from bot.settings import load_settings
from bot.store import Store
from bot.store.installations import STATE_LIFE
from sandbox.slack import text_of
from tests.scenarios.several import CONTOSO, FABRIKAM, TEAMS, Both, make_both
from tests.scenarios.stage import OLU, OPS, SAM, Stage, days_ago

WEEK = timedelta(days=7)


def own_of(stage: Stage, both: Both) -> tuple[str, str]:
    """Give who approves in a workspace, and who approves only in the other one."""
    return (SAM, OLU) if stage is both.contoso else (OLU, SAM)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_each_workspace_works_by_its_own_people(kind: str, request: pytest.FixtureRequest) -> None:
    """Both install it, propose and approve; the approver of the one is nobody in the other."""
    url = request.getfixturevalue("postgres_url") if kind == "postgres" else ""
    async with make_both(url=url) as both, both.running():
        for stage, team in ((both.contoso, CONTOSO), (both.fabrikam, FABRIKAM)):
            page = await both.install(team)
            assert page.status == 200
            assert f"<strong>{stage.slack.workspace.name}</strong>" in page.text
        for stage in (both.contoso, both.fabrikam):
            gone = stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))
            own, other = own_of(stage, both)
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            refusal = await stage.private_after(
                stage.slack.human(other), stage.slack.human(other).click(card, "approve"), "not one of those who may"
            )
            assert "Nobody" not in refusal
            await stage.slack.human(own).click(card, "approve")
            assert "Deleted 1" in await stage.settled(card)
            assert gone not in stage.registry.digests("myrepo")
        # Each has its own card and its own thread, and heard nothing of the other's.
        assert [len(stage.cards()) for stage in (both.contoso, both.fabrikam)] == [1, 1]
        for stage in (both.contoso, both.fabrikam):
            assert "*1 manifest* deleted" in text_of(await stage.ask(stage.riley, "/acr history"))


async def test_a_click_of_one_on_the_card_of_the_other_decides_nothing() -> None:
    """A truly signed click, from a workspace where the same id may approve, is about a proposal unknown there."""
    async with make_both() as both, both.running() as app:
        await both.install(CONTOSO)
        await both.install(FABRIKAM)
        stage = both.contoso
        loose = stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stage.private_after(stage.olu, stage.olu.click(card, "approve"), "not one of those who may")
        payload = json.loads(parse_qs(stage.slack.last_delivery.body.decode())["payload"][0])
        payload["trigger_id"] = "1.2.3"
        payload["team"] = {"id": FABRIKAM, "domain": "fabrikam"}
        payload["user"]["team_id"] = FABRIKAM
        body = urlencode({"payload": json.dumps(payload)})
        headers = {"Content-Type": "application/x-www-form-urlencoded", **stage.slack.signed(body)}
        async with aiohttp.ClientSession() as session:
            answer = await session.post(f"{app.address}/slack/events", data=body, headers=headers)
            assert answer.status == 200
        await stage.slack.wait_for(
            lambda: [m for m in stage.olu.messages(OPS) if "is not known here" in text_of(m)], timeout=15
        )
        assert "[Approve]" in text_of(card)
        assert loose in stage.registry.digests("myrepo")
        assert "Nothing waits" in text_of(await both.fabrikam.ask(both.fabrikam.olu, "/acr pending"))


async def test_members_of_groups_are_those_of_the_proposals_workspace() -> None:
    """A user group's id is looked up in the workspace whose proposal it is, with that workspace's token."""
    more = {"workspaces": [{"id": CONTOSO, "approvers": ["S0PLATFORM"]}, {"id": FABRIKAM, "approvers": ["S0PLATFORM"]}]}
    async with make_both(more=more) as both, both.running():
        await both.install(CONTOSO)
        await both.install(FABRIKAM)
        both.fabrikam.slack.workspace.groups["S0PLATFORM"].users = [OLU]
        for stage, person, other in (
            (both.contoso, both.contoso.kim, both.contoso.olu),
            (both.fabrikam, both.fabrikam.olu, both.fabrikam.kim),
        ):
            stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))
            card = await stage.propose(stage.riley, "/acr untagged myrepo")
            await stage.private_after(other, other.click(card, "approve"), "not one of those who may")
            await person.click(card, "approve")
            await stage.settled(card)


async def test_reports_go_to_their_own_workspace() -> None:
    """A team's report is posted where its workspace says, though both have a channel with that id."""
    async with make_both(more={"teams": TEAMS}) as both:
        for repository in ("web/app", "api/app"):
            both.contoso.registry.push_image(repository, layers=[1], media="docker", updated=days_ago(50))
        async with both.running():
            await both.install(CONTOSO)
            both.contoso.clock_ahead = WEEK
            await both.contoso.slack.wait_for(both.contoso.cards, timeout=20)
            await both.contoso.slack.settle(0.5)
            assert both.fabrikam.cards() == []
            await both.install(FABRIKAM)
            both.contoso.clock_ahead = 2 * WEEK
            await both.fabrikam.slack.wait_for(both.fabrikam.cards, timeout=20)
            await both.contoso.slack.wait_for(lambda: len(both.contoso.cards()) == 2, timeout=20)
        assert {text_of(card).partition("`")[2].partition("`")[0] for card in both.contoso.cards()} == {"contoso web"}
        assert text_of(both.fabrikam.cards()[0]).startswith("`fabrikam api`")


async def test_an_uninstalled_workspace_gets_nothing_more(logged: list[str]) -> None:
    """Its token is forgotten, its commands are answered by nobody, its proposals expire, and the other goes on."""
    async with make_both() as both:
        async with both.running() as app:
            await both.install(CONTOSO)
            await both.install(FABRIKAM)
            stage = both.fabrikam
            for repository in ("first", "second"):
                stage.registry.push_image(repository, layers=[1], updated=days_ago(9))
            await stage.propose(stage.riley, "/acr untagged first")
            deliveries = await both.slacks.uninstall(stage.slack)
            assert [delivery.status for delivery in deliveries] == [200, 200]
            await stage.slack.wait_for(lambda: [line for line in logged if "uninstalled" in line], timeout=15)
            await stage.private_after(
                stage.riley, stage.riley.slash("/acr pending", channel=OPS), "not installed in this workspace"
            )
            calls = len(stage.slack.calls)
            async with aiohttp.ClientSession() as session:
                ready = await (await session.get(f"{app.address}/readyz")).json()
            assert ready["slack"] == {"ok": True, "mode": "http", "workspaces": 1}
        both.contoso.clock_ahead = timedelta(days=4)
        async with both.running():
            await both.contoso.propose(both.contoso.riley, "/acr untagged second")
            await both.contoso.slack.settle(0.5)
        assert len(stage.slack.calls) == calls
        store = await Store.open(both.contoso.environ["DATABASE_URL"])
        try:
            assert await store.installations(both.slacks.client_id).teams() == [CONTOSO]
            counts = await store.counts.now()
        finally:
            await store.close()
        assert counts.states[State.EXPIRED] == 1


async def test_an_uninstallation_that_comes_late_takes_no_new_token() -> None:
    """Slack sends an event again for minutes: by then the app may have been installed once more."""
    async with make_both() as both, both.running():
        await both.install(CONTOSO)
        delivery = await both.contoso.slack.send_event({"type": "app_uninstalled"})
        assert delivery.status == 200
        assert "Nothing waits" in text_of(await both.contoso.ask(both.contoso.riley, "/acr pending"))


async def test_a_restart_keeps_the_installations() -> None:
    """The tokens are in the database, and installing it once more leaves one of them."""
    async with make_both() as both:
        async with both.running():
            await both.install(CONTOSO)
            await both.install(CONTOSO)
        async with both.running():
            assert "Nothing waits" in text_of(await both.contoso.ask(both.contoso.riley, "/acr pending"))


async def test_a_state_is_good_once_in_one_browser_for_ten_minutes() -> None:
    """What was made up, begun elsewhere, used before or begun too long ago installs nothing."""
    async with make_both() as both, both.running():
        back, cookie = await both.begin(CONTOSO)
        for wrong, theirs, status, words in (
            (back, "", 400, "begun in another browser"),
            (back, "slack-app-oauth-state=made-up", 400, "begun in another browser"),
            (_with(back, state="made-up"), "slack-app-oauth-state=made-up", 401, "begun too long ago"),
        ):
            page = await both.get(wrong, theirs)
            assert (page.status, words in page.text) == (status, True), page
        assert (await both.get(back, cookie)).status == 200
        again, _ = await both.begin(CONTOSO)
        replayed = _with(again, state=dict(parse_qsl(urlsplit(back).query))["state"])
        assert "has been ended already" in (await both.get(replayed, cookie)).text
        late, cookie = await both.begin(CONTOSO)
        with time_machine.travel(datetime.now(UTC) + STATE_LIFE + timedelta(seconds=5), tick=True):
            assert (await both.get(late, cookie)).status == 401


async def test_who_cancels_or_brings_a_wrong_code_is_told() -> None:
    """Nothing is kept then, and the page leads back to the beginning."""
    async with make_both() as both, both.running():
        back, cookie = await both.begin(CONTOSO, cancel="yes")
        page = await both.get(back, cookie)
        assert page.status == 200
        assert "You have cancelled it in Slack" in page.text
        back, cookie = await both.begin(CONTOSO)
        page = await both.get(_with(back, code="made-up"), cookie)
        assert (page.status, "did not take its own answer" in page.text) == (401, True)
        assert 'href="/slack/install"' in page.text
        page = await both.get(f"{both.address}/slack/oauth_redirect?error=<b>boo</b>")
        assert "<b>" not in page.text
        assert not both.contoso.slack.core.bot_token


async def test_a_workspace_that_the_settings_do_not_name_can_not_install_it() -> None:
    """Its token is given back to Slack, and the page says whose task the rest is."""
    more = {"workspaces": [{"id": CONTOSO, "approvers": [SAM]}]}
    async with make_both(more=more) as both, both.running():
        page = await both.install(FABRIKAM)
        assert page.status == 403
        assert "Fabrikam (T0FABRIKAM) is not named in the settings" in page.text
        assert [call.response["revoked"] for call in both.fabrikam.slack.calls_of("auth.revoke")] == [True]


async def test_a_workspace_that_is_named_no_longer_is_told_so() -> None:
    """Its token is not used, and whoever types there hears why nothing comes of it."""
    async with make_both() as both:
        async with both.running():
            await both.install(FABRIKAM)
        file = both.contoso.folder / "janitor.yml"
        file.write_text(json.dumps({"workspaces": [{"id": CONTOSO, "approvers": [SAM]}]}), encoding="utf-8")
        async with both.running():
            stage = both.fabrikam
            answer = await stage.private_after(
                stage.riley, stage.riley.slash("/acr repos", channel=OPS), "is not named in the settings"
            )
            assert "T0FABRIKAM" in answer


async def test_fewer_scopes_than_it_needs_are_refused() -> None:
    """Whoever changes the address that leads to Slack can't leave the app half able."""
    async with make_both() as both, both.running():
        back, cookie = await both.begin(CONTOSO, scope="commands,chat:write")
        page = await both.get(back, cookie)
        assert page.status == 403
        assert "usergroups:read" in page.text


async def test_where_nobody_may_approve_nothing_is_proposed() -> None:
    """A workspace without approvers looks, and is told what is missing: those of another don't count for it."""
    more = {"workspaces": [{"id": CONTOSO, "approvers": [SAM]}, {"id": FABRIKAM}]}
    async with make_both(more=more) as both, both.running():
        await both.install(FABRIKAM)
        stage = both.fabrikam
        stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))
        answer = text_of(await stage.ask(stage.riley, "/acr untagged myrepo"))
        assert "Nobody can approve a deletion in this workspace" in answer
        assert "[Propose deletion]" not in answer


async def test_the_doctor_looks_at_each_with_its_own_token() -> None:
    """Who has not installed it is told how; an approver is looked up in the workspace that names them."""
    more = {"workspaces": [{"id": CONTOSO, "approvers": [SAM, "U0NOBODY"]}, {"id": FABRIKAM, "approvers": [OLU]}]}
    async with make_both(more=more) as both, both.running():
        await both.install(CONTOSO)
        with patch.dict("os.environ", both.contoso.acr.identity_env):
            found = [finding async for finding in examine(load_settings(both.contoso.environ))]
        said = {(one.check, one.about): (one.level, one.found) for one in found}
        assert "for several workspaces" in said[Check.MODE, ""][1]
        assert said[Check.SLACK_TOKEN, CONTOSO] == (Level.OK, "Slack knows the app as @acr-janitor in Contoso.")
        assert said[Check.SLACK_TOKEN, FABRIKAM] == (Level.WARNING, "The app is not installed there.")
        assert said[Check.APPROVERS, f"{CONTOSO} {SAM}"][0] is Level.OK
        assert said[Check.APPROVERS, f"{CONTOSO} U0NOBODY"][0] is Level.FAULT
        assert not both.fabrikam.slack.calls


async def test_no_page_and_no_line_of_the_log_shows_a_token(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """What Slack hands over goes into the database, and nowhere else."""
    async with make_both() as both, both.running():
        pages = [await both.install(CONTOSO), await both.get(f"{both.address}/slack/install")]
        await both.contoso.ask(both.contoso.riley, "/acr help")
        said = [capsys.readouterr().out, caplog.text, *(page.text for page in pages)]
        assert "installed" in said[0]
        secrets = [both.contoso.slack.core.bot_token, both.slacks.client_secret]
        for secret in secrets:
            assert secret
            assert not [text for text in said if secret in text]
        assert both.slacks.client_secret in load_settings(both.contoso.environ).secrets


def _with(url: str, **changed: str) -> str:
    """Change parameters of an address."""
    parts = urlsplit(url)
    return parts._replace(query=urlencode({**dict(parse_qsl(parts.query)), **changed})).geturl()
