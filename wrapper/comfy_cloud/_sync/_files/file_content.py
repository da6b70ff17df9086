# Made from wrapper/comfy_cloud/_async/_files/file_content.py by `make unasync`. Do not edit.
"""A remote file while it is read: a context manager with `read`, and an iterator over its chunks.

It passes on what `transfer` receives, and never writes to disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from types import TracebackType
from typing import Self

from .transfer import Transfer


class FileContent:
    """The content of a remote file, for `with cloud.files.open(...) as content`.

    `for chunk in content` yields bytes as they arrive; a broken connection is resumed
    transparently. The file is read once: reading again continues where it stopped.
    """

    def __init__(self, transfer: Transfer) -> None:
        self._transfer = transfer

    @property
    def size(self) -> int | None:
        """The length in bytes, or None if the server did not send it."""
        return self._transfer.size

    @property
    def media_type(self) -> str | None:
        """The media type, such as image/png, or None if the server did not send it."""
        return self._transfer.media_type

    def read(self) -> bytes:
        """Everything that has not been read yet, in memory."""
        return b"".join([chunk for chunk in self])

    def __iter__(self) -> Iterator[bytes]:
        with closing(self._transfer.chunks()) as chunks:
            for _, chunk in chunks:
                if chunk:
                    yield chunk

    def __enter__(self) -> Self:
        self._transfer.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._transfer.close()
