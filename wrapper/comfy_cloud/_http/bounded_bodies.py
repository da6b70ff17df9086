"""Hold response bodies to a number of bytes, for the API and for downloads.

The bytes are counted and decoded by `content_decoding`, one piece from the network at a time. This
passes them on to httpx, over its public interface, and has the errors. Nothing here reads a body.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx

from comfy_cloud_api.types import Operation

from .._settings.fields import in_bytes
from ..errors import UnexpectedResponse
from .content_decoding import BodyDecoder, BodyRefused, BodyTooLarge, DamagedBody

# Error bodies are read up to this many bytes; the rest is dropped, since the status matters more.
LONGEST_ERROR_BODY = 4 * 2**20
# Smaller pieces than the first are collected to one of the second size. A Python object for every
# few bytes would take many times their memory.
_SMALL = 16 * 1024
_COLLECTED = 64 * 1024
# Where a body is cut, a key may be cut too, and half a key would not be recognised.
_LOST_AT_THE_CUT = 4 * 1024


class _BoundedStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of a response, decoded and counted. With `is_cut` it ends at the limit."""

    def __init__(self, inner: Any, decoder: BodyDecoder, *, is_cut: bool) -> None:
        self._inner = inner
        self._decoder = decoder
        self._is_cut = is_cut
        self._held = _LOST_AT_THE_CUT if is_cut else 0  # the last bytes, until the end is known
        self._is_at_end = False
        self._collected = bytearray()

    def __iter__(self) -> Iterator[bytes]:
        for data in self._inner:
            yield from self._pieces(data)
            if self._is_at_end:
                break
        yield from self._rest()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for data in self._inner:
            for piece in self._pieces(data):
                yield piece
            if self._is_at_end:
                break
        for piece in self._rest():
            yield piece

    def close(self) -> None:
        """Close the connection, or return it to its pool."""
        self._inner.close()

    async def aclose(self) -> None:
        """Close the connection, or return it to its pool."""
        await self._inner.aclose()

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        try:
            for piece in self._decoder.decode(data):
                if len(piece) >= _SMALL and not self._collected and not self._held:
                    yield piece
                    continue
                self._collected += piece
                if len(self._collected) >= _COLLECTED + self._held:
                    ready = len(self._collected) - self._held
                    yield bytes(self._collected[:ready])
                    del self._collected[:ready]
        except (BodyTooLarge, BodyRefused) as error:
            if not self._is_cut:
                raise
            self._collected += error.rest if isinstance(error, BodyTooLarge) else b""
            del self._collected[-self._held :]
            self._is_at_end = True
        except DamagedBody as error:
            raise httpx.DecodingError(str(error)) from None

    def _rest(self) -> Iterator[bytes]:
        if self._collected:
            yield bytes(self._collected)
            self._collected.clear()
        if self._is_at_end:
            return
        try:
            self._decoder.finish()
        except DamagedBody as error:
            raise httpx.DecodingError(str(error)) from None


class _NoBody(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of a response that nobody reads."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for nothing in self:
            yield nothing

    def close(self) -> None:
        self._inner.close()

    async def aclose(self) -> None:
        await self._inner.aclose()


def bound(response: httpx.Response, limit: int | None, *, is_cut: bool = False) -> bool:
    """Have the body of a response counted, and decoded in bounded steps, when it is read.

    Returns whether it is encoded. Then httpx must not decode it again: read it with `iter_raw`.
    A short body that is not encoded is left as it is: its length binds the transport. With `is_cut`
    the body ends where it would be too large. Else this, and reading it, raise BodyTooLarge and
    BodyRefused.
    """
    encodings, length = _framing(response)
    try:
        if encodings is None and length is not None:
            if limit is not None and length > limit and not is_cut:
                raise BodyTooLarge
            if length <= (_COLLECTED if limit is None else min(limit, _COLLECTED)):
                return False
        decoder = BodyDecoder(encodings or "", limit)
    except BodyRefused:
        if not is_cut:
            raise
        response.stream = _NoBody(response.stream)
        return True
    response.stream = _BoundedStream(response.stream, decoder, is_cut=is_cut)
    return decoder.is_needed


def _framing(response: httpx.Response) -> tuple[str | None, int | None]:
    """The encodings of a body, and its length as sent; None for what is not announced."""
    encodings: list[str] = []
    length: int | None = None
    is_chunked = False
    for name, value in response.headers.raw:  # faster than three look-ups
        match name.lower():
            case b"content-encoding":
                encodings.append(value.decode("latin-1"))
            case b"content-length" if value.isdigit() and len(value) < 19:
                length = int(value)
            case b"transfer-encoding":
                is_chunked = True
    return ", ".join(encodings) or None, None if is_chunked else length


def drop_body_of_redirect(response: httpx.Response) -> None:
    """A hook for httpx, which reads the body of each redirect that it follows, without a limit."""
    if response.has_redirect_location:
        response.stream = _NoBody(response.stream)


async def async_drop_body_of_redirect(response: httpx.Response) -> None:
    """The same for an async client."""
    drop_body_of_redirect(response)


def body_failure(
    operation: Operation,
    response: httpx.Response,
    error: BodyTooLarge | BodyRefused,
    limit: int | None,
    what: str = "its body is",
) -> UnexpectedResponse:
    """The error for a body that is too large, or sent in a way that cannot be read."""
    if isinstance(error, BodyRefused):
        reason = str(error)
    else:
        reason = (
            f"{what} larger than {in_bytes(limit)}. If that is expected, pass a larger "
            "max_response_bytes= to the client, or None for no limit"
        )
    return UnexpectedResponse(
        f"{operation.method} {operation.path} returned {response.status_code}: {reason}",
        status=response.status_code,
        content_type=response.headers.get("content-type") or None,
        method=operation.method,
        path=operation.path,
    )
