"""Jobs that lists do not show yet: a service whose lists lag behind what it accepted.

A hidden job can still be read by its id. Safe to use from any thread.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(slots=True)
class _Hidden:
    until: int
    requests_left: int


class HiddenJobs:
    """The hidden jobs, each until an instant (Unix milliseconds) and for some list requests."""

    def __init__(self) -> None:
        self._hidden: dict[str, _Hidden] = {}
        self._lock = threading.Lock()

    def hide(self, id: str, *, until: int, requests: int) -> None:
        """Hide a job until an instant and for a number of list requests, whichever ends later."""
        with self._lock:
            self._hidden[id] = _Hidden(until, requests)

    def ids(self, now: int) -> list[str]:
        """The ids that are hidden at this instant."""
        if not self._hidden:
            return []
        with self._lock:
            return [
                id for id, hidden in self._hidden.items() if hidden.until > now or hidden.requests_left > 0
            ]

    def list_requested(self, now: int) -> None:
        """Count a list request."""
        if not self._hidden:
            return
        with self._lock:
            for id, hidden in list(self._hidden.items()):
                hidden.requests_left -= 1
                if hidden.until <= now and hidden.requests_left <= 0:
                    del self._hidden[id]
