"""The emulator as a Python object: starting it, looking into it, stopping it.

Puts the store, the faults, the job engine, the application and the server thread together. What the routes answer is
decided in `routes`, what jobs do in `engine`.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, NoReturn, Self

from .app import DIALECTS, Application
from .engine.clock import EngineTime, TimeKind
from .engine.control import JobControl
from .engine.driver import Driver
from .engine.engine import JobEngine, Submission
from .engine.events import Hub
from .faults import FaultScript
from .file_origin import FileOrigin
from .making.maker import NodeMaker
from .nodes.catalogue import catalogue
from .quirks import Quirks
from .recording import Exchange, Request
from .routes import library
from .seeds.library import plant_public_models
from .seeds.planting import SeedData, plant
from .server import HOST, ServerThread
from .state.account import Account, Tier
from .state.store import Store
from .storage import Leak

DEFAULT_KEY: Final = "comfyui-local-key"
POLL_STEP: Final = 0.5
"""Seconds by which a poll moves the time with `auto_advance=True`."""


class Emulator:
    """A local Comfy Cloud on a loopback port; a context manager.

    `key` is the API key it accepts. `seed_data` is "demo" for some three hundred varied jobs, a number for that many
    small ones, ("bench", n) for n entries of about 3 KB, None for an empty cloud; it is planted only where no job is
    yet. `port` 0 takes any free one. `data` is a folder in which the state survives; None keeps it in memory. `clock`
    gives seconds since 1970 (default: the machine's), `sleep` waits for scripted delays. `seed` drives everything
    random in the seed data. `dialects` may hold "history_v1". `gzip` compresses bodies for clients that accept it.
    `on_exchange` is called with (request, status, headers, body) for each answer; what it raises comes out of `stop`.

    Files are fetched from a second origin, `files_url`, under signed addresses. `faults` scripts what goes wrong with the
    API, `file_faults` what goes wrong there; `leaks` lists the requests that brought a key along.

    Submitted jobs run in the emulator's time: "real", `speed` times as fast as the clock, or "virtual", which stands still
    until `emulator.time.advance(seconds)`. With a `clock` of one's own jobs move when a request comes in. `auto_advance`
    lets each poll of a job move the time by so many seconds (True: half a second), so that a client with a clock of its
    own comes to an end. `tier` decides how many jobs run at a time, `credits` how much they may cost (None: all). `quirks`
    switches between the live service and the published contract: "live", "published", `Quirks`, or names to switch on.
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
        time: TimeKind = "real",
        speed: float = 1.0,
        auto_advance: bool | float = False,
        tier: Tier = "standard",
        credits: float | None = None,
        quirks: Quirks | str | Collection[str] = "live",
        on_exchange: Exchange | None = None,
    ) -> None:
        unknown = sorted(set(dialects) - DIALECTS)
        if unknown:
            raise ValueError(f"unknown dialect {unknown[0]!r}; use one of: {', '.join(sorted(DIALECTS))}")
        if not key or not key.isascii() or not key.isprintable():
            raise ValueError("key: expected printable ASCII characters")
        self.key = key
        self.faults = FaultScript()
        self.file_faults = FaultScript()
        self._seed_data: SeedData = seed_data
        self._seed = seed
        self._port = port
        self._data = None if data is None else Path(data)
        self.time = EngineTime(time, speed, clock)
        self.account = Account(tier, credits)
        self.quirks = Quirks.read(quirks)
        self._poll_step = POLL_STEP if auto_advance is True else float(auto_advance)
        self._sleep = sleep
        self._dialects = frozenset(dialects)
        self._gzip = gzip
        self._on_exchange = on_exchange
        self._on_request: Callable[[Request], object] | None = None
        self._store: Store | None = None
        self._engine: JobEngine | None = None
        self._driver: Driver | None = None
        self._application: Application | None = None
        self._server: ServerThread | None = None
        self._origin: FileOrigin | None = None
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
        store = Store(self._data, self.time.now)
        origin: FileOrigin | None = None
        try:
            engine = JobEngine(
                store,
                self.time,
                hub=Hub(),
                account=self.account,
                catalogue=catalogue(),
                maker=NodeMaker(store, catalogue()),
                quirks=self.quirks,
            )
            if len(store):
                # Jobs that an earlier life left unfinished. Seeded ones are scenery and stay as they are.
                engine.adopt(reversed(store.jobs("pending", "in_progress")))
            else:
                plant(store, self._seed_data, self._seed)
            plant_public_models(store)
            origin = FileOrigin(store, self.key, self.file_faults, self._sleep)
            origin.start()
            application = Application(
                store,
                self.faults,
                engine,
                self.time,
                poll_step=self._poll_step,
                more=library.routes(store, origin.signer, self.account),
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
            if origin is not None:
                origin.stop()
            store.close()
            raise
        self._store, self._application, self._server = store, application, server
        self._origin = origin
        self._engine = engine
        self.time.on_advance(engine.catch_up)
        if self.time.moves_by_itself:
            self._driver = Driver(engine, self.time)
            self._driver.start()
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
        if self._origin is not None:
            self._origin.stop()
        if self._driver is not None:
            self._driver.stop()
            self._driver = None
        if self._engine is not None:
            self._engine.close()
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
    def files_url(self) -> str:
        """Origin of the storage that signed addresses lead to: another port than that of the API."""
        if self._server is None or self._origin is None:
            raise RuntimeError("the emulator is not running; start it first")
        return self._origin.url

    @property
    def leaks(self) -> list[Leak]:
        """Requests that brought a key to the storage, oldest first: a client must not. Still there after `stop`."""
        return self._known_origin.leaks

    @property
    def file_requests(self) -> list[Request]:
        """The requests to the storage so far, oldest first. They can still be read after `stop`."""
        return self._known_origin.requests()

    @property
    def store(self) -> Store:
        """The state, to be read and changed directly."""
        if self._store is None:
            raise RuntimeError("the emulator is not running; start it first")
        return self._store

    @property
    def jobs(self) -> JobControl:
        """The jobs under way: scripted failures, cancelling, counts of executions."""
        return JobControl(self._started_engine)

    @property
    def events(self) -> Hub:
        """What is told while jobs run; `listen` to it without a websocket."""
        return self._started_engine.hub

    @property
    def submissions(self) -> list[Submission]:
        """The workflows that were accepted, oldest first, with what was sent beside them. Still there after `stop`."""
        return self._started_engine.submissions()

    @property
    def requests(self) -> list[Request]:
        """The API requests so far, oldest first. They can still be read after `stop`."""
        return self._running.recording.requests()

    @property
    def socket_requests(self) -> list[Request]:
        """The upgrades to websockets so far, oldest first, refused ones among them. A status of 101 means open."""
        return list(self._running.sockets.upgrades)

    def clear_requests(self) -> None:
        """Forget the requests so far, to the API and to the storage."""
        self._running.recording.clear()
        self._known_origin.clear_requests()

    @property
    def _known_origin(self) -> FileOrigin:
        if self._origin is None:
            raise RuntimeError("the emulator was never started")
        return self._origin

    @property
    def _started_engine(self) -> JobEngine:
        if self._engine is None:
            raise RuntimeError("the emulator was never started")
        return self._engine

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
