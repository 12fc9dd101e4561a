"""JSON Web Tokens as the service issues them, signed with a secret of this process or one that is given."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from typing import Any, Final, Literal

TokenKind = Literal["identity", "refresh", "access"]

_HEADER: Final = {"typ": "JWT", "alg": "HS256", "kid": "SANDBOX"}
_REMEMBERED: Final = 10_000


class TokenRefused(Exception):  # noqa: N818 - it is an answer, not a fault
    """The token is malformed, not ours, of another kind, for another audience, or expired."""


class TokenMint:
    """Issues and reads tokens. Lifetimes are seconds of real time, since clients compare ``exp`` with theirs."""

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret or secrets.token_bytes(32)
        self._read: dict[str, dict[str, Any]] = {}

    def issue(self, kind: TokenKind, subject: str, audience: str, seconds: float, **claims: Any) -> tuple[str, float]:
        """Issue a token; give it with its expiry in Unix seconds.

        ``exp`` is cut to whole seconds, so short-lived tokens carry the exact moment beside it.
        """
        now = time.time()
        until = now + seconds
        payload = {
            "jti": secrets.token_hex(16),
            "iss": "Azure Container Registry",
            "sub": subject,
            "aud": audience,
            "iat": int(now),
            "nbf": int(now),
            "exp": int(until),
            "grant_type": f"{kind}_token",
            "until": until,
            **claims,
        }
        unsigned = f"{_encode(_HEADER)}.{_encode(payload)}"
        return f"{unsigned}.{self._sign(unsigned)}", until

    def read(self, kind: TokenKind, token: str, audience: str) -> dict[str, Any]:
        """Give a token's claims; raises TokenRefused."""
        claims = self._read.get(token)
        if claims is None:
            claims = self._open(token)
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            self._read[token] = claims
        if claims["grant_type"] != f"{kind}_token" or claims["aud"] != audience:
            raise TokenRefused("another kind of token, or for another service")
        if claims["until"] <= time.time():
            raise TokenRefused("expired")
        return claims

    def _open(self, token: str) -> dict[str, Any]:
        unsigned, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._sign(unsigned).encode(), signature.encode()):
            raise TokenRefused("not signed by this registry")
        claims: dict[str, Any] = json.loads(_decode(unsigned.partition(".")[2]))
        return claims

    def _sign(self, unsigned: str) -> str:
        mac = hmac.new(self._secret, unsigned.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def _encode(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
