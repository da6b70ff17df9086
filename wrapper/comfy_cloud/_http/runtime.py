"""The few pairs that cannot be translated from async to sync, and what the process shares: clock, sleep, TLS, transports.

`Runtime` and `AsyncRuntime` hold the clock, the sleep and the randomness of one client, so that tests can bring their own.
Nothing here knows an operation.
"""

from __future__ import annotations

import random
import ssl
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.util import find_spec
from typing import IO, Any, TypeAlias, TypeVar
from urllib.request import getproxies

import httpx

from .._settings.config import is_loopback, origin_of
from .websocket import AsyncSocket, Socket, SocketAddress, open_async_socket, open_socket
from .wide_reads import widen

USER_AGENT = "comfy-cloud-python"
# What is read of a file at once to be sent. A worker thread costs more than a piece of the first size does.
_CHUNK = 256 * 1024
_ASYNC_CHUNK = 1024 * 1024
_STORAGE_REDIRECTS = 5

A = TypeVar("A")
T = TypeVar("T")

# Pieces of a file, each with its place in it.
Chunks: TypeAlias = "Generator[tuple[int, bytes], None, None]"
AsyncChunks: TypeAlias = "AsyncGenerator[tuple[int, bytes], None]"

# Gets a page of a list: how many items, and how many to skip (None for none).
Fetch: TypeAlias = "Callable[[int, int | None], list[T]]"
AsyncFetch: TypeAlias = "Callable[[int, int | None], Awaitable[list[T]]]"

# Asks one source (of type A) for something (of type T).
Call: TypeAlias = "Callable[[A], T]"
AsyncCall: TypeAlias = "Callable[[A], Awaitable[T]]"

_tls_lock = threading.Lock()
_tls_context: ssl.SSLContext | None = None


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def _async_sleep(seconds: float) -> None:
    import anyio  # works under asyncio and trio alike

    await anyio.sleep(seconds)


def _connect(address: SocketAddress) -> Socket:
    return open_socket(address, _tls_for(address))


async def _async_connect(address: SocketAddress) -> AsyncSocket:
    return await open_async_socket(address, _tls_for(address))


def _tls_for(address: SocketAddress) -> ssl.SSLContext | None:
    return tls_context() if address.base_url.startswith("https://") else None


@dataclass(slots=True)
class Runtime:
    """Clock, sleep, randomness and websocket of a synchronous client. `monotonic` and `sleep` are in seconds."""

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    random: Callable[[], float] = random.random
    connect: Callable[[SocketAddress], Socket] = _connect


@dataclass(slots=True)
class AsyncRuntime:
    """Clock, sleep, randomness and websocket of an asynchronous client. `monotonic` and `sleep` are in seconds."""

    sleep: Callable[[float], Awaitable[None]] = _async_sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    random: Callable[[], float] = random.random
    connect: Callable[[SocketAddress], Awaitable[AsyncSocket]] = _async_connect


def tls_context() -> ssl.SSLContext:
    """The process's one TLS context: reading the certificate bundle is most of what a new client costs."""
    global _tls_context
    with _tls_lock:
        if _tls_context is None:
            _tls_context = httpx.create_ssl_context()
        return _tls_context


def new_http_client(base_url: str, max_connections: int) -> httpx.Client:
    """A synchronous httpx client for the API: no redirects, shared TLS, no proxy on loopback."""
    client = httpx.Client(**_client_arguments(base_url, max_connections))
    widen(client)
    return client


def new_async_http_client(base_url: str, max_connections: int) -> httpx.AsyncClient:
    """An asynchronous httpx client for the API; over aiohttp when the extra `fast` is installed.

    With a proxy in the environment it is httpx's own transport, which knows how to use it.
    """
    client = httpx.AsyncClient(**_over_aiohttp(_client_arguments(base_url, max_connections)))
    widen(client)
    return client


def new_storage_client(base_url: str, max_connections: int, timeout: float) -> httpx.Client:
    """A synchronous httpx client for signed addresses at a storage: it knows no credentials, and follows redirects."""
    client = httpx.Client(**_storage_arguments(base_url, max_connections, timeout))
    widen(client)
    return client


def new_async_storage_client(base_url: str, max_connections: int, timeout: float) -> httpx.AsyncClient:
    """An asynchronous httpx client for signed addresses at a storage: it knows no credentials, and follows redirects."""
    arguments = _storage_arguments(base_url, max_connections, timeout)
    client = httpx.AsyncClient(**_over_aiohttp(arguments))
    widen(client)
    return client


def has_aiohttp() -> bool:
    """Whether the extra `fast` is installed."""
    return find_spec("httpx_aiohttp") is not None


def _client_arguments(base_url: str, max_connections: int) -> dict[str, Any]:
    scheme, host, _ = origin_of(base_url)
    # Plain http never needs the certificate bundle; a context without one refuses any TLS, so nothing is weakened.
    verify = tls_context() if scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return {
        "follow_redirects": False,
        "verify": verify,
        "trust_env": not is_loopback(host),
        "limits": httpx.Limits(max_connections=max_connections, max_keepalive_connections=max_connections),
        "headers": {"User-Agent": USER_AGENT},
    }


def _storage_arguments(base_url: str, max_connections: int, timeout: float) -> dict[str, Any]:
    arguments = _client_arguments(base_url, max_connections)
    # The storage may speak TLS where the API does not. An encoded body could be neither measured nor resumed.
    headers = {**arguments["headers"], "Accept-Encoding": "identity"}
    return {
        **arguments,
        "verify": tls_context(),
        "headers": headers,
        "timeout": timeout,
        "follow_redirects": True,
        "max_redirects": _STORAGE_REDIRECTS,
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())),  # takes none from anybody
    }


def _over_aiohttp(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with the transport of the extra `fast`, where it is installed and no proxy is in the way."""
    if not has_aiohttp() or (arguments["trust_env"] and getproxies()):
        return arguments
    from .aiohttp_transport import transport

    rest = {name: value for name, value in arguments.items() if name not in ("limits", "verify")}
    return {**rest, "transport": transport(arguments["verify"], arguments["limits"])}


def in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Call what takes long; a synchronous caller waits for it where it is."""
    return function(*arguments)


async def async_in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Call what takes long in a worker thread, while others go on."""
    from anyio import to_thread

    return await to_thread.run_sync(function, *arguments)


def always_in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Call what takes long and has to be done, also when the caller was interrupted."""
    return function(*arguments)


async def async_always_in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Call what takes long and has to be done in a worker thread, also when the task was cancelled."""
    import anyio
    from anyio import to_thread

    with anyio.CancelScope(shield=True):
        return await to_thread.run_sync(function, *arguments)
    raise AssertionError("unreachable")


class Halt:
    """Tells work that runs in threads to end: a thread cannot be cancelled, it has to look."""

    def __init__(self) -> None:
        self._is_set = threading.Event()

    def set(self) -> None:
        """Ask for the end."""
        self._is_set.set()

    def check(self) -> None:
        """Raise `Halted` when the end was asked for."""
        if self._is_set.is_set():
            raise Halted


class Halted(Exception):
    """Ends work whose result nobody waits for any longer; it does not reach a user."""


def run_side_by_side(functions: Sequence[Callable[[Halt], T]], limit: int) -> list[T]:
    """Call all, at most `limit` at a time, each in a thread; their results in order.

    The first error ends the rest and is raised. So is Ctrl-C.
    """
    from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

    halt = Halt()
    with ThreadPoolExecutor(max_workers=max(1, min(limit, len(functions)))) as executor:
        futures = [executor.submit(function, halt) for function in functions]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            errors = [error for future in done if (error := future.exception())]
            if errors:
                raise errors[0]
            return [future.result() for future in futures]
        except BaseException:
            halt.set()
            executor.shutdown(wait=False, cancel_futures=True)
            raise


async def async_run_side_by_side(functions: Sequence[Callable[[Halt], Awaitable[T]]], limit: int) -> list[T]:
    """Call all, at most `limit` at a time; their results in order. The first error cancels the rest and is raised."""
    import anyio

    results: dict[int, T] = {}
    errors: list[Exception] = []
    halt = Halt()
    waiting = iter(enumerate(functions))

    async def work() -> None:
        for place, function in waiting:
            try:
                results[place] = await function(halt)
            except Exception as error:  # noqa: BLE001 - raised below, without the group around it
                errors.append(error)
                group.cancel_scope.cancel()
                return

    async with anyio.create_task_group() as group:
        for _ in range(max(1, min(limit, len(functions)))):
            group.start_soon(work)
    if errors:
        raise errors[0]
    return [results[place] for place in range(len(functions))]


def shielded(function: Callable[[], object], seconds: float) -> bool:
    """Call what must still be done although the caller was interrupted; True when it was over within so many seconds."""
    thread = threading.Thread(target=function, name="comfy_cloud:last-words", daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()


async def async_shielded(function: Callable[[], Awaitable[object]], seconds: float) -> bool:
    """Await what must still be done although the caller was cancelled; True when it was over within so many seconds."""
    import anyio

    with anyio.move_on_after(seconds, shield=True) as scope:
        await function()
    return not scope.cancelled_caught


def file_stream(file: IO[bytes]) -> Iterator[bytes]:
    """An open file, from where it stands, as a synchronous request body."""
    while chunk := file.read(_CHUNK):
        yield chunk
        _told(file)


async def async_file_stream(file: IO[bytes]) -> AsyncIterator[bytes]:
    """An open file as an asynchronous request body; reading happens in a worker thread."""
    from anyio import to_thread

    while chunk := await to_thread.run_sync(file.read, _ASYNC_CHUNK):
        yield chunk
        _told(file)


def _told(file: Any) -> None:
    """Let a file that counts what is sent of it tell so: here, where the caller is, and after the sending."""
    tell = getattr(file, "report_progress", None)
    if tell is not None:
        tell()
