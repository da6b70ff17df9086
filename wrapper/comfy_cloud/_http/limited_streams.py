"""Connections of a sync client that keep a limit in total, and that another thread can end. I/O.

httpcore counts the timeout of a response anew with each read. Here every operation on a connection
gets what is left of the request's limit (`deadlines`), and while it waits in a worker thread, its
socket can be shut down (`concurrency.Halt`). Patches private attributes of httpx and httpcore,
which have no setting for this. If their internals differ, only silence is limited.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import httpcore

from .concurrency import current_halt
from .deadlines import current_limit
from .large_reads import Proxy

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
# A long body is sent in pieces, with the time that is left for each.
_WRITE_SIZE = 256 * 1024


def use_time_limits(client: httpx.Client | httpx.AsyncClient) -> None:
    """Make all connections of a client keep the limits of its requests.

    Those of an async client are cancelled, and only have to be closed then.
    """
    limited = _AsyncClosedBackend if hasattr(client, "aclose") else _LimitedBackend
    for transport in (getattr(client, "_transport", None), *getattr(client, "_mounts", {}).values()):
        pool: Any = getattr(transport, "_pool", None)
        backend = getattr(pool, "_network_backend", None)
        if backend is not None:
            pool._network_backend = limited(backend)


def _left(timeout: float | None, exceeded: type[Exception]) -> float | None:
    """The timeout of the next operation: the given one, or what is left of the request's limit."""
    limit = current_limit()
    if limit is None:
        return timeout
    left = limit.seconds_left
    if left <= 0:
        raise exceeded("the time of the request is over")
    return left if timeout is None else min(timeout, left)


class _LimitedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner
        self._socket: Any = inner.get_extra_info("socket")

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._run(self._inner.read, max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _WRITE_SIZE):
            piece = buffer if len(buffer) <= _WRITE_SIZE else buffer[start : start + _WRITE_SIZE]
            self._run(self._inner.write, piece, _left(timeout, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _LimitedStream(self._run(self._inner.start_tls, ssl_context, server_hostname, left))

    def close(self) -> None:
        self._inner.close()

    def _run(self, operation: Callable[..., T], *arguments: Any) -> T:
        """Do something that waits for the socket. In concurrent work it can be woken up."""
        halt = current_halt()
        if halt is None:
            return operation(*arguments)
        halt.begin_wait(self._socket)
        try:
            return operation(*arguments)
        finally:
            halt.end_wait()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _LimitedBackend(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *arguments: Any, **options: Any
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        if (halt := current_halt()) is not None:
            halt.check()
        return _LimitedStream(self._inner.connect_tcp(host, port, left, *arguments, **options))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, *arguments: Any, **options: Any
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _LimitedStream(self._inner.connect_unix_socket(path, left, *arguments, **options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _AsyncClosedStream(Proxy):
    async def start_tls(self, *arguments: Any, **options: Any) -> Any:
        """Start TLS. Closes the connection when that is cancelled, since httpcore does not."""
        try:
            return await self._inner.start_tls(*arguments, **options)
        except BaseException:
            import anyio

            with anyio.CancelScope(shield=True):
                await self._inner.aclose()
            raise


class _AsyncClosedBackend(Proxy):
    async def connect_tcp(self, *arguments: Any, **options: Any) -> Any:
        return _AsyncClosedStream(await self._inner.connect_tcp(*arguments, **options))
