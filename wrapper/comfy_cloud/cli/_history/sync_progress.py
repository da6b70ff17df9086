"""The bar of `history sync` on a terminal: how many jobs were read, and how long it still takes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .._console.streams import can_redraw, write_message

_TITLES = {"list": "reading the list", "details": "reading the details"}
WAITING = "another sync of this mirror is running; waiting for its end"


@contextmanager
def sync_progress() -> Iterator[Callable[[Any], object]]:
    """A function to report the progress of a sync to; it draws where something can be drawn."""
    said: set[str] = set()
    bar = _bar() if can_redraw(sys.stderr) else None

    def show(progress: Any) -> None:
        if progress.phase == "waiting":
            if not said:
                said.add(progress.phase)
                write_message(WAITING)
        elif bar is not None:
            bar.update_to(_TITLES[progress.phase], progress.done, progress.total)

    try:
        yield show
    finally:
        if bar is not None:
            from comfy_cloud._files.progress_display import stop_drawing

            stop_drawing(bar)


def _bar() -> Any:
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    except ImportError:
        return None

    class Bar(Progress):
        """A bar for one sync, drawn from its first update on."""

        def update_to(self, title: str, done: int, total: int | None) -> None:
            if not self.live.is_started:
                self.start()
            task = self.tasks[0]
            if task.description != title:  # the estimate is that of this part alone
                self.reset(task.id, description=title)
            self.update(task.id, completed=done, total=total)

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    bar = Bar(*columns, console=Console(file=sys.stderr), transient=True)
    bar.add_task("", total=None)
    return bar
