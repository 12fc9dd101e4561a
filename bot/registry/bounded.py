"""Answers have a bound, packed and unpacked: one without end, or a few bytes that unpack to gigabytes, are refused.

Refused is what would fill the memory; how long an answer may take is bounded by ``pace``.
"""

import zlib

from aiohttp import ClientResponse

from bot.registry.faults import MalformedError

MOST = 32 * 1024 * 1024
"""Bytes. A page of a thousand manifests with two hundred of the longest tags each is smaller; a manifest has 4 MiB."""

_ANY_HEADER = 32 + zlib.MAX_WBITS
_PACKED = frozenset({"gzip", "deflate"})


class BoundedResponse(ClientResponse):
    """An answer that is not read beyond MOST. Reading one that is larger raises MalformedError and drops the line."""

    async def read(self) -> bytes:
        """Read it to its end, once."""
        if self._body is None:
            try:
                self._body = await self._read()
            except BaseException:
                self.close()
                raise
        return self._body

    async def _read(self) -> bytes:
        if (self.content_length or 0) > MOST:
            raise _too_large()
        body = bytearray()
        async for chunk in self.content.iter_any():
            body += chunk
            if len(body) > MOST:
                raise _too_large()
        if self.headers.get("Content-Encoding", "").lower() in _PACKED:
            _check_unpacked(bytes(body))
        return bytes(body)


def _check_unpacked(body: bytes) -> None:
    """Unpack as much as is allowed; that it is unpacked once more by the SDK costs less than to hand it over."""
    try:
        unpacked = zlib.decompressobj(wbits=_ANY_HEADER).decompress(body, MOST + 1)
    except zlib.error:
        return  # the SDK finds that out, and has words for it
    if len(unpacked) > MOST:
        raise _too_large()


def _too_large() -> MalformedError:
    return MalformedError(f"it is larger than {MOST // 1024**2} MiB")
