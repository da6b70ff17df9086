"""Websockets that are closed while the caller goes on: nobody waits, and none is left open."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from comfy_cloud._http.closing_sockets import AsyncClosingSockets, ClosingSockets


class SlowSocket:
    """A websocket whose server agrees to the end only when it is told to."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.is_closed = False

    def close(self) -> None:
        assert self.may_end.wait(30)
        self.is_closed = True


class SlowAsyncSocket:
    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.is_closed = self.was_cut_off = False

    async def close(self) -> None:
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.was_cut_off = True
            raise
        self.is_closed = True


def test_a_sync_close_does_not_wait_but_the_client_does() -> None:
    closing = ClosingSockets()
    sockets: list[Any] = [SlowSocket() for _ in range(3)]
    for socket in sockets:
        closing.close(socket)
    assert not any(socket.is_closed for socket in sockets)
    for socket in sockets:
        socket.may_end.set()
    closing.wait()
    assert all(socket.is_closed for socket in sockets)


def test_a_sync_close_does_not_even_wait_for_its_thread_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """`threading` would: it hands the interpreter to the new thread, and waits for it."""

    def start(thread: threading.Thread) -> None:
        raise AssertionError("waited for")

    monkeypatch.setattr(threading.Thread, "start", start)
    closing, socket = ClosingSockets(), SlowSocket()
    closing.close(socket)  # type: ignore[arg-type]
    socket.may_end.set()
    closing.wait()
    assert socket.is_closed
    closing.wait()


def test_a_socket_is_closed_at_once_where_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("_thread.start_new_thread", refuse)
    closing, socket = ClosingSockets(), SlowSocket()
    socket.may_end.set()
    closing.close(socket)  # type: ignore[arg-type]
    assert socket.is_closed
    closing.wait()


def test_an_async_close_does_not_wait_but_the_client_does() -> None:
    async def main() -> None:
        closing = AsyncClosingSockets()
        sockets: list[Any] = [SlowAsyncSocket() for _ in range(3)]
        for socket in sockets:
            await closing.close(socket)
        await asyncio.sleep(0)
        assert not any(socket.is_closed for socket in sockets)
        for socket in sockets:
            socket.may_end.set()
        await closing.wait()
        assert all(socket.is_closed for socket in sockets)
        await closing.wait()

    asyncio.run(main())


def test_a_loop_that_ends_cuts_off_what_it_closes() -> None:
    closing = AsyncClosingSockets()

    async def leave() -> Any:
        socket: Any = SlowAsyncSocket()
        await closing.close(socket)
        await asyncio.sleep(0)
        return socket

    assert asyncio.run(leave()).was_cut_off
    asyncio.run(closing.wait())
