"""Read 256 KiB at a time from plain connections.

With smaller pieces, Python spends more time on the pieces than on the bytes. It matters for fast
servers without TLS (TLS records have 16 KiB anyway), such as a self-hosted ComfyUI. Patches
private attributes of httpx and httpcore, which have no setting for this. If their
internals differ, nothing is patched and reads are merely slower. Nothing is sent here.

Every connection that is made is registered with `forks`. Those of an async client remember their
socket: before each request, httpcore asks every idle connection whether the server has closed it,
and anyio would look up all that it knows of a connection to find the socket.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from httpcore._utils import is_socket_readable

from .forks import cut_off_after_fork

if TYPE_CHECKING:
    import httpx

# The most that a socket delivers at once, and what asyncio asks it for.
READ_SIZE = 256 * 1024


def use_large_reads(client: httpx.Client | httpx.AsyncClient) -> None:
    """Make all transports of a client read in large pieces."""
    is_async = hasattr(client, "aclose")
    for transport in (getattr(client, "_transport", None), *getattr(client, "_mounts", {}).values()):
        pool: Any = getattr(transport, "_pool", None)
        backend = getattr(pool, "_network_backend", None)
        if backend is not None:
            pool._network_backend = (
                _AsyncLargeReadBackend(backend) if is_async else _LargeReadBackend(backend)
            )


class Proxy:
    """Passes on every attribute that it does not define."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _LargeReadStream(Proxy):
    def read(self, max_bytes: int, timeout: float | None = None) -> Any:
        """Read up to READ_SIZE bytes even when fewer are requested.

        On an async stream this returns an awaitable.
        """
        return self._inner.read(max(max_bytes, READ_SIZE), timeout)

    def start_tls(self, *arguments: Any, **options: Any) -> Any:
        return cut_off_after_fork(self._inner.start_tls(*arguments, **options), _socket_of)


class _KnownSocketStream(Proxy):
    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self._socket = _socket_of(inner)

    def get_extra_info(self, info: str) -> Any:
        """What is known of the connection; whether it can be read is asked of its socket alone."""
        if info == "is_readable" and self._socket is not None:
            return is_socket_readable(self._socket)
        return self._inner.get_extra_info(info)


class _AsyncLargeReadStream(_KnownSocketStream, _LargeReadStream):
    async def start_tls(self, *arguments: Any, **options: Any) -> Any:
        stream = await self._inner.start_tls(*arguments, **options)
        return _KnownSocketStream(cut_off_after_fork(stream, _socket_of))


class _LargeReadBackend(Proxy):
    def connect_tcp(self, *arguments: Any, **options: Any) -> _LargeReadStream:
        stream = self._inner.connect_tcp(*arguments, **options)
        return _LargeReadStream(cut_off_after_fork(stream, _socket_of))


class _AsyncLargeReadBackend(Proxy):
    async def connect_tcp(self, *arguments: Any, **options: Any) -> _AsyncLargeReadStream:
        stream = await self._inner.connect_tcp(*arguments, **options)
        return _AsyncLargeReadStream(cut_off_after_fork(stream, _socket_of))


def _socket_of(stream: Any) -> Any:
    return stream.get_extra_info("socket")
