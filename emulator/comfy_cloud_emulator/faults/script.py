"""The script of faults: an ordered list, and which request each fault hits.

At most one fault hits a request. `middleware` applies it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from .fault import Fault


class PendingFault(NamedTuple):
    """A fault that can still hit: its id in the script, and how many requests it skips and hits.

    `hits_left` None means no limit.
    """

    id: int
    fault: Fault
    skips_left: int
    hits_left: int | None


@dataclass(slots=True)
class _Scripted:
    """A fault in a script, and how often it will still skip and hit."""

    id: int
    fault: Fault
    skips_left: int = field(init=False)
    hits_left: int | None = field(init=False)

    def __post_init__(self) -> None:
        self.skips_left = self.fault.after
        self.hits_left = self.fault.times


class FaultScript:
    """The pending faults, in order. Safe to use from any thread."""

    def __init__(self) -> None:
        self._script: list[_Scripted] = []
        self._ids = count(1)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        with self._lock:
            return len(self._script)

    def add(self, *faults: Fault) -> list[int]:
        """Append faults to the script. Returns their ids in it."""
        with self._lock:
            added = [_Scripted(next(self._ids), fault) for fault in faults]
            self._script.extend(added)
        return [each.id for each in added]

    def clear(self) -> None:
        """Remove every fault."""
        with self._lock:
            self._script.clear()

    def remove(self, id: int) -> bool:
        """Remove a fault by its id in the script. False when it is no longer there."""
        with self._lock:
            left = [scripted for scripted in self._script if scripted.id != id]
            removed = len(left) < len(self._script)
            self._script = left
        return removed

    def awaited(self) -> list[PendingFault]:
        """The pending faults with their ids and remaining counts, in order."""
        with self._lock:
            return [
                PendingFault(each.id, each.fault, each.skips_left, each.hits_left) for each in self._script
            ]

    def pending(self) -> list[Fault]:
        """The pending faults, in order."""
        with self._lock:
            return [scripted.fault for scripted in self._script]

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, or None. Uses up one of its hits.

        A fault that still skips requests counts this one and leaves it to the faults after it.
        """
        return self._take(method, path, on_socket=False)

    def take_socket(self, path: str) -> Fault | None:
        """The fault that hits this websocket, or None. Uses up one of its hits."""
        return self._take("GET", path, on_socket=True)

    def _take(self, method: str, path: str, *, on_socket: bool) -> Fault | None:
        with self._lock:
            for index, scripted in enumerate(self._script):
                if scripted.fault.on_socket is not on_socket or not scripted.fault.matches(method, path):
                    continue
                if scripted.skips_left:
                    scripted.skips_left -= 1
                    continue
                if scripted.hits_left is not None:
                    scripted.hits_left -= 1
                    if not scripted.hits_left:
                        del self._script[index]
                return scripted.fault
        return None
