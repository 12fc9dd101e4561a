"""Keeps the page's endpoints to this machine, and away from other web sites that its browser has open."""

import ipaddress
from collections.abc import Awaitable, Callable

from aiohttp import web
from yarl import URL

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def is_loopback(host: str | None) -> bool:
    """Say whether a host name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def guard(handler: Handler) -> Handler:
    """Refuse with 403 what doesn't come from this machine or comes from another site's page.

    A name in `Host` that isn't this machine's is DNS rebinding; an `Origin` other than our own is a page of somebody
    else's. Bodies must be JSON, which no page can send elsewhere without being asked first (CORS preflight).
    """

    async def guarded(request: web.Request) -> web.StreamResponse:
        if not is_loopback(request.remote) or not is_loopback(_host(request)):
            raise web.HTTPForbidden(text="only from this machine")
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{request.host}":
            raise web.HTTPForbidden(text="not from another site")
        if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"} and request.path != "/":
            raise web.HTTPForbidden(text="not from another site")
        if request.method == "POST" and request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(text="send JSON")
        return await handler(request)

    return guarded


def _host(request: web.Request) -> str | None:
    try:
        return URL(f"http://{request.host}").host
    except ValueError:
        return None
