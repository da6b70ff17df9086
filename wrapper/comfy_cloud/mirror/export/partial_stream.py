"""A file to write to, which gets its name once it is complete, here or on fsspec. I/O."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from ..._files.destinations import Destination, PartialFile

_BUFFER = 1024 * 1024


class PartialStream(io.RawIOBase):
    """Writes to a file that is not published yet, from its start to its end."""

    def __init__(self, file: PartialFile) -> None:
        super().__init__()
        self._file = file
        self._position = 0
        self.is_dropped = False
        """Whether what is still written is let go of: by a buffer that is collected later."""

    def writable(self) -> bool:
        """It can be written."""
        return True

    def write(self, data: Any) -> int:
        """Append bytes."""
        chunk = bytes(data)
        if self.is_dropped:
            return len(chunk)
        self._file.write_at(self._position, chunk)
        self._position += len(chunk)
        return len(chunk)

    def tell(self) -> int:
        """How many bytes were written."""
        return self._position


@contextmanager
def whole_file(destination: Destination, *, overwrite: bool) -> Iterator[BinaryIO]:
    """A binary file, published at the end; after an error, nothing is there that was not before.

    Raises FileExistsError if there is a file and `overwrite` is false.
    """
    partial = destination.new_partial_file(overwrite=overwrite)
    raw = PartialStream(partial)
    try:
        partial.create()
        stream: Any = io.BufferedWriter(raw, _BUFFER)
        yield stream
        stream.flush()
        stream.detach()
        partial.publish()
    finally:
        raw.is_dropped = True  # no call: an interruption could come before the next one
        partial.discard()
