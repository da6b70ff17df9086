# Made from wrapper/comfy_cloud/_async/_files/file_content.py by `make unasync`. Do not edit.
"""A remote file that is being read: a context manager with `read`, and an iterator over its pieces.

It only hands on what `transfer` brings, and never writes to a disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from types import TracebackType
from typing import Self

from .transfer import Transfer


class FileContent:
    """The content of a remote file, for `with cloud.files.open(...) as content`.

    `for piece in content` yields bytes as they come; a connection that breaks is continued behind the scenes. Reading
    starts where it was left; the whole is read once.
    """

    def __init__(self, transfer: Transfer) -> None:
        self._transfer = transfer

    @property
    def size(self) -> int | None:
        """Its length in bytes; None when the server did not say."""
        return self._transfer.size

    @property
    def media_type(self) -> str | None:
        """Its media type, such as image/png; None when the server did not say."""
        return self._transfer.media_type

    def read(self) -> bytes:
        """All that has not been read yet, in memory."""
        return b"".join([piece for piece in self])

    def __iter__(self) -> Iterator[bytes]:
        with closing(self._transfer.chunks()) as chunks:
            for _, piece in chunks:
                if piece:
                    yield piece

    def __enter__(self) -> Self:
        self._transfer.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._transfer.close()
