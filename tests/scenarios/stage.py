"""The stage of the scenario tests: a workspace, a registry, the real app between them, people who act."""

import contextlib
import json
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bot.app import Application
from bot.clocks import DAYS
from bot.janitor.execute import Pace
from bot.registry import Patience
from bot.settings import load_settings
from bot.work import ReadBudget
from sandbox.acr import AcrOptions, AcrSandbox, Registry
from sandbox.slack import Channel, Human, Message, Person, SlackSandbox, UserGroup, Workspace, text_of
from sandbox.slack import Options as SlackOptions
from tests.scenarios.words import check_words

ROOT = Path(__file__).resolve().parents[2]
OPS = "C0OPS"
ELSEWHERE = "C0ELSEWHERE"
RILEY, SAM, OLU, KIM = "U0RILEY", "U0SAM", "U0OLU", "U0KIM"
PLATFORM = "S0PLATFORM"
SECRET = "sandbox-signing-secret"

QUICK = Pace(
    patience=timedelta(seconds=3), first_wait=timedelta(milliseconds=50), longest_wait=timedelta(milliseconds=200)
)


def make_workspace() -> Workspace:
    """Make a workspace with a developer, two approvers (one by a group), an outsider and two channels."""
    people = [
        Person(id=RILEY, name="riley", real_name="Riley", title="Developer"),
        Person(id=SAM, name="sam", real_name="Sam", title="Platform engineer"),
        Person(id=KIM, name="kim", real_name="Kim", title="Platform engineer"),
        Person(id=OLU, name="olu", real_name="Olu", title="Designer"),
    ]
    everybody = [person.id for person in people]
    return Workspace(
        name="Contoso",
        people=people,
        groups=[UserGroup(id=PLATFORM, handle="platform", name="Platform team", users=[KIM])],
        channels=[
            Channel(id=OPS, name="ops", members=everybody),
            Channel(id=ELSEWHERE, name="elsewhere", members=everybody, bot=False),
        ],
    )


def this_day() -> str:
    """Name today: whatever day that is, in a week a report of midnight is some hours late, and not too late."""
    return DAYS[datetime.now(UTC).weekday()]


def days_ago(days: float) -> datetime:
    """Give a moment some days before now."""
    return datetime.now(UTC) - timedelta(days=days)


@dataclass
class Stage:
    """Everything that a scenario needs. ``clock_ahead`` moves the app's clock into the future."""

    slack: SlackSandbox
    acr: AcrSandbox
    folder: Path
    transport: str
    environ: dict[str, str]
    clock_ahead: timedelta = timedelta()
    apps: list[Application] = field(default_factory=list)

    @property
    def registry(self) -> Registry:
        return self.acr.registry

    @property
    def riley(self) -> Human:
        return self.slack.human(RILEY)

    @property
    def sam(self) -> Human:
        return self.slack.human(SAM)

    @property
    def kim(self) -> Human:
        return self.slack.human(KIM)

    @property
    def olu(self) -> Human:
        return self.slack.human(OLU)

    @property
    def app(self) -> Application:
        return self.apps[-1]

    def events(self, *, looks: bool = False) -> list[dict[str, Any]]:
        """Give the app's record of deeds so far: actor, deed and detail of each.

        ``looks``: also what was only asked and viewed, which is written beside the answers, a moment later.
        """
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/state.db?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT actor, deed, detail FROM events ORDER BY id").fetchall()
        told = [{"actor": actor, "deed": deed, **json.loads(detail or "{}")} for actor, deed, detail in rows]
        return told if looks else [one for one in told if one["deed"] not in {"asked", "viewed"}]

    def now(self) -> datetime:
        return datetime.now(UTC) + self.clock_ahead

    @contextlib.asynccontextmanager
    async def running(
        self,
        pace: Pace = QUICK,
        *,
        patience: Patience | None = None,
        cards_every: timedelta | None = timedelta(milliseconds=100),
        budget: ReadBudget | None = None,
    ) -> AsyncIterator[Application]:
        """Start the real app on this stage's settings, reached by this stage's transport.

        ``patience``, ``cards_every`` and ``budget`` None stand for the product's own.
        """
        more: dict[str, Any] = {} if cards_every is None else {"cards_every": cards_every}
        with patch.dict("os.environ", {**self.acr.identity_env}):
            application = Application(
                load_settings(self.environ),
                clock=self.now,
                pace=pace,
                patience=patience,
                turns_every=timedelta(milliseconds=100),
                budget=budget,
                **more,
            )
            async with application:
                self.apps.append(application)
                if self.transport == "http":
                    self.slack.deliver_to(f"{application.address}/slack/events")
                else:
                    await self.slack.deliver_by_socket()
                yield application

    async def ask(self, person: Human, text: str, *, channel: str = OPS, patience: float = 15) -> Message:
        """Type a command and give the private answer."""
        before = {id(message) for message in person.messages(channel)}
        outcome = await person.slash(text, channel=channel)
        assert outcome.ok, outcome

        def answers() -> list[Message]:
            return [m for m in person.messages(channel) if id(m) not in before and m.only_for == person.id]

        await self.slack.wait_for(answers, timeout=patience)
        return answers()[-1]

    async def propose(self, person: Human, text: str, *, channel: str = OPS) -> Message:
        """Look, click "Propose deletion", and give the card."""
        answer = await self.ask(person, text, channel=channel)
        return await self.card_after(person.click(answer, "propose"))

    async def card_after(self, click: Any) -> Message:
        """Wait for the card that a click brings up, with its list in the thread and the private note about it."""
        known, noted = set(map(id, self.cards())), len(self._notes())
        outcome = await click
        assert outcome.ok, outcome
        await self.slack.wait_for(lambda: [c for c in self.cards() if id(c) not in known], timeout=15)
        card = next(c for c in self.cards() if id(c) not in known)
        await self.slack.wait_for(lambda: self.files(card) and len(self._notes()) > noted, timeout=15)
        return card

    def _notes(self) -> list[Message]:
        messages = self.slack.workspace.messages.get(OPS, [])
        return [message for message in messages if message.only_for and "Proposed" in message.text]

    def cards(self, channel: str = OPS) -> list[Message]:
        """Give what everybody sees in a channel."""
        return [message for message in self.olu.messages(channel) if message.only_for is None]

    def files(self, card: Message) -> dict[str, bytes]:
        """Give the files in a card's thread by name."""
        thread = self.olu.thread(card.channel, card.ts)
        return {file.name: file.content for message in thread for file in message.files}

    async def private_after(self, person: Human, move: Any, words: str, *, channel: str = OPS) -> str:
        """Make a move, wait for the new private message with those words, and give its text."""
        before = {id(m) for m in person.messages(channel)}
        outcome = await move
        assert outcome.ok, outcome

        def new() -> list[str]:
            seen = [m for m in person.messages(channel) if id(m) not in before and m.only_for == person.id]
            return [text for m in seen if words in (text := text_of(m))]

        await self.slack.wait_for(new, timeout=15)
        return new()[-1]

    async def until(self, card: Message, words: str, timeout: float = 20) -> str:  # noqa: ASYNC109 - tests only
        """Wait until a card says something, and give its text."""
        await self.slack.wait_for(lambda: words in text_of(card), timeout=timeout)
        return text_of(card)

    async def settled(self, card: Message, timeout: float = 30) -> str:  # noqa: ASYNC109 - tests only
        """Wait until a card's run is over and its thread has the outcome, and give the card's text."""
        await self.slack.wait_for(
            lambda: any(name.endswith("outcome.csv") for name in self.files(card)), timeout=timeout
        )
        return text_of(card)


@contextlib.asynccontextmanager
async def make_stage(
    transport: str,
    *,
    registry: Registry | None = None,
    options: AcrOptions | None = None,
    approvers: Iterable[str] = (SAM, PLATFORM),
    settings: Mapping[str, str] | None = None,
    clock: Callable[[], float] | None = None,
) -> AsyncIterator[Stage]:
    """Start the stand-ins and prepare the app's environment. In the end all that people were told is looked through."""
    acr = AcrSandbox(registry or Registry(), options or AcrOptions())
    kwargs: dict[str, Any] = {"clock": clock} if clock else {}
    # Slack gives an app three seconds, and so does the demo; benchmarks/bench_ack.py measures how long it takes. Here a
    # machine that is busy with other tests must not decide.
    kwargs["options"] = SlackOptions(ack_seconds=20, trigger_seconds=20)
    slack = SlackSandbox(make_workspace(), manifest=ROOT / "manifest.yml", signing_secret=SECRET, **kwargs)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with acr, slack:
            environ = {
                "SLACK_BOT_TOKEN": "xoxb-sandbox",
                "SLACK_API_URL": slack.api_url,
                "DATABASE_URL": f"sqlite:///{folder}/state.db",
                "ACR_REGISTRIES": acr.url,
                "ACR_APPROVERS": ",".join(approvers),
                # Most scenes are about a few images that all go; test_guards.py has the settings' own defaults.
                "ACR_KEEP_LAST_TAGGED": "false",
                "ACR_TAGGED_SHARE": "100",
                "HOST": "127.0.0.1",
                "PORT": "0",
                **({"SLACK_SIGNING_SECRET": SECRET} if transport == "http" else {"SLACK_APP_TOKEN": "xapp-sandbox"}),
                **(settings or {}),
            }
            yield Stage(slack, acr, Path(folder), transport, environ)
            check_words(slack)
