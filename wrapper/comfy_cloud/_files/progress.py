"""Reporting the progress of a transfer."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import IO, TypeAlias

# Called with the bytes transferred so far, and the total if it is known.
ProgressCallback: TypeAlias = "Callable[[int, int | None], object]"


class CountingReader:
    """A binary file that reports how much of it was read.

    A repeated request starts again from 0.
    """

    def __init__(self, file: IO[bytes], size: int, progress: ProgressCallback) -> None:
        self._file = file
        self._size = size
        self._progress = progress
        self._position = file.tell()
        self._reported = self._position

    def read(self, size: int = -1) -> bytes:
        """The next piece."""
        piece = self._file.read(size)
        self._position += len(piece)
        return piece

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move without reporting anything."""
        self._position = self._reported = self._file.seek(offset, whence)
        return self._position

    def tell(self) -> int:
        """The position in the file."""
        return self._position

    def report_progress(self) -> None:
        """Call `progress` if more was read since the last call.

        The sender calls it after each piece, in the caller's own thread.
        """
        if self._position != self._reported:
            self._reported = self._position
            self._progress(self._position, self._size)
