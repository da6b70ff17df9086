"""Read 256 KiB at a time from plain connections.

With smaller pieces, Python spends more time on the pieces than on the bytes. It matters for fast
servers without TLS (TLS records have 16 KiB anyway), such as a self-hosted ComfyUI. Patches
private attributes of httpx, httpcore and httpx-aiohttp, which have no setting for this. If their
internals differ, nothing is patched and reads are merely slower. Nothing is sent here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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


def use_large_pieces(response: httpx.Response) -> None:
    """Deliver the body of a response that came over aiohttp in large pieces."""
    stream: Any = response.stream
    if hasattr(stream, "CHUNK_SIZE"):
        stream.CHUNK_SIZE = READ_SIZE


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


class _LargeReadBackend(Proxy):
    def connect_tcp(self, *arguments: Any, **options: Any) -> _LargeReadStream:
        return _LargeReadStream(self._inner.connect_tcp(*arguments, **options))


class _AsyncLargeReadBackend(Proxy):
    async def connect_tcp(self, *arguments: Any, **options: Any) -> _LargeReadStream:
        return _LargeReadStream(await self._inner.connect_tcp(*arguments, **options))
