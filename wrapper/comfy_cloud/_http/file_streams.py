"""Open files as request bodies, as a sync and an async pair. I/O.

A file that counts what was sent has a method `report_progress`. It is called after each piece, in
the caller's thread.
"""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from typing import IO, Any, TypeAlias

from ..errors import ConfigurationError
from .concurrency import async_in_thread
from .forms import report_progress

# How much of a file is read at once. A worker thread costs more than reading a piece of the first
# size.
_CHUNK = 256 * 1024
_ASYNC_CHUNK = 1024 * 1024
_NOT_A_BODY = "The content of a request is bytes, text, a file opened in binary mode, or {}"

# Pieces of a file, each with its offset.
Chunks: TypeAlias = "Generator[tuple[int, bytes], None, None]"
AsyncChunks: TypeAlias = "AsyncGenerator[tuple[int, bytes], None]"


def file_stream(file: IO[bytes], on_end: Callable[[], object] | None = None) -> Iterator[bytes]:
    """An open file, from its current position, as the body of a sync request.

    `on_end` is called when all of it has been read.
    """
    while chunk := file.read(_CHUNK):
        yield chunk
        report_progress(file)
    if on_end is not None:
        on_end()


async def async_file_stream(
    file: IO[bytes], on_end: Callable[[], object] | None = None
) -> AsyncIterator[bytes]:
    """An open file as the body of an async request. It is read in a worker thread."""
    while chunk := await async_in_thread(file.read, _ASYNC_CHUNK):
        yield chunk
        report_progress(file)
    if on_end is not None:
        on_end()


def body_stream(content: Any, on_end: Callable[[], object]) -> Any:
    """The body of a sync request in a form that httpx takes. Raises ConfigurationError for others.

    `on_end` is called when a file has been read to its end.
    """
    if hasattr(content, "read"):
        return file_stream(content, on_end)
    if _is_plain(content):
        return content
    if not isinstance(content, Iterable) or isinstance(content, Mapping):
        raise _unsent("an iterator of bytes")
    return (_checked(chunk, "an iterator of bytes") for chunk in content)


def async_body_stream(content: Any, on_end: Callable[[], object]) -> Any:
    """The body of an async request in a form that httpx takes; see `body_stream`."""
    if hasattr(content, "read"):
        return async_file_stream(content, on_end)
    if _is_plain(content):
        return content
    if not isinstance(content, AsyncIterable):
        raise _unsent("an async iterator of bytes")
    return (_checked(chunk, "an async iterator of bytes") async for chunk in content)


def _is_plain(content: object) -> bool:
    return content is None or isinstance(content, (bytes, str))


def _unsent(what: str) -> ConfigurationError:
    error = ConfigurationError(_NOT_A_BODY.format(what))
    error.was_sent = False
    return error


def _checked(chunk: object, what: str) -> bytes:
    if not isinstance(chunk, bytes):
        raise ConfigurationError(_NOT_A_BODY.format(what))
    return chunk
