"""How a sweep goes on: a grid of cells on a terminal, else a line for each cell that ends."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self

from .._console.sanitizing import safe_line
from .._console.streams import can_redraw, write_message
from .._console.times import seconds_text

if TYPE_CHECKING:
    from comfy_cloud import Event

    from .sweep_results import CellResult

_MARKS = {
    "completed": ("\N{BLACK SQUARE}", "green"),
    "failed": ("\N{MULTIPLICATION X}", "red"),
    "cancelled": ("\N{MULTIPLICATION X}", "yellow"),
    "running": ("\N{BLACK RIGHT-POINTING SMALL TRIANGLE}", "cyan"),
    "submitted": ("\N{WHITE SQUARE}", "blue"),
    "not run": ("\N{MIDDLE DOT}", "dim"),
}


class SweepView(Protocol):
    """Shows a sweep. It is entered before it and left after it, however it ends."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...

    def event(self, event: Event) -> None:
        """Take in an event of one of the jobs."""

    def ended(self, cell: CellResult) -> None:
        """Take in the end of a cell."""

    def line(self, text: str) -> None:
        """Show a line to people."""


class PlainSweep:
    """Lines on stderr, for logs and pipes."""

    def __init__(self, cells: Sequence[CellResult]) -> None:
        self._cells = cells
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def event(self, event: Event) -> None:
        """Nothing is written before a cell ends."""

    def ended(self, cell: CellResult) -> None:
        """Write how a cell ended."""
        self._count += 1
        error = f": {cell.error}" if cell.error else ""
        self.line(f"{self._count} of {len(self._cells)}: cell {cell.index} {cell.status}{error}")

    def line(self, text: str) -> None:
        """Write a line."""
        write_message(safe_line(text))


class LiveSweep(PlainSweep):
    """A mark for each cell on stderr, drawn anew while the sweep goes on."""

    def __init__(self, cells: Sequence[CellResult], *, color: bool) -> None:
        from rich.console import Console
        from rich.live import Live

        super().__init__(cells)
        self._console = Console(file=sys.stderr, no_color=not color, legacy_windows=False, highlight=False)
        self._states = [cell.status for cell in cells]
        self._jobs: dict[str, int] = {}
        self._started = time.monotonic()
        self._fresh = 0
        self._live = Live(
            console=self._console, get_renderable=self._render, refresh_per_second=4, transient=True
        )

    def __enter__(self) -> Self:
        from ..._files.progress_display import start_drawing

        start_drawing(self._live)
        return self

    def __exit__(self, *_: object) -> None:
        from ..._files.progress_display import stop_drawing

        stop_drawing(self._live)

    def event(self, event: Event) -> None:
        """Mark the cell whose job was submitted, or began."""
        from comfy_cloud import JobStarted, JobSubmitted

        if isinstance(event, JobSubmitted) and event.job_id is not None:
            self._jobs[event.job_id] = event.index
            self._states[event.index] = "submitted"
        elif isinstance(event, JobStarted) and event.job_id in self._jobs:
            self._states[self._jobs[event.job_id]] = "running"

    def ended(self, cell: CellResult) -> None:
        """Mark the cell."""
        self._count += 1
        self._states[cell.index] = cell.status
        if cell.error:
            self.line(f"cell {cell.index} {cell.status}: {cell.error}")

    def line(self, text: str) -> None:
        """Write a line above the grid."""
        from rich.text import Text

        self._console.print(Text(safe_line(text)))

    def _render(self) -> Any:
        from rich.text import Text

        elapsed = time.monotonic() - self._started
        text = Text()
        text.append(f"{self._count} of {len(self._cells)} cells  {seconds_text(elapsed)}")
        if 0 < self._count < len(self._cells):
            left = elapsed / self._count * (len(self._cells) - self._count)
            text.append(f"  about {seconds_text(left)} left")
        text.append("\n")
        room = max(1, (self._console.height - 4) * max(1, self._console.width // 2))
        for state in self._states[:room]:
            mark, style = _MARKS.get(state, _MARKS["failed"])
            text.append(f"{mark} ", style=style)
        if len(self._states) > room:
            text.append(f"\nand {len(self._states) - room} more", style="dim")
        return text


def sweep_view(cells: Sequence[CellResult], *, color: bool) -> SweepView:
    """The view that suits stderr."""
    if not can_redraw(sys.stderr):
        return PlainSweep(cells)
    return LiveSweep(cells, color=color)
