"""Open files as request bodies, as a sync and an async pair. I/O.

A file that counts what was sent has a method `report_progress`. It is called after each piece, in
the caller's thread.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from typing import IO, TypeAlias

from .concurrency import async_in_thread
from .forms import report_progress

# How much of a file is read at once. A worker thread costs more than reading a piece of the first
# size.
_CHUNK = 256 * 1024
_ASYNC_CHUNK = 1024 * 1024

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
