"""The accounts of one life of the emulator: each with a store, an engine and an application of its own.

A request goes to the account whose key it carries; one without a known key goes to the default account, whose application
refuses it or serves what is public. Time, faults and records belong to all of them. How an account is put together is
decided in `emulator`.
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
from comfy_cloud_emulator.engine.events import Hub
from comfy_cloud_emulator.engine.job_engine import JobEngine, Submission
from comfy_cloud_emulator.http.access import given_key
from comfy_cloud_emulator.http.request_log import Records
from comfy_cloud_emulator.routes.websocket.sockets import socket_key
from comfy_cloud_emulator.state.account import DEFAULT_NAME, Account
from comfy_cloud_emulator.state.data_folder import DataFolder
from comfy_cloud_emulator.state.files.file_store import FileStore
from comfy_cloud_emulator.state.store import Store
from comfy_cloud_emulator.storage.application import Shelves
from comfy_cloud_emulator.storage.signed_urls import bucket_of

_CONTEXT: Final = "comfy_cloud_emulator: name of the account with this key"


class Tenant:
    """One account with all that is its own: `account` holds its values, `store` its jobs, files and assets."""

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
        """The stored files by their names: what was uploaded and what jobs made."""
        return self.store.files

    @property
    def jobs(self) -> JobControl:
        """The jobs under way: scripted failures, cancelling, counts of executions."""
        return JobControl(self._engine)

    @property
    def events(self) -> Hub:
        """What is told while jobs run; `listen` to it without a websocket."""
        return self._engine.hub

    @property
    def submissions(self) -> list[Submission]:
        """The workflows that were accepted, oldest first, with what was sent beside them."""
        return self._engine.submissions()

    def take_up(self, time: EngineTime) -> None:
        """Let the time move its jobs."""
        self._leave = time.on_advance(self._engine.catch_up)
        if time.moves_by_itself:
            self._driver = Driver(self._engine, time)
            self._driver.start()

    def put_down(self) -> None:
        """Let nothing move any more."""
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
        self.records = Records()
        self.shelves = Shelves()
        self._stores: dict[str, Store] = {}
        self._by_name: dict[str, Tenant] = {}
        self._by_key: dict[str, Tenant] = {}
        self._moves = False

    def __repr__(self) -> str:
        return f"<Tenants: {', '.join(self)}>"

    def __getitem__(self, name: str) -> Tenant:
        tenant = self._by_name.get(name)
        if tenant is None:
            # What was asked for may be a key, so it is not repeated.
            raise KeyError(f"no account of this name; there are: {', '.join(self)}")
        return tenant

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._by_name))

    def __len__(self) -> int:
        return len(self._by_name)

    @property
    def default(self) -> Tenant:
        """The account that is always there."""
        return self._by_name[DEFAULT_NAME]

    def store_of(self, name: str) -> Store:
        """The store of the account with this name, opened when it is first asked for."""
        if name not in self._stores:
            place = None if self.folder is None else self.folder.of(name)
            self._stores[name] = Store(place, self.time.now)
            # A faster time of an earlier life may have come further; what is new must not look older than that.
            self.time.not_before(self._stores[name].latest() / 1000)
        return self._stores[name]

    def of_key(self, key: str | None) -> Tenant | None:
        """The account that a key belongs to, or None."""
        return None if key is None else self._by_key.get(key)

    def refuse_taken(self, key: str, account: Account) -> None:
        """Raise ValueError when another account has the key or the name."""
        _refuse_taken(key, account.name, self._by_key, self)

    def add(self, tenant: Tenant) -> None:
        """Let it be one of them; its jobs move if those of the others do."""
        self.shelves.stores[bucket_of(tenant.name)] = tenant.store
        self.shelves.keys.add(tenant.key)
        self._by_name[tenant.name] = tenant
        if self._moves:
            tenant.take_up(self.time)
        # Requests find it from here on.
        self._by_key[tenant.key] = tenant

    def others_have(self, name: str) -> Callable[[str], bool]:
        """Whether a job belongs to another account than the named one, as a question by the job's id."""

        def is_anothers(id: str) -> bool:
            others = [tenant for tenant in list(self._by_name.values()) if tenant.name != name]
            return any(tenant.store.has(id) for tenant in others)

        return is_anothers

    def take_up(self) -> None:
        """Let the time move the jobs of all of them."""
        self._moves = True
        for tenant in self._by_name.values():
            tenant.take_up(self.time)

    def put_down(self) -> list[Exception]:
        """Let nothing move any more, and close the stores. Returns what `on_exchange` raised."""
        self._moves = False
        for tenant in self._by_name.values():
            tenant.put_down()
        for store in self._stores.values():
            store.close()
        if self.folder is not None:
            self.folder.close()
        return self.records.hook_errors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as the account that its key belongs to."""
        key = socket_key(scope) if scope["type"] == "websocket" else given_key(Headers(scope=scope))
        tenant = self.of_key(key)
        scope["state"]["account"] = None if tenant is None else tenant.name
        await (tenant or self.default).application(scope, receive, send)


def checked_key(key: str) -> str:
    """The key. Raises ValueError when no header can carry it."""
    if not key or not key.isascii() or not key.isprintable():
        raise ValueError("key: expected printable ASCII characters")
    return key


def named_accounts(default_key: str, accounts: Mapping[str, Account]) -> dict[str, Account]:
    """Copies of the accounts by their keys, each with a name. Raises ValueError for keys and names that are no good."""
    found: dict[str, Account] = {}
    for key, account in accounts.items():
        account = named(checked_key(key), account)
        names = [DEFAULT_NAME, *(other.name for other in found.values())]
        _refuse_taken(key, account.name, [default_key], names)
        found[key] = account
    return found


def _refuse_taken(key: str, name: str, keys: Container[str], names: Container[str]) -> None:
    if key in keys:
        raise ValueError("an account with this key exists already; give each a key of its own")
    if name in names:
        raise ValueError(f"an account named {name} exists already; give each a name of its own")


def new_key() -> str:
    """A key that nobody has yet."""
    return f"comfyui-{secrets.token_hex(12)}"


def named(key: str, account: Account) -> Account:
    """A copy of the account, with a name that follows from its key if it has none; the key cannot be read from it."""
    digest = blake3(key.encode(), derive_key_context=_CONTEXT).hexdigest(length=6)
    return replace(account, name=account.name or f"account-{digest}")
