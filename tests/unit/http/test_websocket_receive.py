"""Receiving websocket messages with a time limit, and being cancelled meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from comfy_cloud._http.websocket import AsyncSocket, SocketFailed


class Connection:
    """A connection like those of `websockets`: an available message is received without waiting."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[str | Exception] = asyncio.Queue()
        self.cancelled = 0

    async def recv(self) -> str:
        try:
            message = await self.messages.get()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(message, Exception):
            raise message
        return message


async def test_a_message_that_is_there() -> None:
    connection: Any = Connection()
    socket = AsyncSocket(connection)
    for number in range(3):
        connection.messages.put_nowait(f"{number}")
    assert [await socket.receive(0) for _ in range(3)] == ["0", "1", "2"]


async def test_a_message_that_arrives_later() -> None:
    connection: Any = Connection()
    receiving = asyncio.ensure_future(AsyncSocket(connection).receive(60))
    await asyncio.sleep(0)
    assert not receiving.done()
    connection.messages.put_nowait("late")
    assert await receiving == "late"
    assert connection.cancelled == 0


async def test_a_receive_that_times_out_loses_no_message() -> None:
    connection: Any = Connection()
    socket = AsyncSocket(connection)
    assert await socket.receive(0) is None
    assert await socket.receive(-1) is None
    assert connection.cancelled == 2
    connection.messages.put_nowait("next")
    assert await socket.receive(60) == "next"


async def test_a_cancelled_listener_is_cancelled() -> None:
    connection: Any = Connection()
    receiving = asyncio.ensure_future(AsyncSocket(connection).receive(60))
    await asyncio.sleep(0)
    receiving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await receiving
    assert connection.cancelled == 1


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_connection_that_ends(is_there: bool) -> None:
    connection: Any = Connection()
    receiving = asyncio.ensure_future(AsyncSocket(connection).receive(60))
    if not is_there:
        await asyncio.sleep(0)
    connection.messages.put_nowait(ConnectionResetError(104, "Connection reset by peer"))
    with pytest.raises(SocketFailed, match="reset by peer") as caught:
        await receiving
    assert caught.value.__context__ is None
