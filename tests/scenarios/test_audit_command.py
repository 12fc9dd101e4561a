"""``/acr audit``: the record as a file for those who may approve, and nobody else."""

import csv
import io

from bot.store import open_audit
from sandbox.slack import text_of
from tests.scenarios.rejecting import reject
from tests.scenarios.stage import KIM, OLU, RILEY, SAM, Stage, days_ago, make_stage


async def record(stage: Stage, line: str = "") -> list[dict[str, str]]:
    """Ask as Sam, and give the rows of the file in the direct message; without what was asked, this command itself."""
    answer = await stage.ask(stage.sam, f"/acr audit {line}".rstrip())
    assert "I sent you `acr-janitor-audit.csv` in a direct message" in text_of(answer)
    files = [file for message in stage.sam.messages(stage.sam.dm) for file in message.files]
    rows = csv.DictReader(io.StringIO(files[-1].content.decode()))
    return [row for row in rows if row["deed"] != "asked"]


async def test_an_approver_gets_the_whole_story(transport: str) -> None:
    """Request, refusal, decision, run and item of all repositories or of one; and who has looked at it."""
    async with make_stage(transport) as stage, stage.running():
        for repo in ("myrepo", "other"):
            stage.registry.push_image(repo, layers=[1], updated=days_ago(9))
        card = await stage.propose(stage.riley, "/acr untagged myrepo")
        await stage.private_after(stage.olu, stage.olu.click(card, "approve"), "not one of those who may")
        await stage.kim.click(card, "approve")
        await stage.settled(card)
        other = await stage.propose(stage.riley, "/acr untagged other")
        await reject(stage, stage.sam, other)
        await stage.until(other, "ejected")

        rows = await record(stage, "--repo myrepo")
        assert [(row["deed"], row["actor"]) for row in rows] == [
            ("proposed", RILEY),
            ("refused", OLU),
            ("approved", KIM),
            ("started", "app"),
            ("item", "app"),
            ("finished", "app"),
        ]
        assert {row["repository"] for row in rows} == {"myrepo"}
        assert {row["revision"] for row in rows} == {"1"}
        assert len({row["checksum"] for row in rows}) == len({row["proposal"] for row in rows}) == 1
        assert rows[4]["what"] == "deleted"
        assert rows[4]["digest"].startswith("sha256:")

        rows = await record(stage, "--since 1h")
        assert [row["deed"] for row in rows][-3:] == ["proposed", "rejected", "viewed"]
        places = [int(row["position"]) for row in rows]
        assert places == sorted(places)
        async with open_audit(stage.environ["DATABASE_URL"]) as audit:
            verdict = await audit.verify()
        assert verdict.count == 0
        assert verdict.end.position > places[-1]
        assert await record(stage, "--since 2999-01-01") == []


async def test_others_are_told_who_can(transport: str) -> None:
    """Somebody who may not approve gets no file, and that they asked is on record."""
    async with make_stage(transport) as stage, stage.running():
        answer = text_of(await stage.ask(stage.olu, "/acr audit"))
        assert "The record is for those who may approve." in answer
        assert f"<@{SAM}>" in answer
        assert [(one["deed"], one["actor"]) for one in stage.events()] == [("refused", OLU)]


async def test_another_workspace_has_its_own_record(transport: str) -> None:
    """What happened in one workspace is not told in another."""
    async with make_stage(transport) as stage:
        stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))
        async with stage.running():
            await stage.propose(stage.riley, "/acr untagged myrepo")
        stage.slack.workspace.team_id = "T0OTHER"
        async with stage.running():
            assert await record(stage) == []
            assert [row["deed"] for row in await record(stage)] == ["viewed"]
