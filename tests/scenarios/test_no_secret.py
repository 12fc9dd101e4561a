"""No token and no secret is ever shown: not in logs, messages, probes, the doctor's words, nor in the database."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.redaction import HIDDEN
from sandbox.acr import Fault
from sandbox.slack import text_of
from tests.scenarios.process import AppProcess, environment, running_process, started
from tests.scenarios.stage import SECRET, Stage, days_ago, make_stage

JWT = re.compile(r"eyJ[\w-]{5,}\.[\w-]+")


@pytest.mark.slow
async def test_nothing_shows_a_secret(transport: str) -> None:
    """A whole job at DEBUG, with every kind of refusal on its way, and then all that came out of it is searched."""
    async with make_stage(transport, settings={"LOG_LEVEL": "DEBUG"}) as stage:
        async with running_process(stage) as app:
            await _work(stage)
            seen = {path: await _fetch(app, path) for path in ("/healthz", "/readyz", "/metrics")}
            stage.acr.faults.add(Fault(status=401, kind="exchange"))
            seen["doctor"] = await _doctor(stage)
            seen["database at work"] = _database(stage.folder)
            assert await app.terminate() == 0
        seen["log"] = app.said
        seen["database"] = _database(stage.folder)
        seen["messages"] = "\n".join(_messages(stage))

        secrets = _secrets(stage)
        assert seen["log"].count('"level": "debug"') > 100
        assert HIDDEN in seen["log"], "secrets did come by"
        for where, text in seen.items():
            assert text, where
            assert not JWT.search(text), where
            for kind, values in secrets.items():
                assert values, kind
                for value in values:
                    place = text.find(value)
                    assert place < 0, f"{kind} in {where}: {text[max(0, place - 200) : place + 50]}"


async def _work(stage: Stage) -> None:
    """Ask, propose, approve and delete, refused now and then by each of those who can."""
    for number in range(4):
        stage.registry.push_image("myrepo", layers=[number + 1], updated=days_ago(40))
    faults = stage.acr.faults
    for fault, words in (
        (Fault(status=400, kind="identity"), "no Azure identity"),
        (Fault(status=403, kind="exchange"), "firewall"),
        (Fault(status=401, kind="token"), "needs the role"),
        (Fault(action="garbage", kind="token"), "makes no sense"),
        (Fault(status=403, kind="list_manifests"), "firewall"),
        (Fault(status=401, kind="list_manifests"), "needs the role"),
    ):
        faults.add(fault)
        assert words in text_of(await stage.ask(stage.riley, "/acr untagged myrepo")), fault
        faults.clear()
    stage.slack.fail("chat.postMessage", status=500)
    stage.slack.fail("response_url", status=500)
    faults.add(Fault(status=500, kind="list_manifests", count=1))
    card = await stage.propose(stage.riley, "/acr untagged myrepo")
    faults.add(Fault(status=401, kind="delete_manifest", count=1))
    faults.add(Fault(status=500, kind="delete_manifest", count=1))
    faults.add(Fault(status=429, kind="delete_manifest", count=1))
    await stage.sam.click(card, "approve")
    await stage.settled(card)
    assert not stage.registry.digests("myrepo")


async def _fetch(app: AppProcess, path: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"{app.address}{path}") as answer:
        return await answer.text()


async def _doctor(stage: Stage) -> str:
    log = stage.folder / "doctor.txt"
    async with started(environment(stage), log, "doctor") as program:
        assert await program.process.wait() == 1
    return program.said


def _database(folder: Path) -> str:
    return "".join(path.read_bytes().decode("latin-1") for path in sorted(folder.glob("state.db*")))


def _messages(stage: Stage) -> Iterator[str]:
    for messages in stage.slack.workspace.messages.values():
        for message in messages:
            yield json.dumps([message.text, message.blocks], ensure_ascii=False)
            yield from (file.content.decode() for file in message.files)


def _secrets(stage: Stage) -> dict[str, set[str]]:
    """Give all that must not be seen, by kind: what the app was given, and what it got on its way."""
    payloads: list[dict[str, Any]] = [delivery.payload for delivery in stage.slack.deliveries]
    tokens = set(stage.acr._service.tokens._mint._read)
    found = {
        "bot token": {"xoxb-sandbox"},
        "tokens of Azure and the registry": tokens,
        "identity header": {stage.acr.identity_env["IDENTITY_HEADER"]},
        "response URLs": {payload["response_url"].rpartition("/")[2] for payload in payloads},
        "verification token": {payload["token"] for payload in payloads},
    }
    if stage.transport == "http":
        return found | {"signing secret": {SECRET}}
    urls = [call.response["url"] for call in stage.slack.calls_of("apps.connections.open")]
    tickets = {url.partition("ticket=")[2].partition("&")[0] for url in urls}
    return found | {"app token": {"xapp-sandbox"}, "tickets": tickets}
