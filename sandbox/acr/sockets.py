"""Between aiohttp and the registry: requests in, replies out, connections broken on purpose."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from sandbox.acr import errors, routes
from sandbox.acr.reply import NOTHING, Call, Reply
from sandbox.acr.routes import Route

_CHUNK: Final = 1024 * 1024
#: SO_LINGER on, zero seconds: closing sends RST instead of FIN.
_ABORT: Final = struct.pack("ii", 1, 0)


def receive(request: web.BaseRequest) -> Call:
    """Read a request's head and route it."""
    path = routes.decode(request.raw_path)
    refusal: errors.AcrError | None = None
    try:
        route = routes.find(request.method, path)
    except errors.AcrError as error:
        route, refusal = Route("other"), error
    return Call(
        method=request.method,
        path=path,
        query_string=request.raw_path.partition("?")[2],
        headers=request.headers,
        # Clients may send one line for each type.
        accept=",".join(request.headers.getall("Accept", ())),
        host=request.host,
        scheme=request.scheme,
        route=route,
        chunks=_chunks(request),
        refusal=refusal,
    )


async def send(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    """Write a reply, up to where it is cut."""
    if reply.cut == NOTHING:
        _reset(request.transport)
        return web.Response()
    headers = dict(reply.headers)
    if reply.content_type is not None:
        headers["Content-Type"] = reply.content_type
    if reply.cut is not None:
        return await _send_part(request, reply, headers)
    if reply.length is not None:
        headers["Content-Length"] = str(reply.length)
        return web.Response(status=reply.status, headers=headers)
    return web.Response(status=reply.status, body=reply.body, headers=headers)


async def _send_part(request: web.BaseRequest, reply: Reply, headers: dict[str, str]) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers=headers)
    response.content_length = len(reply.body)
    await response.prepare(request)
    await response.write(reply.body[: reply.cut])
    if request.transport is not None:
        request.transport.close()
    return response


def _reset(transport: asyncio.Transport | None) -> None:
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
    transport.abort()


async def _chunks(request: web.BaseRequest) -> AsyncIterator[bytes]:
    async for chunk in request.content.iter_chunked(_CHUNK):
        yield chunk
