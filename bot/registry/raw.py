"""What the registry really answered, beside what the SDK makes of it."""

from collections.abc import AsyncGenerator
from typing import Any

from azure.core.pipeline import PipelineResponse

from bot.registry import documents
from bot.registry.faults import MalformedError
from bot.registry.pipeline import DOCUMENT

# Far beyond any registry: two million entries. More would not fit into memory.
_PAGES = 2_000


class Seen:
    """Keeps the last raw response of a call: the SDK's own models leave out the media types, and what was absent."""

    def __init__(self) -> None:
        self._last: PipelineResponse[Any, Any] | None = None

    def __call__(self, response: PipelineResponse[Any, Any]) -> None:
        """Serve as ``raw_response_hook``."""
        self._last = response

    def response(self) -> Any:
        """Give the response itself, which may have been read or not."""
        assert self._last is not None
        return self._last.http_response

    def document(self) -> Any:
        """Give the JSON of the response, which has been parsed by now."""
        if self._last is None:
            raise MalformedError("there was none")
        return self._last.context.get(DOCUMENT)

    def link(self) -> str:
        """Give the ``Link`` header, empty where there is none."""
        return str(self.response().headers.get("Link", ""))

    async def close(self) -> None:
        """Let go of the connection where the body was refused unread."""
        if self._last is not None:
            await self._last.http_response.close()


async def read_pages(paged: Any, seen: Seen, key: str, repository: str = "") -> AsyncGenerator[list[Any], None]:
    """Give the raw entries of each page. A listing either comes to its end or raises."""
    links: set[str] = set()
    async for _ in paged.by_page():
        yield documents.read_entries(seen.document(), key, repository)
        link = seen.link()
        if link in links:
            raise MalformedError("its listing leads round in a circle")
        if len(links) >= _PAGES:
            raise MalformedError(f"its listing goes on for more than {_PAGES:,} pages")
        if link:
            links.add(link)


def nothing(_: list[Any]) -> list[Any]:
    """Drop the SDK's models of a page: the raw entries are read instead."""
    return []
