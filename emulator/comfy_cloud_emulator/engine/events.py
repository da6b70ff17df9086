"""The events of running jobs, and the hub that passes every event to every listener of the account.

An event is published once, when it happens; listeners that come later do not get it. How an event
travels over a websocket is in `routes.websocket`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from comfy_cloud_emulator.state.json_values import Json


@dataclass(frozen=True, slots=True)
class JsonEvent:
    """A JSON message: its `type` and its `data`."""

    type: str
    data: Json


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview image of the work in progress. `image` is a JPEG."""

    prompt_id: str
    node_id: str
    image: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NodeText:
    """Text that a node shows while it works. On the wire it does not name its job."""

    prompt_id: str
    node_id: str
    text: str


Event = JsonEvent | Preview | NodeText


def job_of(event: Event) -> str | None:
    """The id of the job that an event is about, or None."""
    if isinstance(event, JsonEvent):
        id = event.data.get("prompt_id")
        return id if isinstance(id, str) else None
    return event.prompt_id


Listener = Callable[[Event], object]


class EventHub:
    """Passes events to the listeners in the order in which they were published.

    Safe to use from any thread.
    """

    def __init__(self) -> None:
        self._listeners: dict[int, Listener] = {}
        self._next = 0
        self._lock = threading.RLock()

    def __len__(self) -> int:
        """Number of listeners."""
        with self._lock:
            return len(self._listeners)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Add a listener, which must not block. Returns a function that removes it."""
        with self._lock:
            number = self._next
            self._next += 1
            self._listeners[number] = listener

        def leave() -> None:
            with self._lock:
                self._listeners.pop(number, None)

        return leave

    def publish(self, event: Event) -> None:
        """Pass an event to every listener."""
        with self._lock:
            for listener in list(self._listeners.values()):
                listener(event)
