"""The composition root: settings in, a running app out. The only place that knows every part."""

import asyncio
import contextlib
import os
import ssl
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Self

import structlog
from aiohttp import web
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ConfigurationError, JanitorError
from bot.janitor.approvers import Approvers
from bot.janitor.brake import Brakes
from bot.janitor.choose import Chooser
from bot.janitor.decide import Decider
from bot.janitor.desk import Desk
from bot.janitor.execute import Executor, Pace
from bot.janitor.freeze import Freezer
from bot.janitor.hold import held_back
from bot.janitor.lock import Locker
from bot.janitor.looking import Looking
from bot.janitor.looks import Looks
from bot.janitor.names import Names
from bot.janitor.propose import Proposer
from bot.janitor.refusals import Refusals
from bot.janitor.report import Reporter, forget_old
from bot.janitor.retry import Retrier
from bot.janitor.stop import Stopper
from bot.janitor.superseding import Superseder
from bot.janitor.survey import Surveyor
from bot.janitor.teams import Teams
from bot.metrics import Metrics
from bot.operations import Readiness, SocketMode, make_site
from bot.redaction import Redactor
from bot.registry import Patience
from bot.settings import Settings
from bot.store import Store
from bot.wiring import open_registries, policy_of, teams_of, utc_now
from bot.work import Background, ReadBudget, Schedule, Times, engine_for
from handlers import (
    Cards,
    Copies,
    Homes,
    OneClient,
    Parts,
    Reminders,
    Reports,
    SlackDirectory,
    UnderWay,
    Zones,
    check_tokens,
    register,
)

SWEEP_EVERY = timedelta(seconds=30)
# Whether a report's turn has come; posted up to so much later than its time says.
TURNS_EVERY = timedelta(seconds=20)
FORGET_EVERY = timedelta(hours=12)
# A run that ended longer ago, while the app was down, is not looked at any more: too much has changed since.
SURVEY_LATE = timedelta(days=1)
# How long requests under way may take once the app is asked to end; the run's open chunk is waited for apart from it.
LAST_REQUESTS = 10.0

log = structlog.get_logger(__name__)


class Application:
    """The app, put together from settings. ``async with`` starts it; leaving ends it cleanly.

    ``address`` is where it listens once it has started. ``clock``, ``pace`` (of runs), ``patience`` (of each request to
    a registry) and ``times`` (that replicas agree by) are the program's own unless a test moves them.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = utc_now,
        pace: Pace | None = None,
        patience: Patience | None = None,
        cards_every: timedelta = timedelta(seconds=3),
        turns_every: timedelta = TURNS_EVERY,
        budget: ReadBudget | None = None,
        times: Times | None = None,
    ) -> None:
        self.settings = settings
        self.address = ""
        self.metrics = Metrics()
        self._clock = clock
        self._pace = pace
        self._patience = patience
        self._cards_every = cards_every
        self._turns_every = turns_every
        self._budget = budget
        self._times = times or Times()
        self._exits = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Start: first what needs nothing, last what lets requests in. What has started is ended on a fault."""
        async with contextlib.AsyncExitStack() as exits:
            await self._start(exits)
            self._exits = exits.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End in the reverse order: no new requests, then the open chunk, then the last drawings, then connections."""
        log.info("stopping")
        await self._exits.aclose()
        log.info("stopped")

    async def _start(self, exits: contextlib.AsyncExitStack) -> None:
        settings = self.settings
        store = await Store.open(settings.database_url, lease=self._times.lease)
        exits.push_async_callback(store.close)
        registries = await exits.enter_async_context(
            open_registries(settings, patience=self._patience, metrics=self.metrics)
        )
        policy = policy_of(settings)
        desk = Desk(registries, store.bodies, policy, self._clock, store, self.metrics)
        slack = self._slack_client()
        clients = OneClient(slack)
        await check_tokens(clients, slack, settings.slack.app_token.get_secret_value())
        directory = SlackDirectory(clients, clock=lambda: self._clock().timestamp())
        copies = Copies(clients, desk, Approvers(desk, directory), directory, tell=settings.approvals.tell_approvers)
        exits.push_async_callback(copies.close)
        cards = Cards(clients, store, policy, self._clock, every=self._cards_every, news=copies.changed)
        exits.push_async_callback(cards.close)
        engine = engine_for(store, registries=len(registries), times=self._times)
        exits.push_async_callback(engine.stop)

        async def held(registry: str) -> bool:
            return await held_back(store, policy, registry, self._clock()) is not None

        decider = Decider(desk, directory, engine)
        brakes = Brakes(store, held=held)
        surveys = Background(Surveyor(desk, cards, self._budget or ReadBudget()).look)
        exits.push_async_callback(surveys.close)
        names = Names(desk)
        exits.push_async_callback(names.close)
        zones = Zones(clients)
        teams = Teams(desk, teams_of(settings))
        homes = Homes(clients, desk, decider, teams, zones)
        exits.push_async_callback(homes.close)
        refusals = Refusals(store, self._clock)
        looking = Looking(store, self._clock)
        exits.push_async_callback(looking.close)
        under_way = UnderWay(refusals)
        exits.push_async_callback(under_way.drain, LAST_REQUESTS)
        proposer = Proposer(desk)
        parts = Parts(
            clients=clients,
            desk=desk,
            proposer=proposer,
            superseder=Superseder(desk, proposer, decider),
            decider=decider,
            stopper=Stopper(desk, decider, brakes),
            retrier=Retrier(desk, decider, engine),
            chooser=Chooser(desk, decider),
            locker=Locker(desk, decider),
            freezer=Freezer(desk, decider, brakes, engine),
            cards=cards,
            surveys=surveys,
            under_way=under_way,
            refusals=refusals,
            looking=looking,
            zones=zones,
            reports=Reports(clients, desk, Reporter(desk, _budgets(registries, self._budget)), teams, directory),
            homes=homes,
            copies=copies,
            names=names,
            looks=Looks(desk),
        )

        bolt = AsyncApp(
            client=slack,
            signing_secret=settings.slack.signing_secret.get_secret_value() or None,
            # Slack's check of the TLS handshake is of no use behind a proxy; signatures are always checked.
            ssl_check_enabled=False,
        )
        register(bolt, parts)

        def ended(proposal_id: str) -> None:
            surveys.submit(proposal_id)
            homes.changed(proposal_id)

        await engine.start(Executor(desk, cards, self._pace, brakes=brakes, afterwards=ended).run)
        reminders = Reminders(clients, store, decider)
        self._tick(
            exits, parts, reminders, Schedule(store, self._clock, parts.reports.scheduled, parts.reports.take_turn)
        )
        await self._listen(exits, bolt, desk)
        # Last in, first out: while the requests under way are answered, no more is deleted.
        exits.callback(engine.halt)
        log.info("started", address=self.address, mode=settings.slack.mode, registries=list(registries))

    def _slack_client(self) -> AsyncWebClient:
        slack = self.settings.slack
        return AsyncWebClient(
            token=slack.bot_token.get_secret_value(),
            base_url=slack.api_url,
            ssl=ssl.create_default_context() if slack.api_url.startswith("https:") else None,
            retry_handlers=[
                AsyncConnectionErrorRetryHandler(max_retry_count=2),
                AsyncRateLimitErrorRetryHandler(max_retry_count=5),
                AsyncServerErrorRetryHandler(max_retry_count=2),
            ],
        )

    def _tick(self, exits: contextlib.AsyncExitStack, parts: Parts, reminders: Reminders, schedule: Schedule) -> None:
        """Now and then close what has expired, remind, catch up on what a crash left, and take the reports' turns."""
        exits.push_async_callback(schedule.stop)
        under_way = asyncio.Lock()

        async def sweep() -> None:
            async with under_way:
                try:
                    for proposal in await parts.decider.expire():
                        await parts.cards.changed(proposal.id)
                        parts.homes.changed(proposal.id)
                    await parts.cards.catch_up()
                    await parts.copies.catch_up()
                    for proposal in await parts.desk.store.proposals.unsurveyed(self._clock() - SURVEY_LATE):
                        parts.surveys.submit(proposal.id)
                    await reminders.remind(self._clock())
                except JanitorError:
                    log.exception("sweep_failed")

        turning = asyncio.Lock()

        async def take_turns() -> None:
            async with turning:
                try:
                    await schedule.tick()
                except JanitorError:
                    log.exception("turns_not_taken")

        forgetting = asyncio.Lock()

        async def forget() -> None:
            async with forgetting:
                try:
                    await forget_old(parts.desk)
                except JanitorError:
                    log.exception("old_reports_not_forgotten")

        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        scheduler.add_job(sweep, "interval", seconds=SWEEP_EVERY.total_seconds(), next_run_time=datetime.now(UTC))
        scheduler.add_job(
            take_turns, "interval", seconds=self._turns_every.total_seconds(), next_run_time=datetime.now(UTC)
        )
        scheduler.add_job(forget, "interval", seconds=FORGET_EVERY.total_seconds(), next_run_time=datetime.now(UTC))
        scheduler.start()

        async def stop() -> None:
            scheduler.pause()
            # Its shutdown cancels jobs under way; what has begun is let to its end.
            async with under_way, turning, forgetting:
                scheduler.shutdown(wait=False)

        exits.push_async_callback(stop)

    async def _listen(self, exits: contextlib.AsyncExitStack, bolt: AsyncApp, desk: Desk) -> None:
        settings = self.settings
        socket = None
        if settings.slack.mode == "socket":
            socket = SocketMode(bolt, settings.slack.app_token.get_secret_value(), self.metrics)
            exits.push_async_callback(socket.close_async)
            await socket.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it without types
        readiness = Readiness(
            desk.store, desk.registries, connection=socket.state if socket else None, hide=Redactor(settings.secrets)
        )
        site = make_site(None if socket else bolt, readiness, desk.store, self.metrics, self._clock)
        runner = web.AppRunner(site, access_log=None, shutdown_timeout=LAST_REQUESTS)
        await runner.setup()
        exits.push_async_callback(runner.cleanup)
        listener = web.TCPSite(runner, settings.listen.host, settings.listen.port)
        try:
            await listener.start()
        except OSError as error:
            raise _cannot_listen(settings.listen.host, settings.listen.port, error) from error
        host, port = runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"


def _budgets(registries: Iterable[str], shared: ReadBudget | None) -> Callable[[str, int], Awaitable[None]]:
    """Give each registry a budget of its own for reports: rate limits are per registry."""
    budgets = {name: shared or ReadBudget() for name in registries}

    async def spend(registry: str, reads: int) -> None:
        await budgets[registry].spend(reads)

    return spend


def _cannot_listen(host: str, port: int, error: OSError) -> ConfigurationError:
    # asyncio puts its own words before the system's, except where a name does not resolve: that has no positive number.
    why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
    return ConfigurationError(
        [f"HOST, PORT: {host}:{port} can't be listened on: {why}. Expected an address of this machine and a free port."]
    )


async def serve(application: Application, *signals: int) -> None:
    """Run the app until one of the signals comes.

    One that comes while it still starts ends it as well: in Socket Mode it waits for as long as Slack is away.
    """
    loop = asyncio.get_running_loop()
    asked, started = asyncio.Event(), asyncio.Event()

    async def run() -> None:
        async with application:
            started.set()
            await asked.wait()

    for number in signals:
        loop.add_signal_handler(number, asked.set)
    try:
        running, asking = asyncio.create_task(run()), asyncio.create_task(asked.wait())
        await asyncio.wait({running, asking}, return_when=asyncio.FIRST_COMPLETED)
        asking.cancel()
        if asked.is_set() and not started.is_set():
            log.info("stopped_while_starting")
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
        else:
            await running
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
