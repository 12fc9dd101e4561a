"""The demo without a browser: the main job is played, each step printed as people saw it, and the registry checked."""

import asyncio
import csv
import html
import io
import re
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp

from sandbox.acr import ADMIN
from sandbox.demo.browser import say
from sandbox.demo.stage import CHANNEL, OLU, RILEY, SAM, Demo, end_of, started
from sandbox.pull import Puller
from sandbox.slack import Human, Message, text_of

REPOSITORY = "myrepo"
_PATIENCE = 60.0


class NotTrueError(Exception):
    """Something that the demo promises did not happen."""


async def play(meddle: Callable[[Demo], Coroutine[Any, Any, None]] | None = None) -> int:
    """Play the main job; give 0 only if everything really happened.

    ``meddle`` runs beside the play and may spoil it: so it can be seen that the play is able to fail.
    """
    try:
        async with started() as demo:
            meddling = asyncio.create_task(meddle(demo)) if meddle is not None else None
            try:
                await _Play(demo).run()
            finally:
                if meddling is not None:
                    meddling.cancel()
                    await asyncio.wait([meddling])
    except (NotTrueError, TimeoutError, RuntimeError) as error:
        say("", f"FAILED: {str(error) or type(error).__name__}")
        return 1
    say("", "Everything happened as promised.")
    return 0


class _Play:
    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.riley, self.sam, self.olu = (demo.slack.human(user) for user in (RILEY, SAM, OLU))

    async def run(self) -> None:
        async with aiohttp.ClientSession() as session:
            puller = Puller(session, self.demo.acr.url, ADMIN.name, ADMIN.password or "")
            registry = self.demo.acr.registry
            before = {name: registry.digests(name) for name in registry.repositories()}
            tags_before = {name: await puller.tags(name) for name in before}
            pulled_before = {name: await puller.pull(name, tags_before[name]) for name in before}

            card = await self._ask_and_propose()
            planned = {row["digest"] for row in self._csv(card, "plan.csv")}
            _must(len(planned) > 0, "the card's list is not empty")
            await self._refuse(card)
            _must(registry.digests(REPOSITORY) == before[REPOSITORY], "nothing was deleted before the approval")
            await self._approve(card)

            say("", "--- the registry's own state ---")
            after = {name: registry.digests(name) if name in registry.repositories() else set() for name in before}
            _must(before[REPOSITORY] - after[REPOSITORY] == planned, "exactly what the card listed is gone")
            for digest in planned:
                _must(not await puller.exists(REPOSITORY, digest), f"{digest} can't be pulled any more", quiet=True)
            for name, digests in before.items():
                if name != REPOSITORY:
                    _must(after[name] == digests, f"{name} is untouched", quiet=True)
                _must(sorted(await puller.tags(name)) == sorted(tags_before[name]), f"{name} has its tags", quiet=True)
                pulled = await puller.pull(name, tags_before[name])
                _must(pulled == pulled_before[name], f"{name}: every tag pulls as before", quiet=True)
            say(
                f"gone: {len(planned)} manifests of {REPOSITORY}, exactly those on the card",
                f"there: {sum(map(len, after.values()))} manifests in {len(after)} repositories; "
                f"{sum(map(len, tags_before.values()))} tags still pull with all platforms and signatures",
            )
            outcomes = {row["outcome"] for row in self._csv(card, "outcome.csv")}
            _must(outcomes == {"deleted"}, "the record says that all were deleted", but=str(outcomes))
            await self._report(len(planned))

    async def _ask_and_propose(self) -> Message:
        typed = f"/acr untagged {REPOSITORY}"
        say("", f"--- Riley types {typed} in #platform; only Riley sees the answer ---")
        outcome = await self.riley.slash(typed, channel=CHANNEL)
        _must(outcome.ok, "the app acknowledged the command", but=str(outcome.failure))
        answer = await self._message(self.riley, lambda message: message.only_for == RILEY)
        say(self._seen_text(answer))
        _must(not self._seen(self.olu, lambda message: message.only_for == RILEY), "nobody else sees it", quiet=True)

        say("", "--- Riley clicks Propose deletion; everybody in #platform sees the card ---")
        await self.riley.click(answer, "propose")
        card = await self._message(self.olu, lambda message: message.by_app and message.only_for is None)
        await self._until(lambda: self._file(card, "plan.csv"), "the list is in the card's thread")
        say(self._seen_text(card), *(f"(in the thread: {name})" for name in self._files(card)))
        return card

    async def _report(self, deleted: int) -> None:
        say("", "--- Riley types /acr report; everybody in #platform sees what is stale in the other repositories ---")
        await self.riley.slash("/acr report", channel=CHANNEL)

        def is_report(message: Message) -> bool:
            return message.by_app and message.only_for is None and "stale manifests" in message.text

        said = self._seen_text(await self._message(self.olu, is_report))
        say(said)
        _must(
            f"{deleted} manifests of `{REPOSITORY}`" in said and "approved by @Sam Okafor" in said,
            "the report says what was cleaned, and who approved it",
        )

    async def _refuse(self, card: Message) -> None:
        for human, name in ((self.riley, "Riley"), (self.olu, "Olu")):
            known = {id(message) for message in human.messages(CHANNEL)}
            say("", f"--- {name} clicks Approve; only {name} sees the answer ---")
            await human.click(card, "approve")

            def refusal(message: Message, known: set[int] = known) -> bool:
                return id(message) not in known and message.only_for is not None and "can: " in self._seen_text(message)

            say(self._seen_text(await self._message(human, refusal)))

    async def _approve(self, card: Message) -> None:
        dialog = self.sam.confirm_of(card, "approve")
        _must(dialog is not None, "the Approve button asks once more", quiet=True)
        say("", "--- Sam clicks Approve, and is asked once more ---", _dialog(dialog))
        await self.sam.click(card, "approve")
        await self._until(lambda: self._file(card, "outcome.csv"), "the run ends")
        say(
            "",
            "--- the card, in the end ---",
            self._seen_text(card),
            *(f"(in the thread: {name})" for name in self._files(card)),
        )

    def _seen_text(self, message: Message) -> str:
        """Give a message's text as Slack draws it: names in the place of ids, times in the place of their codes."""
        people, groups = self.demo.slack.workspace.people, self.demo.slack.workspace.groups
        text = re.sub(r"<!date\^[^|>]*\|([^>]*)>", r"\1", text_of(message))
        text = re.sub(r"<([^|<>]+)\|([^<>]*)>", r"\2 (\1)", text)
        text = re.sub(r"<@(\w+)>", lambda match: f"@{people[match[1]].real_name}", text)
        text = re.sub(r"<!subteam\^(\w+)>", lambda match: f"@{groups[match[1]].handle}", text)
        return html.unescape(text)

    def _seen(self, human: Human, wanted: Callable[[Message], bool]) -> list[Message]:
        return [message for message in human.messages(CHANNEL) if wanted(message)]

    async def _message(self, human: Human, wanted: Callable[[Message], bool]) -> Message:
        await self._until(lambda: self._seen(human, wanted), f"{human.id} gets an answer")
        return self._seen(human, wanted)[-1]

    async def _until(self, condition: Callable[[], Any], what: str) -> None:
        try:
            await self.demo.slack.wait_for(condition, timeout=_PATIENCE)
        except TimeoutError as error:
            raise NotTrueError(
                f"{what}: not within {_PATIENCE:.0f} s. The app's log:\n{end_of(self.demo.log)}"
            ) from error

    def _files(self, card: Message) -> dict[str, bytes]:
        return {f.name: f.content for message in self.olu.thread(CHANNEL, card.ts) for f in message.files}

    def _file(self, card: Message, end: str) -> bytes | None:
        return next((content for name, content in self._files(card).items() if name.endswith(end)), None)

    def _csv(self, card: Message, end: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO((self._file(card, end) or b"").decode())))


def _dialog(dialog: Any) -> str:
    words = [dialog[key]["text"] for key in ("title", "text")]
    return "\n".join([*words, f"[{dialog['confirm']['text']}] [{dialog['deny']['text']}]"])


def _must(condition: object, what: str, *, but: str = "", quiet: bool = False) -> None:
    if not condition:
        raise NotTrueError(f"it is not true that {what}" + (f", but: {but}" if but else ""))
    if not quiet:
        sys.stdout.write(f"checked: {what}\n")
