"""A remote file while it is read: a context manager with `read`, and an iterator over its chunks.

It passes on what `transfer` receives, and never writes to disk.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from types import TracebackType
from typing import Self

from .transfer import AsyncTransfer


class AsyncFileContent:
    """The content of a remote file, for `async with cloud.files.open(...) as content`.

    `async for chunk in content` yields bytes as they arrive; a broken connection is resumed
    transparently. The file is read once: reading again continues where it stopped.
    """

    def __init__(self, transfer: AsyncTransfer) -> None:
        self._transfer = transfer

    @property
    def size(self) -> int | None:
        """The length in bytes, or None if the server did not send it."""
        return self._transfer.size

    @property
    def media_type(self) -> str | None:
        """The media type, such as image/png, or None if the server did not send it."""
        return self._transfer.media_type

    async def read(self) -> bytes:
        """Everything that has not been read yet, in memory."""
        return b"".join([chunk async for chunk in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(self._transfer.chunks()) as chunks:
            async for _, chunk in chunks:
                if chunk:
                    yield chunk

    async def __aenter__(self) -> Self:
        await self._transfer.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._transfer.close()
