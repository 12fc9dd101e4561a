"""The image: small, without root, from the lock, and able to run on a read-only file system."""

import http.server
import json
import os
import re
import subprocess
import sys
import threading
from typing import Any

import pytest

from tests.project.conftest import ROOT

Instruction = tuple[str, str]


def stages() -> list[list[Instruction]]:
    """Read the Dockerfile as stages of instructions, each with its text on one line."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    found: list[list[Instruction]] = []
    for line in re.sub(r"\\\n\s*", " ", lines).splitlines():
        keyword, _, rest = line.partition(" ")
        if keyword == "FROM":
            found.append([])
        found[-1].append((keyword, rest.strip()))
    return found


def last(keyword: str) -> str:
    """Give the text of the last such instruction of the stage that is shipped."""
    return [rest for each, rest in stages()[-1] if each == keyword][-1]


def test_the_base_is_pinned_and_small() -> None:
    """Both stages start from the same Python and Debian release, named in full."""
    bases = [stage[0][1].split()[0] for stage in stages()]

    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+(\.\d+)?-slim-[a-z]+", bases[0])


def test_the_python_is_one_that_is_supported(pyproject: dict[str, Any]) -> None:
    """The image runs a Python that the package declares."""
    version = re.search(r"python:(3\.\d+)", stages()[0][0][1])

    assert version is not None
    assert f"Programming Language :: Python :: {version[1]}" in pyproject["project"]["classifiers"]


def test_everything_comes_from_the_locks() -> None:
    """Each install takes a lock with hashes, or the wheel that was just built; no tool for tests gets in."""
    runs = [rest for stage in stages() for keyword, rest in stage if keyword == "RUN"]
    installs = [part for run in runs for part in run.split("&&") if re.search(r"\bpip\b.*\b(install|wheel)\b", part)]

    assert len(installs) == 4
    assert all("--require-hashes" in part or "--no-deps" in part for part in installs)
    assert "dev.txt" not in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert not any("apt-get" in run or "curl" in run for run in runs)


def test_it_runs_without_root() -> None:
    """The user is a number, which Kubernetes can check, and owns only the state's folder."""
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", last("USER"))
    assert last("VOLUME") == last("WORKDIR") == "/var/lib/acr-janitor"
    keywords = [keyword for keyword, _ in stages()[-1]]
    assert not {"COPY", "ADD", "RUN"} & set(keywords[keywords.index("USER") :])


def test_the_file_system_can_be_read_only() -> None:
    """Python writes no bytecode at run time."""
    assert "PYTHONDONTWRITEBYTECODE=1" in last("ENV")


def test_it_starts_without_a_shell() -> None:
    """In exec form the signals of the engine reach the app."""
    assert json.loads(last("ENTRYPOINT")) == ["acr-janitor"]
    assert json.loads(last("CMD")) == ["run"]
    assert last("EXPOSE") == "3000"


def test_the_health_check_is_python_that_asks_healthz() -> None:
    """The check needs nothing that the image lacks, and is sound Python."""
    options, _, command = last("HEALTHCHECK").partition("CMD ")
    python, flag, code = json.loads(command)

    assert (python, flag) == ("python", "-c")
    assert "/healthz" in code
    compile(code, "HEALTHCHECK", "exec")
    assert {"--interval", "--timeout", "--start-period", "--retries"} == set(re.findall(r"--[a-z-]+", options))


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_follows_the_answer(status: int, code: int) -> None:
    """The container is healthy while /healthz answers 200, on the port that PORT names, whatever proxy is set."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    python, *arguments = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.timeout = 30
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        environ = os.environ | {"PORT": str(server.server_port), "http_proxy": "http://127.0.0.1:9"}
        done = subprocess.run([sys.executable, *arguments], env=environ, timeout=30, check=False)
        thread.join(timeout=30)

    assert python == "python"
    assert asked == ["/healthz"]
    assert done.returncode == code


def test_the_labels(pyproject: dict[str, Any]) -> None:
    """The image says what it is, in which version, under which licence."""
    project = pyproject["project"]
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', last("LABEL")))

    assert labels == {
        "title": project["name"],
        "description": project["description"],
        "licenses": project["license"],
        "version": "${VERSION}",
    }
    assert last("ARG") == f"VERSION={project['version']}"


def test_the_context_holds_only_what_the_build_needs() -> None:
    """Everything is ignored but what is named, so that no secret or database of a checkout gets into a layer."""
    rules = [
        line
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]

    assert rules[0] == "*"
    allowed = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    assert {"bot", "handlers", "sandbox", "pyproject.toml", "README.md", "LICENSE"} <= allowed
    assert all((ROOT / path).exists() for path in allowed)
