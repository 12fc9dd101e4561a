"""The token endpoints: ``/oauth2/exchange``, ``/oauth2/token`` and the managed identity's own."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from sandbox.acr import errors
from sandbox.acr.access import Gate
from sandbox.acr.options import AcrOptions
from sandbox.acr.principals import Principal, Scope
from sandbox.acr.tokens import TokenMint, TokenRefused

#: What the SDK asks its credential for.
RESOURCE: Final = "https://containerregistry.azure.net"
_RESOURCES: Final = frozenset({RESOURCE, "https://management.azure.com", "https://management.core.windows.net"})
_EXCHANGES: Final = frozenset({"access_token", "access_token_refresh_token"})


class TokenApi:
    """Turns identities into refresh tokens and those into access tokens for scopes."""

    def __init__(self, options: AcrOptions, mint: TokenMint, gate: Gate) -> None:
        self._options = options
        self._mint = mint
        self._gate = gate
        #: What the platform puts into ``IDENTITY_HEADER``; a caller without it is not on this host.
        self.identity_header = secrets.token_hex(16)

    def exchange(self, form: Mapping[str, str], host: str) -> tuple[Principal, dict[str, Any]]:
        """Give a refresh token for a token of the identity platform; raises 400, 401."""
        grant = form.get("grant_type", "")
        if grant == "refresh_token":
            principal = self._holder("refresh", form.get("refresh_token", ""), host)
        elif grant in _EXCHANGES:
            principal = self._holder("identity", form.get("access_token", ""), RESOURCE)
        else:
            raise errors.bad_request(f"unsupported grant_type {grant!r}")
        self._check_service(form, host)
        if not principal.actions:
            raise errors.unauthorized()
        claims: dict[str, Any] = {"aad_identity": principal.name} if principal.abac else {}
        token, _ = self._mint.issue("refresh", principal.name, host, self._options.refresh_token_seconds, **claims)
        return principal, {"refresh_token": token}

    def token(
        self, form: Mapping[str, str], scopes: list[str], authorization: str | None, host: str
    ) -> tuple[Principal, dict[str, Any], list[Scope]]:
        """Give an access token for scopes; raises 400, 401 when nothing asked for is allowed.

        Granted is what is both asked for and allowed, so a token may hold less than its caller wanted.
        """
        principal = self._caller(form, authorization, host)
        self._check_service(form, host)
        asked = [Scope.parse(text) for scope in scopes for text in scope.split()]
        if None in asked:
            raise errors.bad_request(f"invalid scope {' '.join(scopes)!r}")
        granted = principal.grant(scope for scope in asked if scope is not None)
        if asked and not granted:
            raise errors.unauthorized()
        token, _ = self._mint.issue(
            "access",
            principal.name,
            host,
            self._options.access_token_seconds,
            access=[scope.wire() for scope in granted],
        )
        return principal, {"access_token": token}, granted

    def identity(self, resource: str, client_id: str | None) -> dict[str, Any]:
        """Give a token of the identity platform, as a host's own endpoint does; raises 400."""
        principal = self._options.identity(client_id)
        if principal is None:
            raise errors.bad_request("no managed identity with this client_id is assigned")
        if resource.rstrip("/") not in _RESOURCES:
            raise errors.bad_request(f"unknown resource {resource!r}")
        seconds = self._options.identity_token_seconds
        token, until = self._mint.issue("identity", principal.name, RESOURCE, seconds)
        return {
            "access_token": token,
            "expires_on": str(int(until)),
            "expires_in": str(int(seconds)),
            "resource": resource,
            "token_type": "Bearer",
            "client_id": principal.client_id,
        }

    def _caller(self, form: Mapping[str, str], authorization: str | None, host: str) -> Principal:
        scheme, _, value = (authorization or "").partition(" ")
        grant = form.get("grant_type", "password" if "username" in form else "")
        found: Principal | None
        if scheme.lower() == "basic":
            found = self._gate.basic(value, host)
        elif grant == "refresh_token":
            found = self._holder("refresh", form.get("refresh_token", ""), host)
        elif grant == "password" and "username" in form:
            found = self._gate.password(form["username"], form.get("password", ""), host)
        elif grant in {"password", ""}:
            found = self._options.anonymous
        else:
            raise errors.bad_request(f"unsupported grant_type {grant!r}")
        if found is None:
            raise errors.unauthorized()
        return found

    def _holder(self, kind: Any, token: str, audience: str) -> Principal:
        try:
            claims = self._mint.read(kind, token, audience)
        except TokenRefused:
            raise errors.unauthorized() from None
        found = self._options.named(str(claims["sub"]))
        if found is None:
            raise errors.unauthorized()
        return found

    def _check_service(self, form: Mapping[str, str], host: str) -> None:
        if form.get("service") != host:
            raise errors.bad_request(f"service {form.get('service')!r} is not this registry")
