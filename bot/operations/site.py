"""What the app listens to: Slack's requests in HTTP mode, and in both modes probes and Prometheus."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import web
from aiohttp.typedefs import Middleware
from slack_bolt.app.async_app import AsyncApp

from bot.domain.proposal import State
from bot.errors import StoreError
from bot.metrics import CONTENT_TYPE, Metrics
from bot.operations.readiness import Readiness
from bot.store import Store

SLACK_PATH = "/slack/events"
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_site(
    bolt: AsyncApp | None, readiness: Readiness, store: Store, metrics: Metrics, clock: Callable[[], datetime]
) -> web.Application:
    """Put the paths together. ``bolt`` is given in HTTP mode, where Slack's requests come this way."""
    site = web.Application() if bolt is None else bolt.web_app(SLACK_PATH)
    site.middlewares.extend([_timing(metrics), _refuse_nonsense])

    async def ready(_: web.Request) -> web.Response:
        report = await readiness.report()
        return web.json_response(report.document(), status=200 if report.ready else 503)

    async def figures(_: web.Request) -> web.Response:
        await _look(store, metrics, clock())
        return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    site.router.add_get("/healthz", _healthy)
    site.router.add_get("/readyz", ready)
    site.router.add_get("/metrics", figures)
    return site


async def _look(store: Store, metrics: Metrics, now: datetime) -> None:
    """Set what is counted in the database. While that is away the rest is still worth having."""
    try:
        count = await store.counts.now()
    except StoreError:
        metrics.database_up.set(0)
        return
    metrics.database_up.set(1)
    for state in State:
        metrics.proposals.labels(state.value).set(count.states[state])
    metrics.queue_items.set(count.queued_items)
    metrics.queue_age.set(_age(count.approved_since, now))
    metrics.run_age.set(_age(count.running_since, now))


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _timing(metrics: Metrics) -> Middleware:
    @web.middleware
    async def timing(request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Count how long Slack's requests take to be acknowledged, reading them included."""
        if request.path != SLACK_PATH:
            return await handler(request)
        began = time.perf_counter()
        response = await handler(request)
        metrics.acks.labels("http", str(response.status)).observe(time.perf_counter() - began)
        return response

    return timing


@web.middleware
async def _refuse_nonsense(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Refuse what Slack never sends and what Bolt, before it has checked any signature, would fail over."""
    try:
        await request.text()
        int(request.headers.get("X-Slack-Request-Timestamp", "0"))
    except (ValueError, LookupError):  # not in its own encoding, an encoding that there is not, no number
        return web.json_response({"error": "invalid request"}, status=401)
    return await handler(request)


async def _healthy(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})
