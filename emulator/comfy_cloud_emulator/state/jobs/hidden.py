"""Jobs that the lists do not show yet: a service whose lists lag behind what it accepted.

A hidden job is there for whoever asks for it by id. Safe to use from any thread.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(slots=True)
class _Veil:
    until: int
    requests_left: int


class HiddenJobs:
    """Which jobs are hidden, each until an instant (Unix milliseconds) and for a number of list requests."""

    def __init__(self) -> None:
        self._veils: dict[str, _Veil] = {}
        self._lock = threading.Lock()

    def hide(self, id: str, *, until: int, requests: int) -> None:
        """Hide a job until the instant has come and so many lists were asked for, whichever is later."""
        with self._lock:
            self._veils[id] = _Veil(until, requests)

    def ids(self, now: int) -> list[str]:
        """The ids that are hidden at this instant."""
        if not self._veils:
            return []
        with self._lock:
            return [id for id, veil in self._veils.items() if veil.until > now or veil.requests_left > 0]

    def list_asked(self, now: int) -> None:
        """Count a list request that was answered."""
        if not self._veils:
            return
        with self._lock:
            for id, veil in list(self._veils.items()):
                veil.requests_left -= 1
                if veil.until <= now and veil.requests_left <= 0:
                    del self._veils[id]
