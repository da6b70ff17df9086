"""The display of `progress=True`: a bar on stderr, drawn by rich, or lines where rich is missing.

rich is imported when the first bar is drawn. I/O: it writes to stderr.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

# Seconds between two updates of a bar. rich draws it ten times a second.
_UPDATE_SECONDS = 0.1
# A line appears for each of so many parts of a transfer, or for so many bytes of an unknown total.
_PARTS = 10
_LINE_BYTES = 10_000_000


class ProgressDisplay:
    """Shows the progress of one transfer; called as any progress function is."""

    shows_total = True  # also of several files together

    def __init__(self, draw: Callable[[int, int | None], object], clock: Callable[[], float]) -> None:
        self._draw = draw
        self._clock = clock
        self._due = float("-inf")
        self._last: tuple[int, int | None] | None = None

    def __call__(self, done: int, total: int | None) -> None:
        """Show so many bytes, or leave it to the next call if one was shown just now."""
        self._last = (done, total)
        now = self._clock()
        if now >= self._due:
            self._due = now + _UPDATE_SECONDS
            self._draw(done, total)

    def finish(self) -> None:
        """Show the last bytes, of which there will be no more."""
        if self._last is not None:
            self._draw(self._last[0], self._last[0])


@contextmanager
def display(
    title: str, *, anywhere: bool, clock: Callable[[], float] = time.monotonic
) -> Iterator[ProgressDisplay | None]:
    """Show a transfer on stderr; None, and nothing, where there is no terminal.

    With `anywhere` it is shown as lines, and there need not be a terminal.
    """
    stream = sys.stderr
    if stream is None or not (anywhere or stream.isatty()):
        yield None
        return
    title = "".join(char if char.isprintable() else "?" for char in title)
    bar = None if anywhere else _rich_bar(stream, title)
    if bar is None:
        shown = ProgressDisplay(_Lines(stream, title), clock)
        yield shown
        shown.finish()
        return
    # Drawn from the first update on: nothing is left of a file that is not fetched.
    try:
        shown = ProgressDisplay(bar.update_first, clock)
        yield shown
        shown.finish()
    finally:
        bar.stop()


def _rich_bar(stream: TextIO, title: str) -> Any:
    """A bar that is drawn from its first update until it is stopped.

    None without rich, and on a terminal where nothing can be drawn over.
    """
    if os.environ.get("TERM") == "dumb":
        return None
    try:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )
    except ImportError:
        return None

    class Bar(Progress):
        """A bar for a single transfer."""

        def update_first(self, done: int, total: int | None) -> None:
            if not self.live.is_started:
                self.start()
            self.update(self.task_ids[0], completed=done, total=total)

    name = TextColumn("{task.description}", markup=False)  # a name may have brackets
    columns = (name, BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    bar = Bar(*columns, console=Console(file=stream))
    bar.add_task(title, total=None)
    return bar


class _Lines:
    """A line for each tenth of a transfer."""

    def __init__(self, stream: TextIO, title: str) -> None:
        self._stream = stream
        self._title = title
        self._shown: tuple[int, bool] | None = None

    def __call__(self, done: int, total: int | None) -> None:
        part = done * _PARTS // total if total else done // _LINE_BYTES
        if self._shown == (part, bool(total)):
            return
        self._shown = (part, bool(total))
        share = f"{done * 100 // total} % of {_size_text(total)}" if total else _size_text(done)
        with suppress(OSError, ValueError):  # a display never stops a transfer
            print(f"{self._title}: {share}", file=self._stream, flush=True)


def _size_text(size: int) -> str:
    """A size in the unit in which it is at least 1."""
    if size < 1_000:
        return "1 byte" if size == 1 else f"{size} bytes"
    return f"{size / 1_000:.1f} KB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
