"""Plain HTTP against a sandbox, byte by byte as written."""

import json
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from sandbox.acr import ADMIN, AcrSandbox, Principal


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """Give the error's code."""
        code: str = self.json["errors"][0]["code"]
        return code


class Raw:
    """Calls one sandbox as one principal, by Basic auth; redirects are not followed."""

    def __init__(self, acr: AcrSandbox, session: aiohttp.ClientSession) -> None:
        self._acr = acr
        self._session = session
        self.auth: aiohttp.BasicAuth | None = basic(ADMIN)

    async def __call__(
        self,
        method: str,
        path: str,
        *,
        data: bytes | None = None,
        form: dict[str, str] | None = None,
        payload: object = None,
        headers: dict[str, str] | None = None,
        bearer: str | None = None,
    ) -> Answer:
        """Send one request; ``path`` goes out exactly as it is written."""
        sent = dict(headers or {})
        if bearer is not None:
            sent["Authorization"] = f"Bearer {bearer}"
        elif self.auth is not None:
            sent["Authorization"] = self.auth.encode()
        async with self._session.request(
            method,
            URL(self._acr.url + path, encoded=True),
            data=form if form is not None else data,
            json=payload,
            headers=sent,
            allow_redirects=False,
        ) as response:
            return Answer(response.status, dict(response.headers), await response.read())


def basic(principal: Principal) -> aiohttp.BasicAuth:
    """Give a principal's user name and password for Basic auth."""
    assert principal.password
    return aiohttp.BasicAuth(principal.name, principal.password)
