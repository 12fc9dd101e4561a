"""What an injected fault makes of an answer."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Final

from sandbox.acr.faults import Fault
from sandbox.acr.reply import JSON_TYPE, NOTHING, Reply

_PAGE: Final = b"<html><head><title>Service update in progress</title></head><body>\xff\xfe{not json</body></html>"


async def spoil(fault: Fault, truth: Callable[[], Awaitable[Reply]], down: asyncio.Event) -> Reply:
    """Give the answer that a fault leaves over; ``truth`` runs the operation, if the fault lets it happen.

    ``down`` ends every hang.
    """
    if fault.action == "hang":
        return await _hang(fault, truth, down)
    reply = await truth() if fault.when == "after" or fault.action == "truncate" else Reply()
    if fault.action == "reset":
        reply.cut = NOTHING
    elif fault.action == "truncate":
        reply.cut = len(reply.body) // 2 or NOTHING
    elif fault.action == "garbage":
        reply = Reply(200, _PAGE, "text/html", caller=reply.caller, scope=reply.scope)
    else:
        reply = _status(fault, reply)
    return reply


async def _hang(fault: Fault, truth: Callable[[], Awaitable[Reply]], down: asyncio.Event) -> Reply:
    reply = await truth() if fault.when == "after" else None
    try:
        await asyncio.wait_for(down.wait(), fault.seconds)
    except TimeoutError:
        return reply if reply is not None else await truth()
    return Reply(cut=NOTHING)


def _status(fault: Fault, truth: Reply) -> Reply:
    payload = fault.payload()
    if isinstance(payload, bytes | str):
        body, kind = payload.encode() if isinstance(payload, str) else payload, "text/html"
    else:
        body, kind = json.dumps(payload).encode(), JSON_TYPE
    return Reply(fault.status, body, kind, dict(fault.headers), caller=truth.caller, scope=truth.scope)
