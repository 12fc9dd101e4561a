"""Plain HTTP against a sandbox, byte by byte as written."""

import asyncio
import base64
import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from sandbox.acr import ADMIN, AcrSandbox

OCI_IMAGE = {"Content-Type": "application/vnd.oci.image.manifest.v1+json"}


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
        #: The header of calls that bring no bearer token; None for no credentials.
        self.authorization: str | None = basic(ADMIN.name, ADMIN.password)

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
        elif self.authorization is not None:
            sent["Authorization"] = self.authorization
        async with self._session.request(
            method,
            URL(self._acr.url + path, encoded=True),
            data=form if form is not None else None if data is None else io.BytesIO(data),
            json=payload,
            headers=sent,
            allow_redirects=False,
        ) as response:
            return Answer(response.status, dict(response.headers), await response.read())


async def until(held: Callable[[], object], seconds: float = 10) -> None:
    """Wait for a condition; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not held():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.01)


def basic(user: str, password: str | None) -> str:
    """Write the header of Basic auth."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
