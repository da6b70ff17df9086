"""The emulator as a Python object: starting it, reading what happened in it, stopping it.

Connects the accounts, the faults and the server threads. How an account is built is in
`cloud.assembly`, what the routes return in `routes`, what jobs do in `engine`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Final, Self, Unpack

from .cloud.assembly import Assembly
from .cloud.inspection import NOT_RUNNING, Inspection
from .cloud.settings import CloudSettings, SettingChanges
from .cloud.tenants import Tenant, Tenants, checked_key, named_accounts, new_key, with_name
from .engine.clock import EngineTime, TimeKind
from .faults import FaultScript
from .http.addresses import LOOPBACK, Addresses
from .http.request_log import Exchange, Request
from .nodes.object_info_source import ObjectInfo
from .quirks import Quirks
from .seeds.seed_data import SeedData
from .server.server_thread import RunningRequest, ServerThread
from .server.signals import StopRequested, StopSignals
from .state.account import DEFAULT_NAME, Account, Tier
from .state.data_folder import DataFolder
from .storage.origin import FileOrigin
from .storage.signed_urls import Signer

DEFAULT_KEY: Final = "comfyui-local-key"


class Emulator(Inspection):
    """A local Comfy Cloud on a loopback port; a context manager.

    What is in it:

    - `key`: the API key of its default account
    - `accounts`: further accounts by their keys; each sees only what belongs to it
    - `seed_data`: "demo" for about three hundred varied jobs, a number for that many small ones,
      ("bench", n) for n history entries of about 3 KB, "none" or None for an empty cloud. Ignored
      when `data` is a folder that has been used before. The running job and the three waiting ones
      of "demo" never proceed
    - `seed`: drives everything random in the seed data
    - `data`: the folder that keeps the state; None keeps it in memory
    - `tier`: decides how many jobs run at a time
    - `credits`: how much jobs may cost; None for no limit
    - `quirks`: whose behaviour it has: "live" for the service, "published" for its contract,
      "comfyui" or "comfyui_new" for a self-hosted ComfyUI, a `Quirks` value, or names of quirks to
      switch on in addition to the live ones
    - `object_info`: the node classes of a server of yours: a file with what its
      `GET /api/object_info` returns, the server's URL, or that object. They are served, graphs are
      checked against them, and classes that the emulator does not have are imitated. A URL is
      fetched once, when the emulator is made. None for the emulator's own

    How time passes for jobs:

    - `time`: "real", `speed` times as fast as the clock, or "virtual", which stands still until
      `emulator.time.advance(seconds)`
    - `clock`: a function that returns seconds since 1970; by default the machine's. With your own
      clock, jobs advance only when a request comes in
    - `auto_advance`: seconds that each poll of a job advances the time (True: half a second), so
      that a client that never really waits still reaches the end of a job
    - `sleep`: waits for scripted delays

    How it serves:

    - `port`: 0 takes any free one; `files_port` likewise, for the second origin
    - `host`: the IP address to listen on. One that lets other machines in, such as "0.0.0.0",
      requires a `key` of your own, which then also opens the page and the control routes
    - `public_url`, `public_files_url`: how callers reach the two origins, where that is neither by
      `host` nor by the host name that their requests carry: behind a proxy, or with other ports
    - `gzip`: compresses bodies for clients that accept it
    - `file_speed`: the bytes per second that each connection to the second origin gets; None for
      as many as it can. `sleep` waits for them. A delay of its own is one of the `file_faults`
    - `on_exchange`: called with (request, status, headers, body) for each response; `stop` raises
      the first exception that it raised

    Files are served by a second origin, `files_url`, under signed URLs. `faults` scripts what goes
    wrong with the API, `file_faults` what goes wrong with that origin. `leaks` lists the requests
    that sent it a key. Raises ValueError for arguments that are not valid.
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
        file_speed: float | None = None,
        time: TimeKind = "real",
        speed: float = 1.0,
        auto_advance: bool | float = False,
        tier: Tier = "standard",
        credits: float | None = None,
        accounts: Mapping[str, Account] | None = None,
        quirks: Quirks | str | Collection[str] = "live",
        object_info: ObjectInfo | None = None,
        on_exchange: Exchange | None = None,
        host: str = LOOPBACK,
        files_port: int = 0,
        public_url: str | None = None,
        public_files_url: str | None = None,
    ) -> None:
        self.key = checked_key(key)
        self._addresses = Addresses(host=host, public_url=public_url, public_files_url=public_files_url)
        for each in (key, *(accounts or {})):
            self._addresses.refuse_shared_key(each, DEFAULT_KEY)
        if port and port == files_port:
            raise ValueError(f"port and files_port are both {port}; the files need a port of their own")
        self._files_port = files_port
        if file_speed is not None and file_speed <= 0:
            raise ValueError(f"file_speed must be above zero, or None for no limit, not {file_speed!r}")
        self.faults = FaultScript()
        self.file_faults = FaultScript()
        self._port = port
        self._data = None if data is None else Path(data)
        self._clock = clock
        self._initial = CloudSettings(
            seed_data=seed_data,
            seed=seed,
            time=time,
            speed=speed,
            auto_advance=auto_advance,
            tier=tier,
            credits=credits,
            accounts=named_accounts(self.key, accounts or {}),
            quirks=quirks,
            object_info=object_info,
        ).with_catalogue()
        self.time = EngineTime(time, speed, clock)
        self.account = Account(tier, credits, name=DEFAULT_NAME)
        self.quirks = Quirks.read(quirks)
        self._sleep = sleep
        self._gzip = gzip
        self._file_speed = file_speed
        self._on_exchange = on_exchange
        self._on_request: Callable[[Request], object] | None = None
        self._current = self._initial
        self._server: ServerThread | None = None
        self._stopped = threading.Event()
        self._started_at = monotonic()
        # Held while it starts, stops, is reset or gets an account, also over HTTP in other threads.
        self._changing = threading.RLock()

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
            # An error of the block itself comes first; what a hook raised may be its consequence.
            if error is None:
                raise

    # Starting and stopping

    def start(self) -> Self:
        """Start serving; when this returns, requests are served.

        Raises OSError when the port or the folder is in use, or when the state in the folder cannot
        be used: damaged, written by a newer version, or without permission.
        """
        with self._changing:
            return self._start(self._initial)

    def _start(self, settings: CloudSettings) -> Self:
        if self._server is not None:
            raise RuntimeError("the emulator is already running")
        tenants = Tenants(self.time, None if self._data is None else DataFolder(self._data))
        origin: FileOrigin | None = None
        try:
            store = tenants.store_of(DEFAULT_NAME)
            origin = FileOrigin(
                store,
                tenants.buckets,
                self.file_faults,
                self._sleep,
                self._files_port,
                speed=self._file_speed,
                addresses=self._addresses,
            )
            origin.start()
            self._add_accounts(tenants, settings, origin.signer, self.account, self.quirks)
            server = ServerThread(tenants, self._port, self._addresses.host)
            server.start()
        except BaseException:
            if origin is not None:
                origin.stop()
            tenants.close()
            raise
        self._server, self._origin, self._is_running = server, origin, True
        self._started_at = monotonic()
        self._run(tenants, settings)
        self._stopped.clear()
        return self

    def reset(self, **changes: Unpack[SettingChanges]) -> None:
        """Return to the initial state at the same address.

        Only the seed data is left: no other jobs or files, no faults, logged requests or leaks.
        Requests and jobs in progress break off. `changes` are arguments of `Emulator`: `seed_data`,
        `seed`, `time`, `speed`, `auto_advance`, `tier`, `credits`, `accounts`, `quirks`,
        `object_info`. Those that are not given return to their values from the constructor.

        `faults` and `file_faults` stay the same objects and are emptied; `time`, `account`, `store`
        and the rest are new objects. A stopped emulator starts, perhaps on another port.

        Raises ValueError for changes that are not valid; then nothing has changed. Raises
        RuntimeError when the emulator keeps its state in a folder. Otherwise raises the first
        exception that `on_exchange` raised before the reset, if any.
        """
        with self._changing:
            hook_errors = self._reset(changes, None)
        if hook_errors:
            raise hook_errors[0]

    def reset_by(self, request: RunningRequest, changes: SettingChanges) -> None:
        """Do what `reset` does, for a request that goes on; the control routes use it.

        What `on_exchange` raised before is raised by `stop`.
        """
        with self._changing:
            if self._server is not None:
                hook_errors = self._reset(changes, request)
                self._started_tenants.request_log.hook_errors += hook_errors

    def _reset(self, changes: SettingChanges, spared: RunningRequest | None) -> list[Exception]:
        """Reset; returns what `on_exchange` raised."""
        if self._data is not None:
            raise RuntimeError("a reset would delete the state in the folder; leave out data= to use reset()")
        settings = replace(self._initial, **changes).with_catalogue()
        time = EngineTime(settings.time, settings.speed, self._clock)
        account = Account(settings.tier, settings.credits, name=DEFAULT_NAME)
        quirks = Quirks.read(settings.quirks)
        server, origin = self._server, self._origin
        if server is None or origin is None:
            self.time, self.account, self.quirks = time, account, quirks
            self.faults.clear()
            self.file_faults.clear()
            self._start(settings)
            return []
        tenants = Tenants(time, None)
        try:
            self._add_accounts(tenants, settings, origin.signer, account, quirks)
        except BaseException:
            tenants.close()
            raise
        self.faults.clear()
        self.file_faults.clear()
        # Connections end before the stores that their requests read.
        server.replace(tenants, spared)
        origin.replace(tenants.store_of(DEFAULT_NAME), tenants.buckets)
        hook_errors = self._close_tenants()
        self.time, self.account, self.quirks = time, account, quirks
        self._run(tenants, settings)
        return hook_errors

    def _add_accounts(
        self, tenants: Tenants, settings: CloudSettings, signer: Signer, account: Account, quirks: Quirks
    ) -> None:
        """Create the accounts, the default one first. Nothing runs or is served yet."""
        tenants.add(self._assembly.tenant(tenants, self.key, account, settings, signer, quirks))
        # Seed data belongs to the default account.
        unseeded = replace(settings, seed_data=None)
        for key, other in settings.accounts.items():
            self._add(tenants, key, other, unseeded, signer, quirks)

    def _add(
        self,
        tenants: Tenants,
        key: str,
        account: Account,
        settings: CloudSettings,
        signer: Signer,
        quirks: Quirks,
    ) -> Tenant:
        account = with_name(checked_key(key), account)
        tenants.refuse_taken(key, account)
        tenant = self._assembly.tenant(tenants, key, account, settings, signer, quirks)
        tenants.add(tenant)
        return tenant

    @property
    def _assembly(self) -> Assembly:
        return Assembly(
            faults=self.faults,
            sleep=self._sleep,
            gzip=self._gzip,
            on_exchange=self._on_exchange,
            on_request=self._on_request,
            emulator=self,
            addresses=self._addresses,
            control_key=self.key if self._addresses.is_open else None,
        )

    def _run(self, tenants: Tenants, settings: CloudSettings) -> None:
        """Make these the current accounts, and start their jobs."""
        self._tenants, self._current = tenants, settings
        tenants.start()

    def _close_tenants(self) -> list[Exception]:
        """Stop all jobs and close the stores. Returns what `on_exchange` raised."""
        return [] if self._tenants is None else self._tenants.close()

    def stop(self) -> None:
        """Break off every connection, end the threads and close the stores.

        Does nothing when the emulator is stopped. Raises the first exception that `on_exchange`
        raised, if any.
        """
        with self._changing:
            server, self._server, self._is_running = self._server, None, False
            if server is None:
                return
            server.stop()
            if self._origin is not None:
                self._origin.stop()
            hook_errors = self._close_tenants()
        self._stopped.set()
        if hook_errors:
            raise hook_errors[0]

    def serve_forever(
        self,
        on_ready: Callable[[Emulator], object] | None = None,
        on_request: Callable[[Request], object] | None = None,
    ) -> None:
        """Serve until SIGINT or SIGTERM, or until another thread calls `stop`. Prints nothing.

        `on_ready` is called with the emulator once it serves, `on_request` with each request after
        its response was sent.
        """
        with StopSignals():
            try:
                self._on_request = on_request
                self.start()
                if on_ready is not None:
                    on_ready(self)
                self._stopped.wait()
            except StopRequested:
                pass
        self.stop()

    # The servers

    @property
    def url(self) -> str:
        """Base URL of the API for programs on this machine, without a trailing slash."""
        if self._server is None:
            raise RuntimeError(NOT_RUNNING)
        return self._addresses.own_url(self._server.port)

    @property
    def public_url(self) -> str | None:
        """How callers reach it, if that was given."""
        return self._addresses.public_url

    @property
    def is_open(self) -> bool:
        """Whether other machines can reach it."""
        return self._addresses.is_open

    @property
    def uptime(self) -> float:
        """Seconds since it was started, by the machine's clock. A reset does not change that."""
        return monotonic() - self._started_at

    @property
    def files_url(self) -> str:
        """Origin of the storage that signed URLs lead to; its port is not the API's."""
        if self._server is None or self._origin is None:
            raise RuntimeError(NOT_RUNNING)
        return self._origin.url

    # Accounts

    def add_account(
        self,
        key: str | None = None,
        *,
        name: str = "",
        tier: Tier = "standard",
        credits: float | None = None,
        subscription_active: bool = True,
    ) -> Tenant:
        """Add an account to the running emulator; without a key it gets a random one.

        It is empty, unless the folder `data` holds an account of this name. Raises ValueError for a
        key or name that is taken or not valid.
        """
        if key is not None:
            self._addresses.refuse_shared_key(key, DEFAULT_KEY)
        with self._changing:
            if self._server is None or self._origin is None:
                raise RuntimeError(NOT_RUNNING)
            return self._add(
                self._started_tenants,
                new_key() if key is None else key,
                Account(tier, credits, subscription_active, name),
                replace(self._current, seed_data=None),
                self._origin.signer,
                self.quirks,
            )
