"""Who calls, and whether that is enough: Bearer, Basic, or nothing at all."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from sandbox.acr import errors
from sandbox.acr.options import AcrOptions
from sandbox.acr.principals import Principal, Scope
from sandbox.acr.tokens import TokenMint, TokenRefused

#: With this user name the password of Basic auth is a refresh token.
TOKEN_USER: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and what this call's credentials cover."""

    name: str
    covers: Callable[[Scope], bool]


class Gate:
    """Lets a request through or answers 401 with the challenge that says what token to bring."""

    def __init__(self, options: AcrOptions, mint: TokenMint) -> None:
        self._options = options
        self._mint = mint

    def check(self, authorization: str | None, need: Scope | None, realm: str, host: str) -> Caller:
        """Say who calls; raises 401. ``realm`` is the token endpoint's address, ``need`` None any token."""
        scheme, _, value = (authorization or "").partition(" ")
        flaw = ""
        # Anonymous callers bring a token too: without one the service challenges everybody.
        if scheme.lower() == "bearer":
            try:
                claims = self._mint.read("access", value.strip(), host)
            except TokenRefused:
                flaw = "invalid_token"
            else:
                caller = Caller(str(claims["sub"]), partial(_covers, claims["access"]))
                if need is None or caller.covers(need):
                    return caller
                flaw = "insufficient_scope"
        elif scheme.lower() == "basic":
            principal = self.basic(value, host)
            if principal is None:
                flaw = "invalid_token"
            elif need is None or principal.may(need):
                return Caller(principal.name, principal.may)
            else:
                flaw = "insufficient_scope"
        raise errors.unauthorized(_detail(need), challenge(realm, host, need, flaw))

    def basic(self, value: str, host: str) -> Principal | None:
        """Find who a Basic credential belongs to; None when nobody."""
        try:
            user, _, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return self.password(user, password, host)

    def password(self, user: str, password: str, host: str) -> Principal | None:
        """Find who a user name and password belong to; None when nobody."""
        if user == TOKEN_USER:
            try:
                claims = self._mint.read("refresh", password, host)
            except TokenRefused:
                return None
            return self._options.named(str(claims["sub"]))
        found = self._options.named(user)
        return found if found is not None and found.password and found.password == password else None


def challenge(realm: str, host: str, need: Scope | None, flaw: str) -> str:
    """Write the ``WWW-Authenticate`` header."""
    parts = [f'Bearer realm="{realm}"', f'service="{host}"']
    if need is not None:
        parts.append(f'scope="{need}"')
    if flaw:
        parts.append(f'error="{flaw}"')
    return ",".join(parts)


def _covers(access: list[dict[str, object]], need: Scope) -> bool:
    held: set[str] = set()
    for entry in access:
        names = {need.name, "*"} if need.type == "repository" else {need.name}
        actions = entry["actions"]
        if entry["type"] == need.type and entry["name"] in names and isinstance(actions, list):
            held.update(actions)
    return "*" in held or held.issuperset(need.actions)


def _detail(need: Scope | None) -> list[dict[str, str]]:
    if need is None:
        return []
    return [{"Type": need.type, "Name": need.name, "Action": action} for action in need.actions]
