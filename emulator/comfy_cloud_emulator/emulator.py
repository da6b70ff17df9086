"""The emulator as a Python object: starting it, looking into it, stopping it.

Puts the store, the faults, the application and the server thread together. What the routes answer is decided in
`routes`.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, NoReturn, Self

from .app import DIALECTS, Application
from .faults import FaultScript
from .recording import Exchange, Request
from .seeds.planting import SeedData, plant
from .server import HOST, ServerThread
from .state.store import Store

DEFAULT_KEY: Final = "comfyui-local-key"


class Emulator:
    """A local Comfy Cloud on a loopback port; a context manager.

    `key` is the API key it accepts. `seed_data` is "demo" for some three hundred varied jobs, a number for that many
    small ones, ("bench", n) for n entries of about 3 KB, None for an empty cloud; it is planted only where no job is
    yet. `port` 0 takes any free one. `data` is a folder in which the state survives; None keeps it in memory. `clock`
    gives seconds since 1970 (default: the machine's), `sleep` waits for scripted delays. `seed` drives everything
    random in the seed data. `dialects` may hold "history_v1". `gzip` compresses bodies for clients that accept it.
    `on_exchange` is called with (request, status, headers, body) for each answer; what it raises comes out of `stop`.
    """

    def __init__(
        self,
        key: str = DEFAULT_KEY,
        seed_data: SeedData = None,
        port: int = 0,
        data: str | Path | None = None,
        clock: Callable[[], float] | None = None,
        *,
        seed: int = 0,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        dialects: Collection[str] = (),
        gzip: bool = False,
        on_exchange: Exchange | None = None,
    ) -> None:
        unknown = sorted(set(dialects) - DIALECTS)
        if unknown:
            raise ValueError(f"unknown dialect {unknown[0]!r}; use one of: {', '.join(sorted(DIALECTS))}")
        if not key or not key.isascii() or not key.isprintable():
            raise ValueError("key: expected printable ASCII characters")
        self.key = key
        self.faults = FaultScript()
        self._seed_data: SeedData = seed_data
        self._seed = seed
        self._port = port
        self._data = None if data is None else Path(data)
        self._clock = clock if clock is not None else time.time
        self._sleep = sleep
        self._dialects = frozenset(dialects)
        self._gzip = gzip
        self._on_exchange = on_exchange
        self._on_request: Callable[[Request], object] | None = None
        self._store: Store | None = None
        self._application: Application | None = None
        self._server: ServerThread | None = None
        self._ended = threading.Event()

    def __repr__(self) -> str:
        return f"<Emulator {'stopped' if self._server is None else self.url}>"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        except Exception:
            # An error of the block itself comes first; what a hook raised is at most its consequence.
            if error is None:
                raise

    # Life

    def start(self) -> Self:
        """Start to serve; it answers when this returns. Raises OSError when the port is taken."""
        if self._server is not None:
            raise RuntimeError("the emulator runs already")
        store = Store(self._data, self._clock)
        try:
            if not len(store):
                plant(store, self._seed_data, self._seed)
            application = Application(
                store,
                self.faults,
                key=self.key,
                sleep=self._sleep,
                dialects=self._dialects,
                gzip=self._gzip,
                on_exchange=self._on_exchange,
                on_request=self._on_request,
            )
            server = ServerThread(application, self._port)
            server.start()
        except BaseException:
            store.close()
            raise
        self._store, self._application, self._server = store, application, server
        self._ended.clear()
        return self

    def stop(self) -> None:
        """Break every connection off, end the thread, close the store. Does nothing when it is stopped.

        Raises the first error that `on_exchange` raised, if any.
        """
        server, store, application = self._server, self._store, self._application
        self._server = self._store = None
        if server is None or store is None or application is None:
            return
        server.stop()
        store.close()
        self._ended.set()
        if application.recording.hook_errors:
            raise application.recording.hook_errors[0]

    def serve_forever(
        self,
        on_ready: Callable[[Emulator], object] | None = None,
        on_request: Callable[[Request], object] | None = None,
    ) -> None:
        """Serve until SIGINT or SIGTERM, or until `stop` is called from another thread. Prints nothing.

        `on_ready` is called with the emulator once it answers, `on_request` with each record when its answer is sent.
        """
        with _SignalsEnd():
            try:
                self._on_request = on_request
                self.start()
                if on_ready is not None:
                    on_ready(self)
                self._ended.wait()
            except _Ended:
                pass
        self.stop()

    # Looking in

    @property
    def url(self) -> str:
        """Base URL, without a slash at its end."""
        if self._server is None:
            raise RuntimeError("the emulator is not running; start it first")
        return f"http://{HOST}:{self._server.port}"

    @property
    def store(self) -> Store:
        """The state, to be read and changed directly."""
        if self._store is None:
            raise RuntimeError("the emulator is not running; start it first")
        return self._store

    @property
    def requests(self) -> list[Request]:
        """The API requests so far, oldest first. They can still be read after `stop`."""
        return self._running.recording.requests()

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        self._running.recording.clear()

    @property
    def _running(self) -> Application:
        if self._application is None:
            raise RuntimeError("the emulator was never started")
        return self._application


class _Ended(BaseException):
    """Raised by a signal handler, out of whatever waits."""


class _SignalsEnd:
    """While entered, SIGINT and SIGTERM raise `_Ended`. In other threads than the main one it does nothing."""

    def __init__(self) -> None:
        self._former: dict[int, signal.Handlers | int | Callable[[int, FrameType | None], object] | None] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._former[number] = signal.signal(number, self._raise)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)

    @staticmethod
    def _raise(number: int, frame: FrameType | None) -> NoReturn:
        raise _Ended
