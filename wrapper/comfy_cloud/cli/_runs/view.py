"""What a person, or a program, sees of a run while it goes on."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Protocol, Self

from .._console.formats import json_text
from .._console.sanitizing import safe_line
from .._console.saving import shows_bar
from .._console.streams import can_redraw, write_data, write_message
from .._console.times import seconds_text
from .._jobs.event_records import event_record
from .preview_image import PreviewImage, has_true_color, image_class, preview_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from comfy_cloud import Event

    from ..._files.progress import ProgressOption
    from .state import NodeRun, RunState

_MARKS = {
    "finished": ("\N{CHECK MARK}", "green"),
    "cached": ("\N{CHECK MARK}", "dim"),
    "running": ("\N{BLACK RIGHT-POINTING SMALL TRIANGLE}", "cyan"),
    "error": ("\N{MULTIPLICATION X}", "red"),
    "pending": ("\N{MIDDLE DOT}", "dim"),
}
_LINES_BESIDE_NODES = 8
_PREVIEW_HEIGHT = 16
_LEAST_PREVIEW_HEIGHT = 4
_ID_WIDTH = 8
_STEPS_WIDTH = 9


class RunView(Protocol):
    """Shows a run. It is entered before the run and left after it, however it ends."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...

    def event(self, event: Event) -> None:
        """Take in an event."""

    def line(self, text: str) -> None:
        """Show a line to people, above whatever moves."""

    def upload_progress(self) -> ProgressOption:
        """What shows the uploads of inputs, for the argument of the same name."""


class PlainView:
    """Lines on stderr, for logs and pipes: one when the status changes or a node begins."""

    def __init__(self, state: RunState) -> None:
        self._state = state

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def event(self, event: Event) -> None:
        """Write what has changed."""
        for line in self._state.apply(event, time.monotonic()):
            self.line(line)

    def line(self, text: str) -> None:
        """Write a line."""
        write_message(safe_line(text))

    def upload_progress(self) -> ProgressOption:
        """A bar or lines for each file, on a terminal."""
        return shows_bar()


class JsonView(PlainView):
    """Each event as a line of JSON on stdout, and nothing of it on stderr."""

    def event(self, event: Event) -> None:
        """Write the event."""
        self._state.apply(event, time.monotonic())
        write_data(f"{json_text(event_record(event))}\n")

    def upload_progress(self) -> ProgressOption:
        """Nothing: stderr has only what goes wrong."""
        return None


class LiveView:
    """A tree of nodes with their progress on stderr, drawn anew while the run goes on.

    `images` shows previews where the terminal can, by the package `textual-image`.
    """

    def __init__(self, state: RunState, *, color: bool, images: bool) -> None:
        from rich.console import Console
        from rich.live import Live

        self._state = state
        self._images = images
        self._started = time.monotonic()
        self._image_class: Callable[..., Any] | None = None
        self._shown: tuple[bytes, PreviewImage | None] | None = None
        self._bar_width = 20
        self._console = Console(
            file=sys.stderr,
            color_system="truecolor" if has_true_color() else "auto",
            no_color=not color,
            legacy_windows=False,
            highlight=False,
        )
        self._live = Live(
            console=self._console, get_renderable=self._render, refresh_per_second=8, transient=True
        )

    def __enter__(self) -> Self:
        from ..._files.progress_display import start_drawing

        start_drawing(self._live)
        return self

    def __exit__(self, *_: object) -> None:
        from ..._files.progress_display import stop_drawing

        stop_drawing(self._live)
        self._forget_image()

    def event(self, event: Event) -> None:
        """Take in an event; the next drawing shows it."""
        from comfy_cloud import Preview

        if self._images and isinstance(event, Preview) and self._image_class is None:
            # Here and not while drawing, which another thread does.
            self._image_class = image_class()
            self._images = self._image_class is not None
        self._state.apply(event, time.monotonic())

    def line(self, text: str) -> None:
        """Write a line above the tree."""
        from rich.text import Text

        self._console.print(Text(safe_line(text)))

    def upload_progress(self) -> ProgressOption:
        """A part of the line above the tree: a bar of its own would be drawn over it."""
        return self._state.uploading

    def _render(self) -> Any:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        now = time.monotonic()
        state = self._state
        head = Text(no_wrap=True, overflow="ellipsis")
        if state.job_id:
            head.append(f"{state.job_id[:8]}  ", style="bold")
        head.append(f"{safe_line(state.summary())}  {seconds_text(now - self._started)}")
        head.append(f"  {state.done()} of {len(state.nodes)} nodes")
        running = state.running()
        left = running.seconds_left(now) if running is not None else None
        if left is not None:
            head.append(f"  about {seconds_text(left)} left in this node")
        grid = Table.grid(padding=(0, 1))
        width = self._console.width
        self._bar_width = max(4, min(20, width // 5))
        longest_id = min(_ID_WIDTH, max((len(node_id) for node_id in state.nodes), default=0))
        # What the mark, the id, the bar, the steps and the gaps leave.
        title_width = max(6, width - 1 - longest_id - self._bar_width - _STEPS_WIDTH - 4)
        grid.add_column()
        grid.add_column(no_wrap=True, overflow="ellipsis", justify="right", max_width=_ID_WIDTH)
        grid.add_column(no_wrap=True, overflow="ellipsis", max_width=title_width)
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True, justify="right")
        lines = min(_PREVIEW_HEIGHT, self._console.height - _LINES_BESIDE_NODES)
        preview = self._preview(lines)
        room = max(3, self._console.height - _LINES_BESIDE_NODES - (lines if preview else 0))
        nodes, hidden = _around_running(list(state.nodes.values()), room)
        for node in nodes:
            grid.add_row(*self._row(node, now))
        parts: list[Any] = [head, grid]
        if hidden:
            parts.append(Text(f"  and {hidden} more nodes", style="dim"))
        if state.message:
            parts.append(Text(safe_line(state.message), style="dim", no_wrap=True, overflow="ellipsis"))
        if preview is not None:
            parts.append(preview)
        return Group(*parts)

    def _row(self, node: NodeRun, now: float) -> tuple[Any, ...]:
        from rich.progress_bar import ProgressBar
        from rich.text import Text

        mark, style = _MARKS[node.state]
        fraction = node.fraction if node.state == "running" else None
        bar: Any = ""
        if fraction is not None:
            bar = ProgressBar(total=1.0, completed=fraction, width=self._bar_width)
        elif node.state == "cached":
            bar = Text("cached", style="dim")
        steps = f"{node.value:g}/{node.max:g}" if fraction is not None else ""
        if not steps and node.started is not None:
            steps = seconds_text((node.ended if node.ended is not None else now) - node.started)
        return Text(mark, style=style), safe_line(node.id), Text(safe_line(node.title)), bar, steps

    def _preview(self, height: int) -> PreviewImage | None:
        found = self._state.preview
        if self._image_class is None or found is None or height < _LEAST_PREVIEW_HEIGHT:
            return None
        if self._shown is None or self._shown[0] is not found[0]:
            self._forget_image()
            self._shown = (found[0], preview_image(found[0], self._image_class, height=height))
        return self._shown[1]

    def _forget_image(self) -> None:
        if self._shown is not None and self._shown[1] is not None:
            self._shown[1].forget()


def _around_running(nodes: list[NodeRun], room: int) -> tuple[list[NodeRun], int]:
    """As many nodes as there is room for, with the running one among them, and how many are not."""
    if len(nodes) <= room:
        return nodes, 0
    active = [number for number, node in enumerate(nodes) if node.state == "running"]
    done = sum(node.state in ("finished", "cached") for node in nodes)
    middle = active[-1] if active else done
    start = max(0, min(middle - room // 2, len(nodes) - room))
    return nodes[start : start + room], len(nodes) - room


def run_view(state: RunState, *, as_json: bool, color: bool, images: bool = True) -> RunView:
    """The view that suits the streams: JSON if asked for, a live one on a terminal, else lines.

    Where colors are not wanted, no images are shown.
    """
    if as_json:
        return JsonView(state)
    if not can_redraw(sys.stderr):
        return PlainView(state)
    return LiveView(state, color=color, images=images and color)
