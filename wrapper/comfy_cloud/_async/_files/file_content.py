"""A remote file that is being read: a context manager with `read`, and an iterator over its pieces.

It only hands on what `transfer` brings, and never writes to a disk.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from types import TracebackType
from typing import Self

from .transfer import AsyncTransfer


class AsyncFileContent:
    """The content of a remote file, for `async with cloud.files.open(...) as content`.

    `async for piece in content` yields bytes as they come; a connection that breaks is continued behind the scenes. Reading
    starts where it was left; the whole is read once.
    """

    def __init__(self, transfer: AsyncTransfer) -> None:
        self._transfer = transfer

    @property
    def size(self) -> int | None:
        """Its length in bytes; None when the server did not say."""
        return self._transfer.size

    @property
    def media_type(self) -> str | None:
        """Its media type, such as image/png; None when the server did not say."""
        return self._transfer.media_type

    async def read(self) -> bytes:
        """All that has not been read yet, in memory."""
        return b"".join([piece async for piece in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(self._transfer.chunks()) as chunks:
            async for _, piece in chunks:
                if piece:
                    yield piece

    async def __aenter__(self) -> Self:
        await self._transfer.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._transfer.close()
