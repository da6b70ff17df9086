"""The open websockets of an account, as listeners: each hears every event from its first to its last, in order.

An event crosses from the engine's thread to the event loop once, is kept once, and is written as a frame once, however many
listen. Each listener has a place in this common tape and reads at its own pace. One that falls too far behind is dropped,
so that the tape ends somewhere; a client that wants to know more connects again. What a frame looks like is told by
`websocket`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from comfy_cloud_emulator.engine.events import Event, EventHub

from .frames import Frame

MOST_BEHIND: Final = 20_000
"""Events that a listener may be behind."""
_TRIM_EVERY: Final = 256
"""Events after which the tape is cut where nobody reads any more."""

Encode = Callable[[Event, bool], Frame]
"""From an event to its frame; the flag is whether the listener takes previews with metadata."""


class BroadcastEvent:
    """An event on the tape, written as a frame when the first listener comes to it."""

    __slots__ = ("_frames", "event")

    def __init__(self, event: Event) -> None:
        self.event = event
        self._frames: dict[bool, Frame] = {}

    def frame(self, encode: Encode, *, with_metadata: bool) -> Frame:
        """The frame for listeners of one kind."""
        frame = self._frames.get(with_metadata)
        if frame is None:
            frame = self._frames[with_metadata] = encode(self.event, with_metadata)
        return frame


class Subscriber:
    """One place in the tape. Its methods are for the event loop."""

    def __init__(
        self, audience: Broadcast, place: int, on_drop: Callable[[], object], wants: Callable[[Event], bool]
    ) -> None:
        self.place = place
        self.drop = on_drop
        self._broadcast = audience
        self._wants = wants
        self._own: deque[BroadcastEvent] = deque()
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Let it look at the tape."""
        self._news.set()

    def send(self, event: Event) -> None:
        """Let it hear something that is for nobody else, before what it has not heard yet."""
        self._own.append(BroadcastEvent(event))
        self._news.set()

    async def next(self) -> BroadcastEvent:
        """The next event; waits for it."""
        while True:
            if self._own:
                return self._own.popleft()
            if (heard := self._broadcast.at(self.place)) is not None:
                self.place += 1
                if self._wants(heard.event):
                    return heard
                continue
            self._news.clear()
            await self._news.wait()


class Broadcast:
    """The listeners of a hub that live on one event loop."""

    def __init__(self, hub: EventHub) -> None:
        self._hub = hub
        self._subscribers: set[Subscriber] = set()
        self._events: deque[BroadcastEvent] = deque()
        # Place of the first event that is still on the tape.
        self._begin = 0
        self._leave_hub: Callable[[], None] | None = None

    def join(
        self, on_drop: Callable[[], object], wants: Callable[[Event], bool] = lambda event: True
    ) -> Subscriber:
        """A listener to what is told from now on and that it wants; `on_drop` is called when it is too far behind."""
        if self._leave_hub is None:
            loop = asyncio.get_running_loop()
            self._leave_hub = self._hub.listen(lambda event: loop.call_soon_threadsafe(self._hear, event))
        listener = Subscriber(self, self._begin + len(self._events), on_drop, wants)
        self._subscribers.add(listener)
        return listener

    def leave(self, listener: Subscriber) -> None:
        """It hears nothing any more."""
        self._subscribers.discard(listener)
        if not self._subscribers and self._leave_hub is not None:
            self._leave_hub()
            self._leave_hub = None
        self._trim()

    def at(self, place: int) -> BroadcastEvent | None:
        """The event at a place of the tape; None where nothing was told yet."""
        index = place - self._begin
        return self._events[index] if index < len(self._events) else None

    def _hear(self, event: Event) -> None:
        self._events.append(BroadcastEvent(event))
        for listener in self._subscribers:
            listener.wake()
        if len(self._events) % _TRIM_EVERY == 0:
            self._trim()
        if len(self._events) > MOST_BEHIND:
            self._drop_slow()

    def _drop_slow(self) -> None:
        self._trim()
        too_far = self._begin + len(self._events) - MOST_BEHIND
        for listener in [listener for listener in self._subscribers if listener.place < too_far]:
            self.leave(listener)
            listener.drop()

    def _trim(self) -> None:
        end = self._begin + len(self._events)
        kept = min((listener.place for listener in self._subscribers), default=end)
        while self._begin < kept:
            self._events.popleft()
            self._begin += 1
