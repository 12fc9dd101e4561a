"""Access tokens: kept, renewed in time, and never for more than a request needs.

As shipped (1.2.0) the SDK spends four requests on each call (401, exchange, token, call), since it keeps no access
token; and a client dies after about three hours, since it renews its refresh token only while that is fresh. So this
policy does the exchange itself, and the SDK's own handshake never begins: it waits for a challenge that never comes.
"""

import asyncio
import base64
import ipaddress
import json
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import structlog
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import DecodeError
from azure.core.pipeline import PipelineContext, PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy
from azure.core.rest import HttpRequest

from bot.registry.answers import OK, UNAUTHORIZED, RefusalError, read_to_end
from bot.registry.faults import IdentityError, IdentityLateError, StrayRequestError

_log = structlog.get_logger(__name__)

_SCOPES_KEPT = 512
# What the Docker token specification says of a token that does not tell how long it lives.
_LIFE_UNKNOWN = 60.0
_LONGEST_MARGIN = 300.0
# A refresh token as young as this is not renewed because it was refused a scope: the identity has no right to it.
_FRESH = 60.0

# Whom Azure's token is for, as the SDK's documentation of ``audience`` gives it for each cloud.
_AUDIENCES = {
    ".azurecr.cn": "https://management.chinacloudapi.cn",
    ".azurecr.us": "https://management.usgovcloudapi.net",
}
_AUDIENCE = "https://containerregistry.azure.net"

_CATALOG = "registry:catalog:*"
_ACTIONS = ("delete", "metadata_read", "metadata_write", "pull")
_METADATA = re.compile(r"/acr/v1/(?P<name>.+?)(?:/_(?:manifests|tags)(?:/[^/]+)?)?")
_CONTENT = re.compile(r"/v2/(?P<name>.+)/(?:manifests|blobs|referrers|tags)/[^/]+")
_METADATA_ACTIONS = {"GET": "metadata_read", "PATCH": "metadata_write", "DELETE": "delete"}
_CONTENT_ACTIONS = {"GET": "pull", "HEAD": "pull", "DELETE": "delete"}


def scope_of(method: str, path: str) -> str:
    """Give the least scope that lets a request through, from its method and its path (percent-encoded or not).

    Raises StrayRequestError for a request that this app never makes. The actions are those that ACR names in its
    challenges, as seen in recorded sessions of the Azure SDK's tests.
    """
    path = unquote(path)
    if path in {"/acr/v1/_catalog", "/v2/_catalog"} and method == "GET":
        return _CATALOG
    for pattern, actions in ((_METADATA, _METADATA_ACTIONS), (_CONTENT, _CONTENT_ACTIONS)):
        match = pattern.fullmatch(path)
        # A part of a repository's name never begins with an underscore, nor is it a step up or down.
        if match and method in actions and not re.search(r"(?:^|/)(?:_|\.|/|$)", match["name"]):
            return f"repository:{match['name']}:{actions[method]}"
    raise StrayRequestError(f"{method} {path} is no request of this app.")


def audience_of(endpoint: str) -> str:
    """Give the resource that Azure's token must be for, from the registry's address."""
    host = urlsplit(endpoint).hostname or ""
    return next((audience for suffix, audience in _AUDIENCES.items() if host.endswith(suffix)), _AUDIENCE)


def is_loopback(endpoint: str) -> bool:
    """Whether an address is this machine's own, where plain http shows a token to nobody else."""
    host = urlsplit(endpoint).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """A token, when it was made and when to renew it (monotonic clock). Its value is never shown."""

    value: str = field(repr=False)
    made_at: float
    renew_at: float
    parent: "Token | None" = None


class TokenPolicy(AsyncHTTPPolicy[Any, Any]):
    """Puts a token on each request, in place of the SDK's challenge policy.

    A token that was revoked is replaced once; a 401 that stays goes up.

    ``endpoint``: ``https://host``. ``credential``: of the app, owned by the caller. ``patience``: seconds for getting
    one token. The clock may be replaced in tests.
    """

    def __init__(
        self,
        endpoint: str,
        credential: AsyncTokenCredential,
        *,
        patience: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._endpoint = endpoint.rstrip("/")
        self._origin = _origin(urlsplit(endpoint))
        self._service = urlsplit(endpoint).netloc
        self._audience = f"{audience_of(endpoint)}/.default"
        self._credential = credential
        self._patience = patience
        self._clock = clock
        self._kept: OrderedDict[str, Token] = OrderedDict()
        self._refresh: Token | None = None
        self._flights: dict[str, asyncio.Task[Token]] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._service}, {len(self._kept)} tokens>"

    async def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        """Send a request with a token of the least scope. Raises IdentityError, RefusalError or what sending raises."""
        http = request.http_request
        parts = urlsplit(http.url)
        if _origin(parts) != self._origin:
            raise StrayRequestError("A request would leave the registry.")
        scope = scope_of(http.method, parts.path)
        token = await self._token(scope)
        response = await self._send_with(token, request)
        if response.http_response.status_code == UNAUTHORIZED:
            await read_to_end(response.http_response)  # so that its connection can be used again
            self._forget(scope, token)
            response = await self._send_with(await self._token(scope), request)
        return response

    async def sign_in(self) -> None:
        """Make sure that there is a refresh token. Raises IdentityError, RefusalError or what sending raises."""
        await self._get_refresh()

    async def granted(self, repository: str) -> frozenset[str] | None:
        """Ask for all that this app does in a repository, and give what of it is allowed; None if it can't be told.

        A token holds what was asked for and is allowed; where that is nothing, there is none (401).
        """
        async with asyncio.timeout(self._patience):
            try:
                token = await self._ask_access(
                    f"repository:{repository}:{','.join(_ACTIONS)}", await self._get_refresh()
                )
            except RefusalError as error:
                if error.status_code == UNAUTHORIZED:
                    return frozenset()
                raise
        return allowed(token.value, repository)

    async def aclose(self) -> None:
        """Stop getting tokens and forget those there are."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        self._kept.clear()
        self._refresh = None

    async def _send_with(self, token: Token, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        request.http_request.headers["Authorization"] = f"Bearer {token.value}"
        return await self.next.send(request)

    async def _token(self, scope: str) -> Token:
        token = self._kept.get(scope)
        if token is not None and self._clock() < token.renew_at:
            self._kept.move_to_end(scope)
            return token
        return await self._once(scope, lambda: self._get_access(scope))

    def _forget(self, scope: str, token: Token) -> None:
        # Only what was refused: of many calls that come back with a 401, the first one has renewed it already.
        if self._kept.get(scope) is token:
            del self._kept[scope]
        if self._refresh is token.parent:
            self._refresh = None

    async def _once(self, key: str, get: Callable[[], Awaitable[Token]]) -> Token:
        """Get something once for all who want it at the same time, and go on if the first of them loses patience."""
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._bounded(get), name=f"token {key}")
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(flight)

    async def _bounded(self, get: Callable[[], Awaitable[Token]]) -> Token:
        async with asyncio.timeout(self._patience):
            return await get()

    def _landed(self, key: str, flight: asyncio.Task[Token]) -> None:
        del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # somebody has looked: asyncio need not complain where nobody waits any more

    async def _get_access(self, scope: str) -> Token:
        refresh = await self._get_refresh()
        try:
            token = await self._ask_access(scope, refresh)
        except RefusalError as error:
            if error.status_code != UNAUTHORIZED or self._is_fresh(refresh):
                raise  # it is the scope that is refused
            # Revoked, run out by the registry's clock before ours, or older than a role that was given since.
            if self._refresh is refresh:
                self._refresh = None
            token = await self._ask_access(scope, await self._get_refresh())
        self._kept[scope] = token
        self._kept.move_to_end(scope)
        while len(self._kept) > _SCOPES_KEPT:
            self._kept.popitem(last=False)
        return token

    async def _get_refresh(self) -> Token:
        if self._refresh is not None and self._clock() < self._refresh.renew_at:
            return self._refresh
        return await self._once("", self._exchange)

    def _is_fresh(self, token: Token) -> bool:
        return self._clock() - token.made_at < min(_FRESH, (token.renew_at - token.made_at) / 2)

    async def _exchange(self) -> Token:
        try:
            # Sooner than the patience of all that waits for it, so that it is the identity that gets the blame.
            async with asyncio.timeout(self._patience * 0.8):
                identity = await self._credential.get_token(self._audience)
        except TimeoutError as error:
            raise IdentityLateError("Azure gave no token in time.") from error
        except Exception as error:
            # Each kind of credential fails in its own way, and with a text that names everything it has tried.
            _log.warning("registry_identity_failed", registry=self._service, kind=type(error).__name__)
            raise IdentityError("Azure gave no token to sign in with.") from error
        form = {"grant_type": "access_token", "service": self._service, "access_token": identity.token}
        value = await self._post("/oauth2/exchange", form, "refresh_token")
        self._refresh = self._made(value)
        return self._refresh

    async def _ask_access(self, scope: str, refresh: Token) -> Token:
        form = {
            "grant_type": "refresh_token",
            "service": self._service,
            "scope": scope,
            "refresh_token": refresh.value,
        }
        return self._made(await self._post("/oauth2/token", form, "access_token"), parent=refresh)

    async def _post(self, path: str, form: Mapping[str, str], key: str) -> str:
        request = HttpRequest("POST", self._endpoint + path, data=dict(form), headers={"Accept": "application/json"})
        response = (await self.next.send(PipelineRequest(request, PipelineContext(None)))).http_response
        if response.status_code != OK:
            raise RefusalError(response, signing_in=True)
        try:
            value = response.json()[key]
        except (ValueError, TypeError, LookupError) as error:
            raise DecodeError("The answer holds no token.", error=error) from None
        if not isinstance(value, str) or not value:
            raise DecodeError("The answer holds no token.")
        return value

    def _made(self, value: str, parent: Token | None = None) -> Token:
        now = self._clock()
        return Token(value, now, now + usable(value, time.time()), parent)


def usable(token: str, now: float) -> float:
    """Say for how many seconds from now a token just made may be used.

    Measured from the registry's own ``iat`` to its ``exp``, so that a clock of ours that is off does no harm. A fifth
    of the life, at most five minutes, is left unused; and a second more, since both claims are cut to whole seconds.
    """
    claims = _claims(token)
    ends, begins = claims.get("exp"), claims.get("iat", now)
    if not isinstance(ends, (int, float)) or not isinstance(begins, (int, float)):
        return _LIFE_UNKNOWN
    life = ends - begins
    if life <= 0:
        return _LIFE_UNKNOWN
    return life - min(1.0, life / 2) - min(life / 5, _LONGEST_MARGIN)


def allowed(token: str, repository: str) -> frozenset[str] | None:
    """Read from an access token what it allows in a repository; None where it has no such claim.

    ``access`` is a list of ``{"type", "name", "actions"}``, as the Docker token specification has it.
    """
    match _claims(token).get("access"):
        case list(entries):
            found = [
                entry.get("actions")
                for entry in entries
                if isinstance(entry, dict) and (entry.get("type"), entry.get("name")) == ("repository", repository)
            ]
            actions = {str(action) for listed in found if isinstance(listed, list) for action in listed}
            return frozenset(_ACTIONS if "*" in actions else actions)
    return None


def _claims(token: str) -> dict[str, Any]:
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, IndexError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return parts.scheme, parts.hostname or "", port
