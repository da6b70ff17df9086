"""The emulator as a Python object: starting it, looking into it, stopping it.

Puts the store, the faults, the job engine, the application and the server thread together. What the routes answer is
decided in `routes`, what jobs do in `engine`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self, Unpack

from .app import Application
from .beginning import Beginning, Changes
from .dialect.speaking import clear_scenery
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
from .state.files import FileStore
from .state.store import Store
from .stopping import Ended, SignalsEnd
from .storage import Leak

DEFAULT_KEY: Final = "comfyui-local-key"


class Emulator:
    """A local Comfy Cloud on a loopback port; a context manager.

    `key` is the API key it accepts. `seed_data` is "demo" for some three hundred varied jobs, a number for that many
    small ones, ("bench", n) for n entries of about 3 KB, None for an empty cloud; it is planted only where no job is
    yet. `port` 0 takes any free one. `data` is a folder in which the state survives; None keeps it in memory. `clock`
    gives seconds since 1970 (default: the machine's), `sleep` waits for scripted delays. `seed` drives everything
    random in the seed data. `gzip` compresses bodies for clients that accept it.
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
        gzip: bool = False,
        time: TimeKind = "real",
        speed: float = 1.0,
        auto_advance: bool | float = False,
        tier: Tier = "standard",
        credits: float | None = None,
        quirks: Quirks | str | Collection[str] = "live",
        on_exchange: Exchange | None = None,
    ) -> None:
        if not key or not key.isascii() or not key.isprintable():
            raise ValueError("key: expected printable ASCII characters")
        self.key = key
        self.faults = FaultScript()
        self.file_faults = FaultScript()
        self._port = port
        self._data = None if data is None else Path(data)
        self._clock = clock
        self._beginning = Beginning(
            seed_data=seed_data,
            seed=seed,
            time=time,
            speed=speed,
            auto_advance=auto_advance,
            tier=tier,
            credits=credits,
            quirks=quirks,
        )
        self.time = EngineTime(time, speed, clock)
        self.account = Account(tier, credits)
        self.quirks = Quirks.read(quirks)
        self._sleep = sleep
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
        return self._start(self._beginning)

    def _start(self, beginning: Beginning) -> Self:
        if self._server is not None:
            raise RuntimeError("the emulator runs already")
        store = Store(self._data, self.time.now)
        origin: FileOrigin | None = None
        try:
            origin = FileOrigin(store, self.key, self.file_faults, self._sleep)
            origin.start()
            engine, application = self._assemble(
                beginning, store, origin, self.time, self.account, self.quirks
            )
            server = ServerThread(application, self._port)
            server.start()
        except BaseException:
            if origin is not None:
                origin.stop()
            store.close()
            raise
        self._server, self._origin = server, origin
        self._take_up(store, engine, application)
        self._ended.clear()
        return self

    def reset(self, **changes: Unpack[Changes]) -> None:
        """Begin anew at the same address: no jobs but the seed data, no files, faults, records, or leaks.

        Whatever is under way breaks off. `changes` are arguments of `Emulator`: `seed_data`, `seed`, `time`, `speed`,
        `auto_advance`, `tier`, `credits`, `quirks`; what is not among them is as it was at first, whatever happened to it
        since. `faults` and `file_faults` stay the same objects, emptied; `time`, `account`, `store` and the rest are new
        ones. A stopped emulator starts, perhaps on another port.

        Raises ValueError for changes that make no sense, and then nothing has changed; RuntimeError when the state lies in
        a folder; then the first error that `on_exchange` raised before, if any.
        """
        if self._data is not None:
            raise RuntimeError(
                "a reset would lose what lies in the folder; give no data= to an emulator that is reset"
            )
        beginning = replace(self._beginning, **changes)
        time = EngineTime(beginning.time, beginning.speed, self._clock)
        account = Account(beginning.tier, beginning.credits)
        quirks = Quirks.read(beginning.quirks)
        server, origin = self._server, self._origin
        if server is None or origin is None:
            self.time, self.account, self.quirks = time, account, quirks
            self.faults.clear()
            self.file_faults.clear()
            self._start(beginning)
            return
        store = Store(None, time.now)
        try:
            engine, application = self._assemble(beginning, store, origin, time, account, quirks)
        except BaseException:
            store.close()
            raise
        self.faults.clear()
        self.file_faults.clear()
        # Connections end before the store that their requests read.
        server.replace(application)
        origin.replace(store)
        hook_errors = self._put_down()
        self.time, self.account, self.quirks = time, account, quirks
        self._take_up(store, engine, application)
        if hook_errors:
            raise hook_errors[0]

    def _assemble(
        self,
        beginning: Beginning,
        store: Store,
        origin: FileOrigin,
        time: EngineTime,
        account: Account,
        quirks: Quirks,
    ) -> tuple[JobEngine, Application]:
        """Fill a store, and put an engine and an application over it. Nothing moves or answers yet."""
        engine = JobEngine(
            store,
            time,
            hub=Hub(),
            account=account,
            catalogue=catalogue(),
            maker=NodeMaker(store, catalogue(), has_folders=quirks.comfyui_files),
            quirks=quirks,
        )
        if len(store):
            # Jobs that an earlier life left unfinished. Seeded ones are scenery and stay as they are.
            engine.adopt(reversed(store.jobs("pending", "in_progress")))
        else:
            plant(store, beginning.seed_data, beginning.seed)
            clear_scenery(store, quirks)
        plant_public_models(store)
        application = Application(
            store,
            self.faults,
            engine,
            time,
            poll_step=beginning.poll_step,
            more=library.routes(store, origin.signer, account, quirks),
            key=self.key,
            sleep=self._sleep,
            gzip=self._gzip,
            on_exchange=self._on_exchange,
            on_request=self._on_request,
        )
        return engine, application

    def _take_up(self, store: Store, engine: JobEngine, application: Application) -> None:
        """Let this be what the emulator is, and the time move its jobs."""
        self._store, self._engine, self._application = store, engine, application
        self.time.on_advance(engine.catch_up)
        if self.time.moves_by_itself:
            self._driver = Driver(engine, self.time)
            self._driver.start()

    def _put_down(self) -> list[Exception]:
        """Let nothing move any more, and close the store. Returns what `on_exchange` raised."""
        if self._driver is not None:
            self._driver.stop()
            self._driver = None
        if self._engine is not None:
            self._engine.close()
        if self._store is not None:
            self._store.close()
            self._store = None
        return [] if self._application is None else self._application.recording.hook_errors

    def stop(self) -> None:
        """Break every connection off, end the thread, close the store. Does nothing when it is stopped.

        Raises the first error that `on_exchange` raised, if any.
        """
        server, self._server = self._server, None
        if server is None:
            return
        server.stop()
        if self._origin is not None:
            self._origin.stop()
        hook_errors = self._put_down()
        self._ended.set()
        if hook_errors:
            raise hook_errors[0]

    def serve_forever(
        self,
        on_ready: Callable[[Emulator], object] | None = None,
        on_request: Callable[[Request], object] | None = None,
    ) -> None:
        """Serve until SIGINT or SIGTERM, or until `stop` is called from another thread. Prints nothing.

        `on_ready` is called with the emulator once it answers, `on_request` with each record when its answer is sent.
        """
        with SignalsEnd():
            try:
                self._on_request = on_request
                self.start()
                if on_ready is not None:
                    on_ready(self)
                self._ended.wait()
            except Ended:
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
    def files(self) -> FileStore:
        """The stored files by their names: what was uploaded and what jobs made."""
        return self.store.files

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
