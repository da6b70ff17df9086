"""The script of faults: a list that is gone through in order, and which request each fault hits.

One fault at most hits one request. `middleware` carries it out.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from .fault import Fault


class PendingFault(NamedTuple):
    """A fault of a script that can still hit: its id in the script, and how often it still passes and hits.

    `hits_left` None means for good.
    """

    id: int
    fault: Fault
    skips_left: int
    hits_left: int | None


@dataclass(slots=True)
class _Scripted:
    """A fault in a script, and what is left of it."""

    id: int
    fault: Fault
    skips_left: int = field(init=False)
    hits_left: int | None = field(init=False)

    def __post_init__(self) -> None:
        self.skips_left = self.fault.after
        self.hits_left = self.fault.times


class FaultScript:
    """The faults to come, in order. Safe to use from any thread."""

    def __init__(self) -> None:
        self._script: list[_Scripted] = []
        self._ids = count(1)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        with self._lock:
            return len(self._script)

    def add(self, *faults: Fault) -> None:
        """Append faults to the script."""
        with self._lock:
            self._script.extend(_Scripted(next(self._ids), fault) for fault in faults)

    def clear(self) -> None:
        """Drop every fault: the emulator behaves again."""
        with self._lock:
            self._script.clear()

    def remove(self, id: int) -> bool:
        """Drop one fault by its id in the script. False when it is not there any more."""
        with self._lock:
            left = [scripted for scripted in self._script if scripted.id != id]
            removed = len(left) < len(self._script)
            self._script = left
        return removed

    def awaited(self) -> list[PendingFault]:
        """What can still hit a request, in order, with what is left of it."""
        with self._lock:
            return [
                PendingFault(each.id, each.fault, each.skips_left, each.hits_left) for each in self._script
            ]

    def pending(self) -> list[Fault]:
        """The faults that can still hit a request, in order."""
        with self._lock:
            return [scripted.fault for scripted in self._script]

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, used up by one; or None.

        A fault that still lets requests pass counts this one and leaves it to the faults after it.
        """
        return self._take(method, path, on_socket=False)

    def take_socket(self, path: str) -> Fault | None:
        """The fault that hits this websocket, used up by one; or None."""
        return self._take("GET", path, on_socket=True)

    def _take(self, method: str, path: str, *, on_socket: bool) -> Fault | None:
        with self._lock:
            for place, scripted in enumerate(self._script):
                if scripted.fault.on_socket is not on_socket or not scripted.fault.matches(method, path):
                    continue
                if scripted.skips_left:
                    scripted.skips_left -= 1
                    continue
                if scripted.hits_left is not None:
                    scripted.hits_left -= 1
                    if not scripted.hits_left:
                        del self._script[place]
                return scripted.fault
        return None
