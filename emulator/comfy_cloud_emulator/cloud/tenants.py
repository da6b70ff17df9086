"""The accounts of a running emulator: each with its own store, engine and application.

A request goes to the account whose key it carries. One without a known key goes to the default
account, whose application refuses it or serves what is public. Time, faults and the request log
are shared. How an account is built is in `assembly`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import replace
from typing import Final

from blake3 import blake3
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from comfy_cloud_emulator.engine.clock import EngineTime
from comfy_cloud_emulator.engine.control import JobControl
from comfy_cloud_emulator.engine.driver import Driver
from comfy_cloud_emulator.engine.events import EventHub
from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.engine.submissions import Submission
from comfy_cloud_emulator.http.access import request_key, websocket_key
from comfy_cloud_emulator.http.request_log import RequestLog
from comfy_cloud_emulator.state.account import DEFAULT_NAME, Account
from comfy_cloud_emulator.state.data_folder import DataFolder
from comfy_cloud_emulator.state.files.file_store import FileStore
from comfy_cloud_emulator.state.store import Store
from comfy_cloud_emulator.storage.application import Buckets
from comfy_cloud_emulator.storage.signed_urls import bucket_of

_CONTEXT: Final = "comfy_cloud_emulator: name of the account with this key"


class Tenant:
    """One account and everything that belongs to it alone.

    `account` holds its tier and credits, `store` its jobs, files and assets.
    """

    def __init__(
        self, key: str, account: Account, store: Store, engine: JobEngine, application: ASGIApp
    ) -> None:
        self.key = key
        self.account = account
        self.store = store
        self.application = application
        self._engine = engine
        self._driver: Driver | None = None
        self._leave: Callable[[], None] | None = None

    def __repr__(self) -> str:
        return f"<Tenant {self.name}>"

    @property
    def name(self) -> str:
        """The account's name."""
        return self.account.name

    @property
    def files(self) -> FileStore:
        """The stored files by their stored names: uploads and outputs of jobs."""
        return self.store.files

    @property
    def jobs(self) -> JobControl:
        """The running jobs: scripted failures, cancelling, counts of executions."""
        return JobControl(self._engine)

    @property
    def events(self) -> EventHub:
        """The events of running jobs; `listen` to them without a websocket."""
        return self._engine.hub

    @property
    def submissions(self) -> list[Submission]:
        """The accepted workflows, oldest first, with everything that was sent along."""
        return self._engine.submissions()

    def start(self, time: EngineTime) -> None:
        """Let its jobs run as the time passes."""
        self._leave = time.on_advance(self._engine.catch_up)
        if time.moves_by_itself:
            self._driver = Driver(self._engine, time)
            self._driver.start()

    def stop(self) -> None:
        """Stop its jobs where they are."""
        if self._driver is not None:
            self._driver.stop()
            self._driver = None
        if self._leave is not None:
            self._leave()
            self._leave = None
        self._engine.close()


class Tenants(Mapping[str, Tenant]):
    """The accounts by name, the default one first; also the ASGI application over all of them."""

    def __init__(self, time: EngineTime, folder: DataFolder | None) -> None:
        self.time = time
        self.folder = folder
        self.request_log = RequestLog()
        self.buckets = Buckets()
        self._stores: dict[str, Store] = {}
        self._by_name: dict[str, Tenant] = {}
        self._by_key: dict[str, Tenant] = {}
        self._is_started = False

    def __repr__(self) -> str:
        return f"<Tenants: {', '.join(self)}>"

    def __getitem__(self, name: str) -> Tenant:
        tenant = self._by_name.get(name)
        if tenant is None:
            # Somebody may have passed a key, so it is not repeated.
            raise KeyError(f"there is no account of this name; there are: {', '.join(self)}")
        return tenant

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._by_name))

    def __len__(self) -> int:
        return len(self._by_name)

    @property
    def default(self) -> Tenant:
        """The account that always exists."""
        return self._by_name[DEFAULT_NAME]

    def store_of(self, name: str) -> Store:
        """The store of the account with this name, opened on first use."""
        if name not in self._stores:
            folder = None if self.folder is None else self.folder.of(name)
            self._stores[name] = Store(folder, self.time.now)
            # An earlier process may have run faster; new things must not look older than its last.
            self.time.not_before(self._stores[name].latest() / 1000)
        return self._stores[name]

    def of_key(self, key: str | None) -> Tenant | None:
        """The account that a key belongs to, or None."""
        return None if key is None else self._by_key.get(key)

    def refuse_taken(self, key: str, account: Account) -> None:
        """Raise ValueError when another account has the key or the name."""
        _refuse_taken(key, account.name, self._by_key, self)

    def add(self, tenant: Tenant) -> None:
        """Add an account; its jobs run if those of the others do."""
        self.buckets.stores[bucket_of(tenant.name)] = tenant.store
        self.buckets.keys.add(tenant.key)
        self._by_name[tenant.name] = tenant
        if self._is_started:
            tenant.start(self.time)
        # From here on requests reach it.
        self._by_key[tenant.key] = tenant

    def foreign_job_check(self, name: str) -> Callable[[str], bool]:
        """A function that says whether a job id belongs to another account than the named one."""

        def is_foreign_job(id: str) -> bool:
            others = [tenant for tenant in list(self._by_name.values()) if tenant.name != name]
            return any(tenant.store.has(id) for tenant in others)

        return is_foreign_job

    def start(self) -> None:
        """Let the jobs of all accounts run as the time passes."""
        self._is_started = True
        for tenant in self._by_name.values():
            tenant.start(self.time)

    def close(self) -> list[Exception]:
        """Stop all jobs and close the stores. Returns what `on_exchange` raised."""
        self._is_started = False
        for tenant in self._by_name.values():
            tenant.stop()
        for store in self._stores.values():
            store.close()
        if self.folder is not None:
            self.folder.close()
        return self.request_log.hook_errors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request as the account that its key belongs to."""
        key = websocket_key(scope) if scope["type"] == "websocket" else request_key(Headers(scope=scope))
        tenant = self.of_key(key)
        scope["state"]["account"] = None if tenant is None else tenant.name
        await (tenant or self.default).application(scope, receive, send)


def checked_key(key: str) -> str:
    """The key. Raises ValueError when no header can carry it."""
    if not key or not key.isascii() or not key.isprintable():
        raise ValueError("key: expected printable ASCII characters")
    return key


def named_accounts(default_key: str, accounts: Mapping[str, Account]) -> dict[str, Account]:
    """Copies of the accounts by their keys, each with a name.

    Raises ValueError for keys and names that are taken or not valid.
    """
    found: dict[str, Account] = {}
    for key, account in accounts.items():
        account = with_name(checked_key(key), account)
        names = [DEFAULT_NAME, *(other.name for other in found.values())]
        _refuse_taken(key, account.name, [default_key], names)
        found[key] = account
    return found


def _refuse_taken(key: str, name: str, keys: Container[str], names: Container[str]) -> None:
    if key in keys:
        raise ValueError("an account with this key exists already; give each account its own key")
    if name in names:
        raise ValueError(f"an account named {name} exists already; give each account its own name")


def new_key() -> str:
    """A random key."""
    return f"comfyui-{secrets.token_hex(12)}"


def with_name(key: str, account: Account) -> Account:
    """A copy of the account with a name.

    Without one it gets a name derived from its key; the key cannot be recovered from it.
    """
    digest = blake3(key.encode(), derive_key_context=_CONTEXT).hexdigest(length=6)
    return replace(account, name=account.name or f"account-{digest}")
