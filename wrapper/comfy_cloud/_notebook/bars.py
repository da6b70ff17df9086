"""Live bars in a notebook: one for a transfer, and one for a job that runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .._jobs.events import (
    Event,
    JobErrored,
    JobInterrupted,
    JobStarted,
    JobSucceeded,
    NodeExecuting,
    Notification,
    Progress,
)
from .html import bar_html
from .kernel import is_notebook, show

_UPDATE_SECONDS = 0.2


class NotebookBar:
    """A bar in the cell's output; drawn when it is first updated."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._text = ""
        self._fraction: float | None = None
        self._handle: Any = None

    def update(self, text: str, fraction: float | None) -> None:
        """Draw the bar with this text and fraction. A display never stops what it shows."""
        self._text, self._fraction = text, fraction
        try:
            if self._handle is None:
                self._handle = show(self)
            else:
                self._handle.update(self)
        except Exception:  # noqa: BLE001 - the kernel may be going
            return

    def _repr_html_(self) -> str:
        return bar_html(self._title, self._text, self._fraction)

    def __repr__(self) -> str:
        percent = "" if self._fraction is None else f"{self._fraction:.0%} "
        return f"{self._title}: {percent}{self._text}"


class RunBar:
    """Shows the events of one job, and passes each on to the caller's own function."""

    def __init__(
        self, on_event: Callable[[Event], object] | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._on_event = on_event
        self._clock = clock
        self._bar = NotebookBar("Running")
        self._due = float("-inf")
        self._fraction: float | None = None

    def __call__(self, event: Event) -> object:
        """Draw the event unless one was drawn just now; the end is always drawn."""
        text = self._text(event)
        is_end = isinstance(event, (JobSucceeded, JobErrored, JobInterrupted))
        if text is not None and (is_end or self._clock() >= self._due):
            self._due = self._clock() + _UPDATE_SECONDS
            self._bar.update(text, self._fraction)
        return self._on_event(event) if self._on_event is not None else None

    def _text(self, event: Event) -> str | None:
        match event:
            case JobStarted():
                return "started"
            case NodeExecuting(node_id=str(node)):
                self._fraction = None
                return f"node {node}"
            case Progress():
                self._fraction = event.fraction
                return f"node {event.node_id}: step {event.value:g} of {event.max:g}"
            case Notification():
                return event.text
            case JobSucceeded():
                self._fraction = 1.0
                return "completed"
            case JobErrored():
                self._fraction = 0.0
                return "failed"
            case JobInterrupted():
                self._fraction = 0.0
                return "cancelled"
            case _:
                return None


def shown_events(on_event: Callable[[Event], object] | None) -> Callable[[Event], object] | None:
    """`on_event`, and in a notebook a bar beside it."""
    return RunBar(on_event) if is_notebook() else on_event
