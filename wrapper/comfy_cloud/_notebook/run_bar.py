"""A live bar for a job that runs."""

from __future__ import annotations

import time
from collections.abc import Callable

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
from .bar import NotebookBar
from .kernel import is_notebook

_UPDATE_SECONDS = 0.2


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
