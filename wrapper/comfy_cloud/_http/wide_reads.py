"""Reading a quarter of a megabyte at a time from a plain connection: with less, Python is busier with the pieces than with the bytes.

This counts where bytes come fast and without TLS (whose records have 16 KiB, whatever is asked for): from a server of your own.
httpx, httpcore and httpx-aiohttp have no public setting for it. Their clients are changed after they were made, where they are
built as known; where they are not, they stay as they are, only slower. This module makes no client and sends nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

# What a socket hands out at once at best, and what asyncio asks it for.
READ = 256 * 1024


def widen(client: httpx.Client | httpx.AsyncClient) -> None:
    """Let all transports of a client read in large pieces."""
    is_async = hasattr(client, "aclose")
    for transport in (getattr(client, "_transport", None), *getattr(client, "_mounts", {}).values()):
        pool: Any = getattr(transport, "_pool", None)
        backend = getattr(pool, "_network_backend", None)
        if backend is not None:
            pool._network_backend = _AsyncWideBackend(backend) if is_async else _WideBackend(backend)


def widen_response(response: httpx.Response) -> None:
    """Let the body of an answer that came over aiohttp be handed on in large pieces."""
    stream: Any = response.stream
    if hasattr(stream, "CHUNK_SIZE"):
        stream.CHUNK_SIZE = READ


class _Wrapped:
    """Passes on everything that is not said otherwise."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _WideStream(_Wrapped):
    def read(self, max_bytes: int, timeout: float | None = None) -> Any:
        """At most so many bytes, or more; where the stream is asynchronous, this is awaited."""
        return self._inner.read(max(max_bytes, READ), timeout)


class _WideBackend(_Wrapped):
    def connect_tcp(self, *arguments: Any, **options: Any) -> _WideStream:
        return _WideStream(self._inner.connect_tcp(*arguments, **options))


class _AsyncWideBackend(_Wrapped):
    async def connect_tcp(self, *arguments: Any, **options: Any) -> _WideStream:
        return _WideStream(await self._inner.connect_tcp(*arguments, **options))
