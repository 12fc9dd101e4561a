"""``acr-janitor scan``: the real program against a registry, its output and its exit codes."""

import asyncio
import csv
import io
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

from bot.cli.scan import Exit
from sandbox.acr import AcrSandbox, Fault, Registry
from tests.scenarios.stage import ROOT, days_ago, make_stage

HIDDEN = ("SLACK_", "ACR_", "AZURE_", "DATABASE_", "IDENTITY_", "IMDS_", "MSI_", "LOG_", "SSL_")


@dataclass
class Ran:
    """How a run of the program ended, and what it wrote."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """What it wrote, for people."""
        return self.out.decode()


@dataclass
class Terminal:
    """A place to type commands: a registry to ask, an empty folder to be in."""

    acr: AcrSandbox
    folder: Path

    @property
    def registry(self) -> Registry:
        """The registry's state."""
        return self.acr.registry

    async def type(self, *arguments: str, environ: Mapping[str, str] | None = None) -> Ran:
        """Run ``acr-janitor`` and give what came of it. Nothing of this process's own settings is handed on."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(HIDDEN)}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            env={**own, **self.acr.identity_env, "ACR_REGISTRIES": self.acr.url, "COLUMNS": "80", **(environ or {})},
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), timeout=60)
        return Ran(process.returncode or 0, out, err.decode())

    async def scan(self, *arguments: str, environ: Mapping[str, str] | None = None) -> Ran:
        """Run ``acr-janitor scan``; it must leave nothing behind and end without a stack trace."""
        before = sorted(self.folder.rglob("*"))
        ran = await self.type("scan", *arguments, environ=environ)
        assert sorted(self.folder.rglob("*")) == before, "a scan writes no file"
        assert "Traceback" not in ran.err
        return ran


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    """Give a terminal beside a running registry."""
    async with AcrSandbox(Registry()) as acr:
        yield Terminal(acr, tmp_path)


def seed(registry: Registry, repository: str = "myrepo") -> dict[str, str]:
    """Fill a repository; give the digests."""
    old = days_ago(40)
    part = registry.push_image(repository, layers=[1000], updated=old)
    return {
        "part": part,
        "index": registry.push_index(repository, [part], tags=["v1"], updated=old),
        "pr": registry.push_image(repository, tags=["pr-1"], layers=[2000], updated=days_ago(90)),
        "loose": registry.push_image(repository, layers=[3000], updated=old),
        "recent": registry.push_image(repository, layers=[4000], updated=days_ago(3)),
        "fresh": registry.push_image(repository, layers=[5000], updated=days_ago(0.1)),
    }


def going(ran: Ran) -> set[str]:
    """Give the digests that a JSON result says could go."""
    return {manifest["digest"] for manifest in json.loads(ran.out)["manifests"] if manifest["verdict"] == "goes"}


async def test_the_table(terminal: Terminal) -> None:
    """What could go, what is kept by reason, and not a word on standard error."""
    digest = seed(terminal.registry)
    ran = await terminal.scan("myrepo")
    assert (ran.code, ran.err) == (Exit.READ, "")
    assert "myrepo: 2 of 6 manifests could go, up to 7." in ran.text
    for name in ("loose", "recent"):
        assert re.search(rf"^{digest[name][7:19]} .* untagged$", ran.text, re.MULTILINE)
    assert digest["part"][7:19] not in ran.text
    assert "2  tagged" in ran.text
    assert "1  part of a kept multi-arch image" in ran.text
    everything = await terminal.scan("myrepo", "--all")
    assert re.search(rf"^{digest['part'][7:19]}  kept ", everything.text, re.MULTILINE)


async def test_the_json(terminal: Terminal) -> None:
    """One object that fits its schema."""
    digest = seed(terminal.registry)
    ran = await terminal.scan("myrepo", "--output", "json")
    assert (ran.code, ran.err) == (Exit.READ, "")
    whole = json.loads(ran.out)
    jsonschema.validate(whole, json.loads((ROOT / "docs/scan.schema.json").read_text(encoding="utf-8")))
    assert going(ran) == {digest["loose"], digest["recent"]}
    assert {manifest["digest"] for manifest in whole["manifests"]} == {*digest.values()}


async def test_the_csv(terminal: Terminal) -> None:
    """One line for each manifest that could go; with ``--all`` for each there is."""
    digest = seed(terminal.registry)
    for arguments, expected in ((), {digest["loose"], digest["recent"]}), (("--all",), {*digest.values()}):
        ran = await terminal.scan("myrepo", "--output", "csv", *arguments)
        assert (ran.code, ran.err) == (Exit.READ, "")
        rows = list(csv.DictReader(io.StringIO(ran.text, newline="")))
        assert {row["digest"] for row in rows} == expected
        assert {row["digest"] for row in rows if row["verdict"] == "goes"} == {digest["loose"], digest["recent"]}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), {"loose", "recent"}),
        (("--min-age", "7d"), {"loose"}),
        (("--older-than", "30d"), {"loose", "pr", "index", "part"}),
        (("--older-than", "30d", "--untagged"), {"loose"}),
        (("--older-than", "60d"), {"pr"}),
        (("--before", "2001-01-01T10:00"), set()),
        (("--before", "2999-12-31", "--tagged"), {"pr", "index", "part"}),
        (("--tags", "pr-.*"), {"pr"}),
        (("--tags", "pr"), set()),
        (("--tags", "pr-.*", "--untagged"), {"pr", "loose", "recent"}),
        (("--tags", "pr-.*", "--keep", "1"), set()),
        (("--keep", "1"), {"loose", "recent"}),
        (("--keep", "2"), {"loose"}),
    ],
)
async def test_the_options(terminal: Terminal, arguments: tuple[str, ...], expected: set[str]) -> None:
    """Each option narrows or widens the list as docs/cli.md says; what changed today always stays."""
    digest = seed(terminal.registry)
    # What keeps the last tagged image is a setting, and tested with the settings.
    environ = {"ACR_KEEP_LAST_TAGGED": "false"}
    ran = await terminal.scan("myrepo", "--output", "json", *arguments, environ=environ)
    assert ran.code == Exit.READ
    assert going(ran) == {digest[name] for name in expected}


async def test_several_repositories_and_registries(terminal: Terminal) -> None:
    """A pattern looks through all that match; a pasted reference and ``--registry`` name the registry."""
    first, second = seed(terminal.registry, "team/app"), seed(terminal.registry, "team/api")
    seed(terminal.registry, "other")
    ran = await terminal.scan("team/*", "--output", "json", "--min-age", "7d")
    assert going(ran) == {first["loose"], second["loose"]}
    assert "(2 repositories)" in (await terminal.scan("team/*")).text
    async with AcrSandbox(Registry()) as another:
        digest = another.registry.push_image("app", layers=[1], updated=days_ago(9))
        both = {**another.identity_env, "ACR_REGISTRIES": f"{terminal.acr.url},{another.url}"}
        for arguments in ([f"{another.login_server}/app"], ["app", "--registry", another.login_server]):
            ran = await terminal.scan(*arguments, "--output", "json", environ=both)
            assert going(ran) == {digest}


async def test_settings_from_a_file_protect(terminal: Terminal) -> None:
    """The registries' names, the grace time and keep patterns are those that the app itself has."""
    digest = seed(terminal.registry)
    config = terminal.folder / "janitor.yml"
    config.write_text(
        f"registries: [{{name: mine, endpoint: '{terminal.acr.url}'}}]\n"
        "selection: {grace: 0, keep_tags: ['pr-*']}\n"
        "slack: {bot_token: xoxb-not-needed}\n"
    )
    environ = {"ACR_JANITOR_CONFIG": str(config), "ACR_REGISTRIES": ""}
    ran = await terminal.scan("myrepo", "--output", "json", "--registry", "mine", environ=environ)
    assert going(ran) == {digest["loose"], digest["recent"], digest["fresh"]}
    ran = await terminal.scan("myrepo", "--tags", "pr-.*", environ=environ)
    assert "1  kept by a pattern (pr-*)" in ran.text


async def test_it_only_reads(terminal: Terminal) -> None:
    """No request but GET reaches the registry, save those for tokens, which ask for nothing more than reading."""
    seed(terminal.registry)
    before = terminal.registry.digests("myrepo")
    await terminal.scan("*", "--older-than", "1d")
    assert terminal.registry.digests("myrepo") == before
    asked = [(entry.method, entry.path) for entry in terminal.acr.log]
    assert {method for method, path in asked if not path.startswith("/oauth2/")} == {"GET"}


async def test_it_leaves_the_apps_database_alone(transport: str) -> None:
    """While the app runs and holds its database, a scan with the same settings neither waits for it nor fails."""
    async with make_stage(transport) as stage, stage.running():
        digest = seed(stage.registry)
        ran = await Terminal(stage.acr, stage.folder).type("scan", "myrepo", "--output", "json", environ=stage.environ)
        assert (ran.code, ran.err) == (Exit.READ, "")
        assert going(ran) == {digest["loose"], digest["recent"]}


async def test_the_exit_code_tells_whether_something_could_go(terminal: Terminal) -> None:
    """Only where it was asked to."""
    seed(terminal.registry)
    assert (await terminal.scan("myrepo")).code == 0
    assert (await terminal.scan("myrepo", "--exit-code")).code == 3
    assert (await terminal.scan("myrepo", "--exit-code", "--before", "2001-01-01")).code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("myrepo:v1",), "'myrepo:v1' names one manifest"),
        (("MyRepo",), "For example: acr-janitor scan myrepo"),
        (("nosuch",), "There is no repository nosuch in"),
        (("myrpo",), "Nearest names: myrepo. For example: acr-janitor scan myrepo"),
        (("nosuch/*",), "No repository of"),
        (("myrepo", "--registry", "nosuch"), "There is no registry 'nosuch' here"),
        (("myrepo", "--min-age", "soon"), "--min-age: 'soon' is not a length of time"),
        (("myrepo", "--before", "5.4.2019"), "Without a zone it is UTC."),
        (("myrepo", "--min-age", "7d", "--before", "2019-04-05"), "--min-age and --before each set an age"),
        (("myrepo", "--tags", "(?=x)"), "Patterns follow RE2"),
        (("myrepo", "--keep", "-1"), "--keep"),
        (("myrepo", "--output", "xml"), "--output"),
        (("myrepo", "--frobnicate"), "No such option"),
        ((), "Missing argument"),
        (("\x1b[31mred\x07",), "is not the name of a repository"),
    ],
)
async def test_a_mistake_is_told_on_standard_error(terminal: Terminal, arguments: tuple[str, ...], said: str) -> None:
    """With exit code 2, and nothing on standard output that a pipeline would take for a result."""
    seed(terminal.registry)
    ran = await terminal.scan(*arguments)
    assert (ran.code, ran.out) == (2, b"")
    assert said in ran.err
    assert "\x1b[31m" not in ran.err


async def test_mistaken_settings_are_all_told(terminal: Terminal) -> None:
    """Each with its name, and those of Slack only where they are malformed."""
    ran = await terminal.scan("myrepo", environ={"ACR_REGISTRIES": "", "ACR_GRACE": "soon", "LOG_LEVEL": "loud"})
    assert (ran.code, ran.out) == (2, b"")
    for name in ("ACR_REGISTRIES", "ACR_GRACE", "LOG_LEVEL"):
        assert f"- {name}: " in ran.err
    assert "SLACK" not in ran.err


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault(status=403, path="^/acr/v1/"), "most likely its firewall"),
        (Fault(status=401, path="^/acr/v1/"), "does not let this app"),
        (Fault(action="garbage", path="^/acr/v1/"), "its answer makes no sense"),
    ],
    ids=["403", "401", "garbage"],
)
async def test_a_registry_that_cannot_be_read_is_told(terminal: Terminal, fault: Fault, said: str) -> None:
    """Exit code 4 and no result, for one repository as for all of several."""
    seed(terminal.registry)
    terminal.acr.faults.add(fault)
    for repository in ("myrepo", "my*"):
        ran = await terminal.scan(repository, "--output", "json", "--exit-code")
        assert (ran.code, ran.out) == (4, b"")
        assert said in ran.err.splitlines()[-1]


@pytest.mark.slow
async def test_a_registry_that_is_not_there_is_told(terminal: Terminal) -> None:
    """After some tries: a registry may be away for a moment."""
    ran = await terminal.scan("myrepo", environ={"ACR_REGISTRIES": "http://127.0.0.1:9"})
    assert (ran.code, ran.out) == (4, b"")
    assert "it refused the connection" in ran.err


async def test_what_could_not_be_read_is_named_beside_the_rest(terminal: Terminal) -> None:
    """Exit code 5, which comes before that of ``--exit-code``: the result has what could be read."""
    digest = seed(terminal.registry, "team/app")
    terminal.registry.push_raw("team/odd", "application/x-unheard-of", b"{}", tags=["v1"], updated=days_ago(9))
    terminal.registry.push_image("team/odd", layers=[1], updated=days_ago(9))
    terminal.registry.push_image("team/shut", layers=[1], updated=days_ago(9))
    terminal.acr.faults.add(Fault(status=403, path="^/acr/v1/team/shut"))
    ran = await terminal.scan("team/*", "--output", "json", "--exit-code")
    assert ran.code == 5
    whole = json.loads(ran.out)
    assert whole["complete"] is False
    assert going(ran) == {digest["loose"], digest["recent"]}
    faults = {repository["name"]: repository["fault"] for repository in whole["repositories"]}
    assert faults["team/app"] is None
    assert "its media type is unknown: application/x-unheard-of" in faults["team/odd"]
    assert "firewall" in faults["team/shut"]
    assert json.loads(ran.err.splitlines()[0])["event"] == "repository_unreadable", "the log goes to standard error"
    ran = await terminal.scan("team/odd")
    assert ran.code == 5
    assert "Not cleaned, since not everything in it could be read:\n  team/odd: " in ran.text


async def test_a_pipe_that_closes_early_is_no_fault(terminal: Terminal) -> None:
    """``| head`` takes what it wants, and nobody complains."""
    for number in range(300):
        terminal.registry.push_image("myrepo", layers=[number + 1], updated=days_ago(9))
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        f"'{sys.executable}' -m bot scan myrepo --output json | head -c 10; echo \" ${{PIPESTATUS[0]}}\"",
        env={**os.environ, **terminal.acr.identity_env, "ACR_REGISTRIES": terminal.acr.url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), timeout=60)
    assert out.decode().split()[-1] == "0"
    assert b"Error" not in err
