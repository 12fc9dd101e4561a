"""Taking a registry down while clients are connecting."""

import asyncio
import gc
import socket
import warnings

import pytest

from sandbox.acr import AcrSandbox


@pytest.mark.parametrize("turns", range(6))
async def test_who_connects_while_it_goes_down_is_hung_up_on(turns: int) -> None:
    """However far a connection had come when the registry went down, it is ended, and not just forgotten."""
    loop = asyncio.get_running_loop()
    sandbox = AcrSandbox()
    await sandbox.start()
    address = ("127.0.0.1", int(sandbox.login_server.rpartition(":")[2]))
    # The system completes these on its own, so the server has seen none of them yet.
    clients = [socket.create_connection(address, timeout=5) for _ in range(8)]
    for _ in range(turns):
        await asyncio.sleep(0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        await sandbox.stop()
        await asyncio.sleep(0)
        gc.collect()
    assert [str(one.message) for one in caught] == []
    for client in clients:
        client.setblocking(False)
        with client:
            try:
                received = await asyncio.wait_for(loop.sock_recv(client, 1), 5)
            except ConnectionResetError:
                received = b""
            assert received == b""
