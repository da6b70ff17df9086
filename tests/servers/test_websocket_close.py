"""Closing a websocket of which messages have not been read: the handshake ends, nothing waits."""

from __future__ import annotations

import asyncio

import pytest

from comfy_cloud._http.websocket import SocketAddress, open_async_socket, open_socket
from comfy_cloud._settings.fields import Secret
from comfy_cloud_emulator import Emulator
from comfy_cloud_emulator.engine.events import JsonEvent

LAST = "the last"


def address(emulator: Emulator) -> SocketAddress:
    return SocketAddress(emulator.url, "me", Secret(emulator.key))


def publish_many(emulator: Emulator) -> None:
    for number in range(50):
        emulator.events.publish(JsonEvent("note", {"number": number}))
    emulator.events.publish(JsonEvent(LAST, {}))


def test_a_sync_websocket_with_unread_messages(empty_emulator: Emulator) -> None:
    unread, read = (open_socket(address(empty_emulator), None) for _ in range(2))
    for socket in (unread, read):
        assert socket.receive(10)  # its greeting: it gets what is published from now on
    publish_many(empty_emulator)
    while LAST not in str(read.receive(10)):
        pass
    unread.close()
    read.close()
    assert unread._connection.close_code == 1000


async def test_an_async_websocket_with_unread_messages(empty_emulator: Emulator) -> None:
    unread, read = [await open_async_socket(address(empty_emulator), None) for _ in range(2)]
    for socket in (unread, read):
        assert await socket.receive(10)
    publish_many(empty_emulator)
    while LAST not in str(await read.receive(10)):
        pass
    await unread.close()
    await read.close()
    assert unread._connection.close_code == 1000


async def test_a_cancelled_close_leaves_no_connection(empty_emulator: Emulator) -> None:
    socket = await open_async_socket(address(empty_emulator), None)
    closing = asyncio.create_task(socket.close())
    await asyncio.sleep(0)  # it begins
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert socket._connection.transport.is_closing()
