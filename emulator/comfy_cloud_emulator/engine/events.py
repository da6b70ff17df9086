"""What the service tells while jobs run, and who listens: every listener of the account gets every event.

An event is told once, when it happens; nothing is kept for listeners that come later. How an event travels over a
socket is in `routes.websocket`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from comfy_cloud_emulator.state.json_values import Json


@dataclass(frozen=True, slots=True)
class JsonEvent:
    """A message in JSON: its `type` and its `data`."""

    type: str
    data: Json


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture of the work in progress. `image` is a JPEG."""

    prompt_id: str
    node_id: str
    image: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NodeText:
    """Text that a node shows while it works. The wire does not say of which job."""

    prompt_id: str
    node_id: str
    text: str


Event = JsonEvent | Preview | NodeText


def job_of(event: Event) -> str | None:
    """The job that an event is about, None for those that are about none."""
    if isinstance(event, JsonEvent):
        id = event.data.get("prompt_id")
        return id if isinstance(id, str) else None
    return event.prompt_id


Listener = Callable[[Event], object]


class EventHub:
    """Hands events to the listeners, in the order in which they were told. Safe to use from any thread."""

    def __init__(self) -> None:
        self._listeners: dict[int, Listener] = {}
        self._next = 0
        self._lock = threading.RLock()

    def __len__(self) -> int:
        """How many listen."""
        with self._lock:
            return len(self._listeners)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Add a listener; it must not block. Returns what removes it again."""
        with self._lock:
            place = self._next
            self._next += 1
            self._listeners[place] = listener

        def leave() -> None:
            with self._lock:
                self._listeners.pop(place, None)

        return leave

    def publish(self, event: Event) -> None:
        """Hand an event to everybody who listens."""
        with self._lock:
            for listener in list(self._listeners.values()):
                listener(event)
