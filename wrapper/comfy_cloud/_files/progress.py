"""Reporting the progress of a transfer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Literal, TypeAlias

from ..errors import ConfigurationError

# Called with the bytes transferred so far, and the total if it is known.
ProgressCallback: TypeAlias = Callable[[int, int | None], object]
# What methods take: a function, True for a bar on a terminal, "lines" for lines on stderr anywhere.
ProgressOption: TypeAlias = ProgressCallback | bool | Literal["lines"] | None


@contextmanager
def progress_function(progress: ProgressOption, title: str) -> Iterator[ProgressCallback | None]:
    """The function to report a transfer to, for the argument `progress` of a method; or None.

    Raises ConfigurationError if `progress` is not valid.
    """
    if progress is None or progress is False:
        yield None
    elif callable(progress):
        yield progress
    elif progress is True or progress == "lines":
        from .progress_display import display

        with display(title, anywhere=progress == "lines") as shown:
            yield shown
    else:
        raise ConfigurationError(
            'progress takes a function, True for a bar on a terminal, or "lines" for lines on stderr, not '
            f"{progress!r}"
        )


def report_nothing_sent(progress: ProgressCallback | None, size: int) -> None:
    """Report content that the server has already: a function gets the end, a display a line."""
    from .progress_display import ProgressDisplay

    if isinstance(progress, ProgressDisplay):
        progress.show_nothing_sent()
    elif progress is not None:
        progress(size, size)


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
