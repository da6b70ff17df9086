"""The bar of `history sync`: how many jobs were read, and how long it still takes.

Where nothing can be drawn, only bringing a mirror of an older version up to date is reported, in
lines: it takes minutes before the first request.
"""

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


@contextmanager
def migration_progress() -> Iterator[None]:
    """Show how far a mirror that is opened inside is with being brought up to date."""
    from comfy_cloud.mirror.migration_progress import MANY_JOBS, following_migrations

    bar = _bar() if can_redraw(sys.stderr) else None
    said: tuple[int, int] | None = None

    def show(progress: Any) -> None:
        nonlocal said
        title = f"bringing the mirror up to date, part {progress.step} of {progress.steps}"
        tenth = 10 * progress.done // progress.total
        if bar is not None:
            bar.update_to(title, progress.done, progress.total)
        elif progress.total >= MANY_JOBS and (progress.step, tenth) != said:
            said = (progress.step, tenth)
            write_message(f"{title}: {tenth * 10}%")

    try:
        with following_migrations(show):
            yield
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
