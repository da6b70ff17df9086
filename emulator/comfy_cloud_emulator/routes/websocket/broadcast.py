"""Passing an account's events to its open websockets: each gets every event in order.

An event crosses from the engine's thread to the event loop once, is kept once, and is encoded once,
however many subscribers there are. Each subscriber has a position in this common list and reads at
its own speed. One that falls too far behind is dropped, so that the list stays short; its client
may connect again. `frames` encodes the events.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from comfy_cloud_emulator.engine.events import Event, EventHub, JsonEvent, Preview

from .frames import Frame

MOST_BEHIND: Final = 20_000
"""Events that a subscriber may be behind."""
MOST_BYTES_BEHIND: Final = 256 << 20
"""Bytes of encoded events that a subscriber may be behind, roughly."""
_BYTES_PER_NODE: Final = 256
_TRIM_EVERY: Final = 256
"""Events between two removals of events that everybody has read."""

Encode = Callable[[Event, bool], Frame]
"""From an event to its frame; the flag is whether the subscriber takes previews with metadata."""


class BroadcastEvent:
    """An event in the list, encoded when the first subscriber reaches it."""

    __slots__ = ("_frames", "event", "size")

    def __init__(self, event: Event) -> None:
        self.event = event
        self.size = _rough_size(event)
        self._frames: dict[bool, Frame] = {}

    def frame(self, encode: Encode, *, with_metadata: bool) -> Frame:
        """The frame for subscribers of one kind."""
        frame = self._frames.get(with_metadata)
        if frame is None:
            frame = self._frames[with_metadata] = encode(self.event, with_metadata)
        return frame


class Subscriber:
    """One position in the list. Its methods must be called on the event loop."""

    def __init__(
        self,
        broadcast: Broadcast,
        position: int,
        on_drop: Callable[[], object],
        wants: Callable[[Event], bool],
    ) -> None:
        self.position = position
        self.drop = on_drop
        self._broadcast = broadcast
        self._wants = wants
        self._own: deque[BroadcastEvent] = deque()
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Let it check for new events."""
        self._news.set()

    def send(self, event: Event) -> None:
        """Send it an event that nobody else gets, before those it has not read."""
        self._own.append(BroadcastEvent(event))
        self._news.set()

    async def next(self) -> BroadcastEvent:
        """Wait for the next event."""
        while True:
            if self._own:
                return self._own.popleft()
            if (found := self._broadcast.at(self.position)) is not None:
                self.position += 1
                if self._wants(found.event):
                    return found
                continue
            self._news.clear()
            await self._news.wait()


class Broadcast:
    """The subscribers of a hub on one event loop."""

    def __init__(self, hub: EventHub) -> None:
        self._hub = hub
        self._subscribers: set[Subscriber] = set()
        self._events: deque[BroadcastEvent] = deque()
        # Position of the first event that is still in the list.
        self._begin = 0
        self._size = 0
        self._leave_hub: Callable[[], None] | None = None

    def join(
        self, on_drop: Callable[[], object], wants: Callable[[Event], bool] = lambda event: True
    ) -> Subscriber:
        """A subscriber to later events that it `wants`; `on_drop` is called if it is too slow."""
        if self._leave_hub is None:
            loop = asyncio.get_running_loop()
            self._leave_hub = self._hub.listen(lambda event: loop.call_soon_threadsafe(self._append, event))
        listener = Subscriber(self, self._begin + len(self._events), on_drop, wants)
        self._subscribers.add(listener)
        return listener

    def leave(self, listener: Subscriber) -> None:
        """Send it no more events."""
        self._subscribers.discard(listener)
        if not self._subscribers and self._leave_hub is not None:
            self._leave_hub()
            self._leave_hub = None
        self._trim()

    def at(self, position: int) -> BroadcastEvent | None:
        """The event at a position; None if it has not happened yet."""
        index = position - self._begin
        return self._events[index] if index < len(self._events) else None

    def _append(self, event: Event) -> None:
        added = BroadcastEvent(event)
        self._events.append(added)
        self._size += added.size
        for listener in self._subscribers:
            listener.wake()
        if len(self._events) % _TRIM_EVERY == 0:
            self._trim()
        if len(self._events) > MOST_BEHIND or self._size > MOST_BYTES_BEHIND:
            self._drop_slow()

    def _drop_slow(self) -> None:
        self._trim()
        while self._subscribers and (len(self._events) > MOST_BEHIND or self._size > MOST_BYTES_BEHIND):
            slowest = min(self._subscribers, key=lambda listener: listener.position)
            self.leave(slowest)
            slowest.drop()

    def _trim(self) -> None:
        end = self._begin + len(self._events)
        kept = min((listener.position for listener in self._subscribers), default=end)
        while self._begin < kept:
            self._size -= self._events.popleft().size
            self._begin += 1


def _rough_size(event: Event) -> int:
    """Bytes of an encoded event. Most are small; those about every node of a graph are not."""
    if isinstance(event, JsonEvent):
        return _BYTES_PER_NODE * (1 + len(event.data.get("nodes") or ()))
    return len(event.image) if isinstance(event, Preview) else len(event.text)
