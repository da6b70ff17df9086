"""Running an ASGI application on a loopback socket in a separate thread.

Built on uvicorn, without two of its habits that slow down test suites: it checks ten times a second
whether to stop, and it waits for idle connections when it stops. The application can be replaced
while the server runs. Knows nothing of the API.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Self

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from comfy_cloud_emulator.http.addresses import LOOPBACK

from .http_connection import Connection, EmulatorProtocol

KEEP_ALIVE_SECONDS: Final = 75
START_SECONDS: Final = 10
BACKLOG: Final = 2048
ROUNDS_OF_A_CONNECTION: Final = 3
"""Rounds of the loop from accepting a connection to its protocol, or from aborting to closing."""
DATE_SECONDS: Final = 1.0
"""How often the header Date is renewed."""
LARGEST_MESSAGE: Final = 1 << 20
"""Bytes of a client's websocket message; a larger one closes the connection."""


@dataclass(frozen=True, slots=True)
class RunningRequest:
    """A request that is being handled: its task and its connection."""

    task: asyncio.Task[Any] | None
    connection: Connection

    @classmethod
    def current(cls, scope: Scope) -> Self:
        """The one that the current task handles."""
        return cls(asyncio.current_task(), scope["state"]["connection"])


class _Server(uvicorn.Server):
    """uvicorn's server, stopped by an event instead of a flag, without waiting for clients."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready
        self._ending = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def end(self) -> None:
        """Ask the server to stop; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._ending.set)

    async def main_loop(self) -> None:
        """Report readiness, and wait until asked to stop; meanwhile, renew the header Date."""
        while not self._ending.is_set():
            await self.on_tick(0)
            self._ready.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(DATE_SECONDS):
                    await self._ending.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Abort every connection and task, and those that were being accepted."""
        # asyncio cannot attach a connection to a closed server and leaves its socket open. So what
        # was accepted gets its protocol first.
        for server in self.servers:
            self._stop_accepting(server)
        await _rounds(ROUNDS_OF_A_CONNECTION)
        for server in self.servers:
            server.close()
        await self.break_off()
        await _rounds(ROUNDS_OF_A_CONNECTION)
        for server in self.servers:
            await server.wait_closed()
        await self.lifespan.shutdown()

    def _stop_accepting(self, server: asyncio.Server) -> None:
        with suppress(NotImplementedError):  # the proactor of Windows accepts otherwise
            for listening in server.sockets:
                self._loop.remove_reader(listening.fileno())

    async def break_off(self, spared: RunningRequest | None = None) -> None:
        """Abort every connection and wait for the end of every request; keep listening."""
        for connection in list(self.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None and not (spared is not None and spared.connection.uses(transport)):
                transport.abort()
        tasks = [each for each in self.server_state.tasks if spared is None or each is not spared.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def run_coroutine(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine on the server's loop and wait for it, from another thread."""
        asyncio.run_coroutine_threadsafe(work, self._loop).result(START_SECONDS)


class _SocketProtocol(asyncio.Protocol):
    """The websocket protocol, imported by the first upgrade: many programs never open one."""

    def __new__(cls, **given: Any) -> Any:
        from .websocket_connection import EmulatorSocketProtocol

        return EmulatorSocketProtocol(**given)


class _SwappableApp:
    """The application that uvicorn calls: whichever is `current` when a request comes in."""

    def __init__(self, app: ASGIApp) -> None:
        self.current = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.current(scope, receive, send)
        except asyncio.CancelledError:
            # `break_off` cancelled it, which is not an error; uvicorn would print it as one.
            return


class ServerThread:
    """A listening server.

    When `start` returns it serves; when `stop` returns nothing of it is left. Errors name the
    port by its `argument`.
    """

    def __init__(self, app: ASGIApp, port: int, host: str = LOOPBACK, argument: str = "port") -> None:
        self._app = _SwappableApp(app)
        self._socket = _listening_socket(host, port, argument)
        self.port: int = self._socket.getsockname()[1]
        self._ready = threading.Event()
        self._server: _Server | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"emulator:{self.port}", daemon=True)

    def start(self) -> None:
        """Start to serve. Raises RuntimeError when the server does not come up."""
        self._thread.start()
        if not self._ready.wait(START_SECONDS) or self._failure is not None:
            self.stop()
            raise RuntimeError("the emulator's server did not start") from self._failure

    def replace(self, app: ASGIApp, spared: RunningRequest | None = None) -> None:
        """Serve another application.

        Connections break off; no request is running when this returns, except a spared one, which
        asked for this.
        """
        self._app.current = app
        if self._server is not None:
            self._server.run_coroutine(self._server.break_off(spared))

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine on the loop of the running server, and wait for it."""
        assert self._server is not None  # noqa: S101 - it was started
        self._server.run_coroutine(work)

    def stop(self) -> None:
        """Abort every connection and end the thread."""
        if self._server is not None and self._thread.is_alive():
            self._server.end()
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - raised by start(); a thread has no caller
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        config = uvicorn.Config(
            self._app,
            http=EmulatorProtocol,
            ws=_SocketProtocol,
            ws_per_message_deflate=False,
            ws_max_size=LARGEST_MESSAGE,
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        self._server = _Server(config, self._ready)
        await self._server.serve(sockets=[self._socket])


async def _rounds(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def _listening_socket(host: str, port: int, argument: str) -> socket.socket:
    # asyncio disables Nagle's algorithm only for sockets with an explicit protocol; otherwise small
    # responses take 40 ms.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if port:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if host == "::":
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # IPv4 as well
        listening.bind((host, port))
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise OSError(f"{host} is not an address of this machine; choose another host") from error
        raise OSError(f"{argument} {port} of {host} is not free; choose another, or 0 for any") from error
    return listening
