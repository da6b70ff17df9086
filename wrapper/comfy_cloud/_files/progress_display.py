"""The display of `progress=True`: a bar on stderr, drawn by rich, or lines where rich is missing.

In a notebook the bar is in the cell's output.

rich is imported when the first bar is drawn. I/O: it writes to stderr.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, TextIO

# Seconds between two updates of a bar. rich draws it ten times a second.
_UPDATE_SECONDS = 0.1
# A line appears for each of so many parts of a transfer, or for so many bytes of an unknown total.
_PARTS = 10
_LINE_BYTES = 10_000_000
_USUAL_WIDTH = 80
_SHORTEST_TITLE = 10
# From this width on there is room for the speed and the time that is left, beside the bytes.
_WIDE = 70
# The characters of those figures with the gaps, and of the bytes alone.
_FIGURES = 40
_BYTES = 18
_SHORTEST_BAR = 4
_LONGEST_BAR = 40


class ProgressDisplay:
    """Shows the progress of one transfer; called as any progress function is."""

    shows_total = True  # also of several files together

    def __init__(
        self,
        draw: Callable[[int, int | None], object],
        clock: Callable[[], float],
        write: Callable[[str], object],
    ) -> None:
        self._draw = draw
        self._clock = clock
        self._write = write
        self._due = float("-inf")
        self._last: tuple[int, int | None] | None = None

    def __call__(self, done: int, total: int | None) -> None:
        """Show so many bytes, or leave it to the next call if one was shown just now."""
        self._last = (done, total)
        now = self._clock()
        if now >= self._due:
            self._due = now + _UPDATE_SECONDS
            self._draw(done, total)

    def show_nothing_sent(self) -> None:
        """Show that the server has the content already; takes the place of the bytes."""
        self._last = None
        self._write("already on the server")

    def finish(self) -> None:
        """Show the last bytes, of which there will be no more."""
        if self._last is not None:
            self._draw(self._last[0], self._last[0])


@contextmanager
def display(
    title: str, *, anywhere: bool, clock: Callable[[], float] = time.monotonic
) -> Iterator[ProgressDisplay | None]:
    """Show a transfer on stderr; None, and nothing, where there is no terminal or notebook.

    With `anywhere` it is shown as lines, and there need not be a terminal.
    """
    stream = sys.stderr
    if not anywhere and "IPython" in sys.modules:
        from .._notebook.kernel import is_notebook

        if is_notebook():
            from .._notebook.bar import NotebookBar

            notebook = NotebookBar(title)
            shown = ProgressDisplay(
                partial(_draw_in_notebook, notebook), clock, lambda text: notebook.update(text, 1.0)
            )
            yield shown
            shown.finish()
            return
    if stream is None or not (anywhere or stream.isatty()):
        yield None
        return
    title = "".join(char if char.isprintable() else "?" for char in title)
    bar = None if anywhere else _rich_bar(stream, title)
    lines = _Lines(stream, title)
    if bar is None:
        shown = ProgressDisplay(lines, clock, lines.write)
        yield shown
        shown.finish()
        return
    # Drawn from the first update on: nothing is left of a file that is not fetched.
    try:
        shown = ProgressDisplay(bar.update_first, clock, lines.write)
        yield shown
        shown.finish()
    finally:
        stop_drawing(bar)


def _draw_in_notebook(bar: Any, done: int, total: int | None) -> None:
    if total is None:
        bar.update(_size(done), None)
    else:
        bar.update(f"{_size(done)} of {_size(total)}", done / total if total else 1.0)


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
            Task,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )
        from rich.table import Column
        from rich.text import Text
    except ImportError:
        return None

    class Bar(Progress):
        """A bar for a single transfer."""

        def update_first(self, done: int, total: int | None) -> None:
            if not self.live.is_started:
                self.start()
            self.update(self.task_ids[0], completed=done, total=total)

    class Speed(TransferSpeedColumn):
        """The speed, and nothing where a transfer was over before it could be measured."""

        def render(self, task: Task) -> Text:
            return super().render(task) if task.finished_speed or task.speed else Text("")

    console = Console(file=stream)
    is_wide = console.width >= _WIDE
    title = _shortened(title, console.width // 3)
    room = console.width - len(title) - (_FIGURES if is_wide else _BYTES)
    # Nothing goes on in a second line, which would not be drawn over.
    name = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True))
    columns = [name, BarColumn(max(_SHORTEST_BAR, min(room, _LONGEST_BAR)))]
    columns.append(DownloadColumn(table_column=Column(no_wrap=True)))
    if is_wide:
        columns.append(Speed(table_column=Column(no_wrap=True)))
        columns.append(TimeRemainingColumn(elapsed_when_finished=True, table_column=Column(no_wrap=True)))
    bar = Bar(*columns, console=console)
    bar.add_task(title, total=None)
    return bar


def start_drawing(live: Any) -> None:
    """Start a live display of rich; at Ctrl-C meanwhile, the cursor is shown again."""
    try:
        live.start()
    except BaseException:
        stop_drawing(live)
        raise


def stop_drawing(drawn: Any) -> None:
    """Stop a bar or a live display of rich, also where Ctrl-C came while it was about to start."""
    try:
        drawn.stop()
    except IndexError:  # rich takes it off a stack that it is not on yet
        drawn.console.show_cursor(True)


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
        self.write(f"{done * 100 // total} % of {_size(total)}" if total else _size(done))

    def write(self, text: str) -> None:
        """Write one line with the title."""
        with suppress(OSError, ValueError):  # a display never stops a transfer
            title = self._title
            if self._stream.isatty():
                title = _shortened(title, _columns(self._stream) - len(text) - len(": "))
            print(f"{title}: {text}", file=self._stream, flush=True)


def _columns(stream: TextIO) -> int:
    """How many characters are in a line of the terminal; COLUMNS counts first."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return int(given)
    with suppress(OSError, ValueError):
        return os.get_terminal_size(stream.fileno()).columns or _USUAL_WIDTH
    return _USUAL_WIDTH


def _shortened(title: str, room: int) -> str:
    """The title in so many characters: its beginning, and its end, where the file type is."""
    room = max(room, _SHORTEST_TITLE)
    if len(title) <= room:
        return title
    end = room // 3
    return f"{title[: room - end - 3]}...{title[-end:]}"


def _size(size: int) -> str:
    if size < 1000:
        return f"{size} B"
    if size < 999_950:
        return f"{size / 1000:.1f} KB"
    return f"{size / 1_000_000:.1f} MB"
