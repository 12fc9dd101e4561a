"""``acr-janitor doctor``: each fault of the surroundings gets its line, with what to do, and the exit code 1."""

import contextlib
import json
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from bot.cli.doctor import run_doctor
from bot.cli.options import Form
from bot.operations.doctor import Check, Level
from bot.store import look
from sandbox.acr import APP_IDENTITY, Fault
from sandbox.slack import Person, UserGroup
from tests.scenarios.process import environment, started
from tests.scenarios.stage import KIM, PLATFORM, SAM, Stage, days_ago, make_stage

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@dataclass
class Doctor:
    """The doctor on a stage, and what it found."""

    stage: Stage
    capsys: pytest.CaptureFixture[str]

    async def run(self, now: Callable[[], datetime] | None = None) -> tuple[int, list[dict[str, str]]]:
        """Give the exit code and the findings."""
        more: dict[str, Any] = {"now": now} if now else {}
        self.capsys.readouterr()
        with patch.dict("os.environ", self.stage.acr.identity_env):
            code = await run_doctor(Form.JSON, self.stage.environ, **more)
        whole = json.loads(self.capsys.readouterr().out)
        assert whole["version"] == 1
        assert whole["healthy"] == (code == 0)
        findings: list[dict[str, str]] = whole["findings"]
        for finding in findings:
            assert finding["found"]
            assert bool(finding["remedy"]) == (finding["level"] != "ok"), finding
        return code, findings

    async def fault(self, check: Check, words: str, now: Callable[[], datetime] | None = None) -> dict[str, str]:
        """Expect one fault, of this check and with these words, and give it."""
        code, findings = await self.run(now)
        (found,) = (finding for finding in findings if finding["level"] == Level.FAULT)
        assert (code, found["check"]) == (1, check)
        assert words in f"{found['about']}: {found['found']} {found['remedy']}"
        return found

    async def warns(self, check: Check, words: str, now: Callable[[], datetime] | None = None) -> dict[str, str]:
        """Expect one warning and no fault."""
        code, findings = await self.run(now)
        (found,) = (finding for finding in findings if finding["level"] != Level.OK)
        assert (code, found["check"], found["level"]) == (0, check, Level.WARNING)
        assert words in f"{found['about']}: {found['found']} {found['remedy']}"
        return found


@pytest.fixture
def transport() -> str:
    """Give Socket Mode, unless a test says otherwise: what the doctor asks hardly depends on it."""
    return "socket"


@pytest.fixture
async def doctor(transport: str, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Doctor]:
    """Give a doctor for surroundings in which all is well."""
    async with make_stage(transport, settings={"SLACK_SIGNING_SECRET": SECRET} if transport == "http" else {}) as stage:
        stage.registry.push_image("myrepo", layers=[1], updated=days_ago(9))
        yield Doctor(stage, capsys)


only_http = pytest.mark.parametrize("transport", ["http"])
both = pytest.mark.parametrize("transport", ["http", "socket"])


@both
async def test_all_is_well(doctor: Doctor) -> None:
    """Every check that fits the transport says ok, and nothing was posted, deleted or written."""
    code, findings = await doctor.run()
    assert (code, {finding["level"] for finding in findings}) == (0, {"ok"})
    not_asked = {Check.APP_TOKEN} if doctor.stage.transport == "http" else {Check.SIGNING_SECRET}
    assert {finding["check"] for finding in findings} == set(Check) - not_asked
    assert not doctor.stage.slack.calls_of("chat.postMessage")
    assert doctor.stage.acr.log.kinds().keys() == {"identity", "exchange", "token", "list_repositories"}
    assert list(doctor.stage.folder.iterdir()) == []


async def test_the_text_is_a_line_a_check(doctor: Doctor) -> None:
    """In a terminal each line begins with how it is, and a fault is followed by what to do."""
    doctor.stage.environ["ACR_APPROVERS"] = "U0NOBODY"
    with patch.dict("os.environ", doctor.stage.acr.identity_env):
        assert await run_doctor(Form.TEXT, doctor.stage.environ) == 1
    lines = doctor.capsys.readouterr().out.splitlines()
    number = lines.index("fault    approvers U0NOBODY: There is no such user in this workspace.")
    assert lines[number + 1].startswith("         -> In Slack, open the person's profile")
    assert all(line.split()[0] in {"ok", "fault", "->"} for line in lines[:-2])
    assert lines[-1] == "1 fault and 0 warnings."


async def test_mistaken_settings_are_faults(doctor: Doctor) -> None:
    """Each fault of the settings has its line; the rest needs the settings."""
    doctor.stage.environ |= {"ACR_GRACE": "soon", "LOG_LEVEL": "loud"}
    code, findings = await doctor.run()
    assert code == 1
    assert [finding["check"] for finding in findings] == ["settings", "settings"]
    assert "'soon' is not a length of time" in findings[0]["found"]


@only_http
async def test_a_signing_secret_of_another_form(doctor: Doctor) -> None:
    """With a wrong one every request would be refused, which looks like silence in Slack."""
    doctor.stage.environ["SLACK_SIGNING_SECRET"] = "sandbox-signing-secret"
    await doctor.fault(Check.SIGNING_SECRET, "32 hexadecimal digits")


async def test_a_bot_token_that_slack_does_not_know(doctor: Doctor) -> None:
    """Slack's word, and where the right one is."""
    doctor.stage.environ["SLACK_BOT_TOKEN"] = "xoxb-wrong"
    found = await doctor.fault(Check.SLACK_TOKEN, "OAuth & Permissions")
    assert "invalid_auth" in found["found"]


@both
async def test_slack_that_is_not_there(doctor: Doctor) -> None:
    """Nobody listens at its address."""
    doctor.stage.environ["SLACK_API_URL"] = "http://127.0.0.1:9/api/"
    doctor.stage.environ.pop("SLACK_APP_TOKEN", None)
    doctor.stage.environ["SLACK_SIGNING_SECRET"] = SECRET
    await doctor.fault(Check.SLACK_TOKEN, "Check SLACK_API_URL, the network")


@pytest.mark.parametrize("scope", ["commands", "chat:write"])
async def test_a_scope_that_the_main_job_needs(doctor: Doctor, scope: str) -> None:
    """The scope by name, what it is for, and how to add it."""
    doctor.stage.slack.core.scopes = (doctor.stage.slack.core.scopes or frozenset()) - {scope}
    await doctor.fault(Check.SLACK_SCOPES, f"Add {scope} under OAuth & Permissions")


@pytest.mark.parametrize("scope", ["files:write", "im:write"])
async def test_a_scope_that_something_else_needs(doctor: Doctor, scope: str) -> None:
    """A warning that says what will be missing."""
    doctor.stage.slack.core.scopes = (doctor.stage.slack.core.scopes or frozenset()) - {scope}
    await doctor.warns(Check.SLACK_SCOPES, "CSV file")


async def test_groups_that_may_not_be_looked_up(doctor: Doctor) -> None:
    """Without usergroups:read nobody gets through as a member: both lines say so."""
    doctor.stage.slack.core.scopes = (doctor.stage.slack.core.scopes or frozenset()) - {"usergroups:read"}
    code, findings = await doctor.run()
    faults = {finding["check"]: finding for finding in findings if finding["level"] == "fault"}
    assert (code, sorted(faults)) == (1, [Check.APPROVERS, Check.SLACK_SCOPES])
    assert faults[Check.APPROVERS]["about"] == PLATFORM


async def test_an_app_token_that_slack_does_not_know(doctor: Doctor) -> None:
    """Where to make one, and the scope that it needs."""
    doctor.stage.environ["SLACK_APP_TOKEN"] = "xapp-wrong"
    await doctor.fault(Check.APP_TOKEN, "connections:write")


async def test_nobody_may_approve(doctor: Doctor) -> None:
    """The app works and proposes nothing."""
    doctor.stage.environ["ACR_APPROVERS"] = ""
    await doctor.warns(Check.APPROVERS, "nothing can be proposed")


async def test_only_one_may_approve(doctor: Doctor) -> None:
    """Somebody alone can't approve what they proposed."""
    doctor.stage.environ["ACR_APPROVERS"] = SAM
    await doctor.warns(Check.APPROVERS, f"Only {SAM} may approve")


async def test_an_approver_who_is_not_there(doctor: Doctor) -> None:
    """The id, and where ids come from."""
    doctor.stage.environ["ACR_APPROVERS"] = f"{SAM},{KIM},U0NOBODY"
    await doctor.fault(Check.APPROVERS, "U0NOBODY: There is no such user")


async def test_an_approver_who_has_left(doctor: Doctor) -> None:
    """A deactivated person can't click."""
    doctor.stage.slack.workspace.people[SAM].deleted = True
    await doctor.fault(Check.APPROVERS, "Sam is deactivated")


async def test_an_approver_that_is_a_bot(doctor: Doctor) -> None:
    """Bots click nothing."""
    doctor.stage.slack.workspace.people["U0BOT"] = Person(id="U0BOT", name="bot", real_name="Robot", is_bot=True)
    doctor.stage.environ["ACR_APPROVERS"] = f"{SAM},{KIM},U0BOT"
    await doctor.fault(Check.APPROVERS, "Robot is a bot")


async def test_a_user_group_that_is_not_there(doctor: Doctor) -> None:
    """It was deleted, or never was."""
    doctor.stage.environ["ACR_APPROVERS"] = f"{SAM},S0NOBODY"
    await doctor.fault(Check.APPROVERS, "S0NOBODY: There is no such user group")


async def test_a_user_group_that_is_switched_off(doctor: Doctor) -> None:
    """Its members stay listed, and count for nothing."""
    doctor.stage.slack.workspace.groups[PLATFORM].disabled = True
    await doctor.fault(Check.APPROVERS, "it is switched off")


async def test_a_user_group_without_members(doctor: Doctor) -> None:
    """Nobody is let through by it."""
    doctor.stage.slack.workspace.groups["S0EMPTY"] = UserGroup(id="S0EMPTY", handle="empty")
    doctor.stage.environ["ACR_APPROVERS"] = f"{SAM},{KIM},S0EMPTY"
    await doctor.fault(Check.APPROVERS, "S0EMPTY: The user group has no members")


async def test_a_plan_without_user_groups(doctor: Doctor) -> None:
    """On a free plan only users can be named."""
    core = doctor.stage.slack.core
    core.options = replace(core.options, user_groups=False)
    await doctor.fault(Check.APPROVERS, "Name users (U…)")


async def test_no_azure_identity(doctor: Doctor) -> None:
    """There is nothing to sign in with."""
    doctor.stage.acr.options.principals[:] = []
    await doctor.fault(Check.SIGN_IN, "managed identity")


async def test_a_firewall_before_the_registry(doctor: Doctor) -> None:
    """The address that the registry saw."""
    doctor.stage.acr.faults.add(Fault(status=403, kind="exchange"))
    await doctor.fault(Check.SIGN_IN, "203.0.113.7")


async def test_a_registry_that_is_not_there(doctor: Doctor) -> None:
    """Nobody listens at its address."""
    doctor.stage.environ["ACR_REGISTRIES"] = "http://127.0.0.1:9"
    await doctor.fault(Check.SIGN_IN, "it refused the connection")


async def test_a_catalog_that_may_not_be_listed(doctor: Doctor) -> None:
    """The role that lists repositories."""
    doctor.stage.acr.options.principals[:] = [APP_IDENTITY.without("catalog")]
    await doctor.fault(Check.LIST, "Catalog Lister")


@pytest.mark.parametrize("action", ["metadata_read", "pull"])
async def test_a_repository_that_may_not_be_read(doctor: Doctor, action: str) -> None:
    """The role that reads."""
    doctor.stage.acr.options.principals[:] = [APP_IDENTITY.without(action)]
    await doctor.fault(Check.READ, "AcrPull")


async def test_a_right_to_look_and_not_to_delete(doctor: Doctor) -> None:
    """The role that deletes, found without deleting."""
    doctor.stage.acr.options.principals[:] = [APP_IDENTITY.without("delete")]
    await doctor.fault(Check.DELETE, "AcrDelete")
    assert len(doctor.stage.registry.digests("myrepo")) == 1


async def test_no_right_at_all_in_a_repository(doctor: Doctor) -> None:
    """An identity that may list the catalog and nothing else lacks both roles."""
    only_list = APP_IDENTITY.without("metadata_read", "metadata_write", "pull", "push", "delete")
    doctor.stage.acr.options.principals[:] = [only_list]
    code, findings = await doctor.run()
    assert code == 1
    assert [f["check"] for f in findings if f["level"] == "fault"] == [Check.READ, Check.DELETE]


async def test_no_right_to_lock_is_no_fault(doctor: Doctor) -> None:
    """The roles that the README asks for do not change locks, and only two commands need it."""
    doctor.stage.acr.options.principals[:] = [APP_IDENTITY.without("metadata_write", "push")]
    code, findings = await doctor.run()
    (delete,) = (finding for finding in findings if finding["check"] == Check.DELETE)
    assert (code, delete["level"]) == (0, "ok")
    assert "/acr lock" in delete["found"]


async def test_an_empty_registry(transport: str, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to ask about rights in."""
    async with make_stage(transport, settings={"SLACK_SIGNING_SECRET": SECRET}) as stage:
        await Doctor(stage, capsys).warns(Check.READ, "has no repositories")


@both
@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_clock_that_is_wrong(doctor: Doctor, minutes: int) -> None:
    """From five minutes on Slack's requests would be refused."""
    found = await doctor.fault(Check.CLOCK, "NTP", lambda: datetime.now(UTC) + timedelta(minutes=minutes))
    assert ("ahead of Slack's" if minutes > 0 else "behind Slack's") in found["found"]


async def test_a_clock_that_goes_wrong(doctor: Doctor) -> None:
    """Two minutes are worth a warning."""
    await doctor.warns(Check.CLOCK, "NTP", lambda: datetime.now(UTC) + timedelta(minutes=2))


async def test_the_registrys_clock(doctor: Doctor) -> None:
    """What the registry says of the time counts as well."""
    date = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    doctor.stage.acr.faults.add(
        Fault(status=200, path="/_catalog$", headers={"Date": date}, body={"repositories": None})
    )
    code, findings = await doctor.run()
    (clock,) = (finding for finding in findings if finding["level"] == "fault")
    assert (code, clock["check"]) == (1, Check.CLOCK)
    assert "min" in clock["found"]
    assert "behind" in clock["found"]


async def test_a_database_of_another_kind(doctor: Doctor) -> None:
    """A file that is none of SQLite's."""
    (doctor.stage.folder / "state.db").write_text("this is no database" * 100)
    await doctor.fault(Check.DATABASE, "file is not a database")


async def test_a_database_below_a_file(doctor: Doctor) -> None:
    """A path that leads through a file."""
    (doctor.stage.folder / "file").touch()
    doctor.stage.environ["DATABASE_URL"] = f"sqlite:///{doctor.stage.folder}/file/state.db"
    await doctor.fault(Check.DATABASE, "is a file and no folder")


async def test_a_database_that_is_a_folder(doctor: Doctor) -> None:
    """A path that ends in a folder."""
    doctor.stage.environ["DATABASE_URL"] = f"sqlite:///{doctor.stage.folder}"
    await doctor.fault(Check.DATABASE, "it is a folder")


async def test_a_database_that_may_not_be_written(doctor: Doctor) -> None:
    """A folder that this user may only read; root may write everywhere, so the system's answer is given."""
    with patch.object(os, "access", lambda path, mode: not mode & os.W_OK):
        await doctor.fault(Check.DATABASE, "can't be written to by this user")


async def test_a_database_on_a_network_drive(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's locks do not hold there."""
    mounts = doctor.stage.folder / "mounts"
    folder = str(doctor.stage.folder).replace(" ", "\\040")
    mounts.write_text(f"1 0 0:1 / / rw - ext4 /dev/sda rw\n2 1 0:2 / {folder} rw,relatime - nfs4 server:/ rw\n")
    monkeypatch.setattr(look, "_MOUNTS", mounts)
    await doctor.fault(Check.DATABASE, "network drive (nfs4)")


async def test_a_database_of_a_newer_version(doctor: Doctor) -> None:
    """It is left alone, and said which schema it has."""
    _write_revision(doctor.stage.folder, "9999")
    await doctor.fault(Check.DATABASE, "newer acr-janitor (its schema is 9999)")


async def test_a_database_of_an_older_version(doctor: Doctor) -> None:
    """It will be upgraded, so it is time for a backup."""
    _write_revision(doctor.stage.folder, "0001")
    await doctor.warns(Check.DATABASE, "the next start brings it to")


async def test_a_database_that_the_app_works_on(doctor: Doctor) -> None:
    """Beside the running app the doctor finds its schema, neither waits nor writes, and finds it after its end too."""
    stage = doctor.stage
    stage.slack.core.signing_secret = SECRET
    async with stage.running():
        before = _files(stage.folder)
        _, findings = await doctor.run()
        assert "is at revision" in findings[-1]["found"]
        assert _files(stage.folder).keys() == before.keys()
    after = _files(stage.folder)
    code, findings = await doctor.run()
    assert code == 0
    assert "is at revision" in findings[-1]["found"]
    assert _files(stage.folder) == after


async def test_the_program(doctor: Doctor) -> None:
    """As people start it: the exit code, JSON on standard output, and no stack trace."""
    stage = doctor.stage
    stage.acr.options.principals[:] = [APP_IDENTITY.without("delete")]
    log = stage.folder.parent / f"{stage.folder.name}.log"
    with contextlib.ExitStack() as exits:
        exits.callback(log.unlink)
        async with started(environment(stage), log, "doctor", "--output", "json") as program:
            assert await program.process.wait() == 1
        whole = json.loads(program.said)
    assert [f["check"] for f in whole["findings"] if f["level"] == "fault"] == [Check.DELETE]


def _write_revision(folder: Path, revision: str) -> None:
    with contextlib.closing(sqlite3.connect(folder / "state.db")) as database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
        database.commit()


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
