"""The emulator as a Python object: starting it, looking into it, stopping it.

Puts the accounts, the faults and the server threads together, and for each account its store, job engine and application.
What the routes answer is decided in `routes`, what jobs do in `engine`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self, Unpack

from .cloud.application import Application
from .cloud.settings import Beginning, Changes
from .cloud.tenants import Tenant, Tenants, checked_key, named, named_accounts, new_key
from .comfyui.operations import clear_scenery
from .engine.clock import EngineTime, TimeKind
from .engine.control import JobControl
from .engine.events import Hub
from .engine.import_progress import Imports
from .engine.job_engine import JobEngine, Submission
from .faults.script import FaultScript
from .http.request_log import Exchange, Request
from .node_execution.lazy_executor import NodeMaker
from .nodes.catalogue import catalogue
from .quirks import Quirks
from .routes import operations as library
from .seeds.demo_assets import plant_public_models
from .seeds.seed_data import SeedData, plant
from .server.server_thread import HOST, ServerThread
from .server.signals import Ended, SignalsEnd
from .state.account import DEFAULT_NAME, Account, Tier
from .state.data_folder import DataFolder
from .state.files.file_store import FileStore
from .state.store import Store
from .storage.application import Leak
from .storage.origin import FileOrigin
from .storage.signed_urls import Signer, bucket_of

DEFAULT_KEY: Final = "comfyui-local-key"


class Emulator:
    """A local Comfy Cloud on a loopback port; a context manager.

    `key` is the API key of its default account, `accounts` holds further ones by their keys; each sees only what is its
    own. `seed_data` is "demo" for some three hundred varied jobs, a number for that many small ones, ("bench", n) for n
    entries of about 3 KB, None for an empty cloud; it is planted only into a new folder, or none. `port` 0
    takes any free one. `data` is a folder in which the state survives; None keeps it in memory. `clock` gives seconds since
    1970 (default: the machine's), `sleep` waits for scripted delays. `seed` drives everything random in the seed data.
    `gzip` compresses bodies for clients that accept it. `on_exchange` is called with (request, status, headers, body) for
    each answer; what it raises comes out of `stop`.

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
        accounts: Mapping[str, Account] | None = None,
        quirks: Quirks | str | Collection[str] = "live",
        on_exchange: Exchange | None = None,
    ) -> None:
        self.key = checked_key(key)
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
            accounts=named_accounts(self.key, accounts or {}),
            quirks=quirks,
        )
        self.time = EngineTime(time, speed, clock)
        self.account = Account(tier, credits, name=DEFAULT_NAME)
        self.quirks = Quirks.read(quirks)
        self._sleep = sleep
        self._gzip = gzip
        self._on_exchange = on_exchange
        self._on_request: Callable[[Request], object] | None = None
        self._tenants: Tenants | None = None
        self._living = self._beginning
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
        """Start to serve; it answers when this returns. Raises OSError when the port or the folder is taken."""
        return self._start(self._beginning)

    def _start(self, beginning: Beginning) -> Self:
        if self._server is not None:
            raise RuntimeError("the emulator runs already")
        tenants = Tenants(self.time, None if self._data is None else DataFolder(self._data))
        origin: FileOrigin | None = None
        try:
            store = tenants.store_of(DEFAULT_NAME)
            origin = FileOrigin(store, tenants.shelves, self.file_faults, self._sleep)
            origin.start()
            self._fill(tenants, beginning, origin.signer, self.account, self.quirks)
            server = ServerThread(tenants, self._port)
            server.start()
        except BaseException:
            if origin is not None:
                origin.stop()
            tenants.put_down()
            raise
        self._server, self._origin = server, origin
        self._take_up(tenants, beginning)
        self._ended.clear()
        return self

    def reset(self, **changes: Unpack[Changes]) -> None:
        """Begin anew at the same address: no jobs but the seed data, no files, faults, records, or leaks.

        Whatever is under way breaks off. `changes` are arguments of `Emulator`: `seed_data`, `seed`, `time`, `speed`,
        `auto_advance`, `tier`, `credits`, `accounts`, `quirks`; what is not among them is as it was at first, whatever happened to it
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
        account = Account(beginning.tier, beginning.credits, name=DEFAULT_NAME)
        quirks = Quirks.read(beginning.quirks)
        server, origin = self._server, self._origin
        if server is None or origin is None:
            self.time, self.account, self.quirks = time, account, quirks
            self.faults.clear()
            self.file_faults.clear()
            self._start(beginning)
            return
        tenants = Tenants(time, None)
        try:
            self._fill(tenants, beginning, origin.signer, account, quirks)
        except BaseException:
            tenants.put_down()
            raise
        self.faults.clear()
        self.file_faults.clear()
        # Connections end before the stores that their requests read.
        server.replace(tenants)
        origin.replace(tenants.store_of(DEFAULT_NAME), tenants.shelves)
        hook_errors = self._put_down()
        self.time, self.account, self.quirks = time, account, quirks
        self._take_up(tenants, beginning)
        if hook_errors:
            raise hook_errors[0]

    def _fill(
        self, tenants: Tenants, beginning: Beginning, signer: Signer, account: Account, quirks: Quirks
    ) -> None:
        """Make the accounts, the default one first. Nothing moves or answers yet."""
        tenants.add(self._assemble(tenants, self.key, account, beginning, signer, quirks))
        # Seed data is the default account's.
        bare = replace(beginning, seed_data=None)
        for key, other in beginning.accounts.items():
            self._add(tenants, key, other, bare, signer, quirks)

    def _add(
        self,
        tenants: Tenants,
        key: str,
        account: Account,
        beginning: Beginning,
        signer: Signer,
        quirks: Quirks,
    ) -> Tenant:
        account = named(checked_key(key), account)
        tenants.refuse_taken(key, account)
        tenant = self._assemble(tenants, key, account, beginning, signer, quirks)
        tenants.add(tenant)
        return tenant

    def _assemble(
        self,
        tenants: Tenants,
        key: str,
        account: Account,
        beginning: Beginning,
        signer: Signer,
        quirks: Quirks,
    ) -> Tenant:
        """Fill the store of an account, and put an engine and an application over it."""
        store, time = tenants.store_of(account.name), tenants.time
        if account.credits is not None and tenants.folder is not None:
            # What was spent in earlier lives stays spent.
            account.charge(store.spent)
        engine = JobEngine(
            store,
            time,
            hub=Hub(),
            account=account,
            catalogue=catalogue(),
            maker=NodeMaker(store, catalogue(), has_folders=quirks.comfyui_files),
            quirks=quirks,
        )
        with store.beginning() as is_new:
            if is_new:
                plant(store, beginning.seed_data, beginning.seed)
                clear_scenery(store, quirks)
        engine.adopt()
        imports = Imports(store, engine)
        imports.take_up()
        plant_public_models(store)
        application = Application(
            store,
            self.faults,
            engine,
            time,
            poll_step=beginning.poll_step,
            more=library.routes(store, signer.into(bucket_of(account.name)), account, imports, quirks),
            key=key,
            sleep=self._sleep,
            gzip=self._gzip,
            records=tenants.records,
            is_anothers=tenants.others_have(account.name),
            on_exchange=self._on_exchange,
            on_request=self._on_request,
        )
        return Tenant(key, account, store, engine, application)

    def _take_up(self, tenants: Tenants, beginning: Beginning) -> None:
        """Let this be what the emulator is, and the time move its jobs."""
        self._tenants, self._living = tenants, beginning
        tenants.take_up()

    def _put_down(self) -> list[Exception]:
        """Let nothing move any more, and close the stores. Returns what `on_exchange` raised."""
        return [] if self._tenants is None else self._tenants.put_down()

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
    def accounts(self) -> Tenants:
        """The accounts by their names: "default", and those of `accounts` and `add_account`."""
        return self._started

    def account_of(self, key: str) -> Tenant:
        """The account with this key. Raises LookupError when there is none."""
        tenant = self._started.of_key(key)
        if tenant is None:
            raise LookupError("no account has this key")
        return tenant

    def add_account(
        self, key: str | None = None, *, name: str = "", tier: Tier = "standard", credits: float | None = None
    ) -> Tenant:
        """Add an account to the running emulator, empty unless `data` knows its name. Without a key it gets one.

        Raises ValueError for a key or name that is taken or makes no sense.
        """
        if self._server is None or self._origin is None:
            raise RuntimeError("the emulator is not running; start it first")
        return self._add(
            self._started,
            new_key() if key is None else key,
            Account(tier, credits, name=name),
            replace(self._living, seed_data=None),
            self._origin.signer,
            self.quirks,
        )

    # The default account

    @property
    def store(self) -> Store:
        """The state, to be read and changed directly."""
        if self._server is None:
            raise RuntimeError("the emulator is not running; start it first")
        return self._started.default.store

    @property
    def files(self) -> FileStore:
        """The stored files by their names: what was uploaded and what jobs made."""
        return self.store.files

    @property
    def jobs(self) -> JobControl:
        """The jobs under way: scripted failures, cancelling, counts of executions."""
        return self._started.default.jobs

    @property
    def events(self) -> Hub:
        """What is told while jobs run; `listen` to it without a websocket."""
        return self._started.default.events

    @property
    def submissions(self) -> list[Submission]:
        """The workflows that were accepted, oldest first, with what was sent beside them. Still there after `stop`."""
        return self._started.default.submissions

    # All accounts

    @property
    def requests(self) -> list[Request]:
        """The API requests so far, oldest first. They can still be read after `stop`."""
        return self._started.records.requests()

    @property
    def socket_requests(self) -> list[Request]:
        """The upgrades to websockets so far, oldest first, refused ones among them. A status of 101 means open."""
        return list(self._started.records.upgrades)

    def clear_requests(self) -> None:
        """Forget the requests so far, to the API and to the storage."""
        self._started.records.clear()
        self._known_origin.clear_requests()

    @property
    def _known_origin(self) -> FileOrigin:
        if self._origin is None:
            raise RuntimeError("the emulator was never started")
        return self._origin

    @property
    def _started(self) -> Tenants:
        if self._tenants is None:
            raise RuntimeError("the emulator was never started")
        return self._tenants
