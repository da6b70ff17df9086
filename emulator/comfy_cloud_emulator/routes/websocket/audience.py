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

from comfy_cloud_emulator.engine.events import Event, Hub

MOST_BEHIND: Final = 20_000
"""Events that a listener may be behind."""
_TRIM_EVERY: Final = 256
"""Events after which the tape is cut where nobody reads any more."""

Frame = str | bytes
Encode = Callable[[Event, bool], Frame]
"""From an event to its frame; the flag is whether the listener takes previews with metadata."""


class Heard:
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


class Listener:
    """One place in the tape. Its methods are for the event loop."""

    def __init__(
        self, audience: Audience, place: int, on_drop: Callable[[], object], wants: Callable[[Event], bool]
    ) -> None:
        self.place = place
        self.drop = on_drop
        self._audience = audience
        self._wants = wants
        self._own: deque[Heard] = deque()
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Let it look at the tape."""
        self._news.set()

    def tell(self, event: Event) -> None:
        """Let it hear something that is for nobody else, before what it has not heard yet."""
        self._own.append(Heard(event))
        self._news.set()

    async def next(self) -> Heard:
        """The next event; waits for it."""
        while True:
            if self._own:
                return self._own.popleft()
            if (heard := self._audience.at(self.place)) is not None:
                self.place += 1
                if self._wants(heard.event):
                    return heard
                continue
            self._news.clear()
            await self._news.wait()


class Audience:
    """The listeners of a hub that live on one event loop."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._listeners: set[Listener] = set()
        self._tape: deque[Heard] = deque()
        # Place of the first event that is still on the tape.
        self._begin = 0
        self._leave_hub: Callable[[], None] | None = None

    def join(
        self, on_drop: Callable[[], object], wants: Callable[[Event], bool] = lambda event: True
    ) -> Listener:
        """A listener to what is told from now on and that it wants; `on_drop` is called when it is too far behind."""
        if self._leave_hub is None:
            loop = asyncio.get_running_loop()
            self._leave_hub = self._hub.listen(lambda event: loop.call_soon_threadsafe(self._hear, event))
        listener = Listener(self, self._begin + len(self._tape), on_drop, wants)
        self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """It hears nothing any more."""
        self._listeners.discard(listener)
        if not self._listeners and self._leave_hub is not None:
            self._leave_hub()
            self._leave_hub = None
        self._trim()

    def at(self, place: int) -> Heard | None:
        """The event at a place of the tape; None where nothing was told yet."""
        index = place - self._begin
        return self._tape[index] if index < len(self._tape) else None

    def _hear(self, event: Event) -> None:
        self._tape.append(Heard(event))
        for listener in self._listeners:
            listener.wake()
        if len(self._tape) % _TRIM_EVERY == 0:
            self._trim()
        if len(self._tape) > MOST_BEHIND:
            self._drop_slow()

    def _drop_slow(self) -> None:
        self._trim()
        too_far = self._begin + len(self._tape) - MOST_BEHIND
        for listener in [listener for listener in self._listeners if listener.place < too_far]:
            self.leave(listener)
            listener.drop()

    def _trim(self) -> None:
        end = self._begin + len(self._tape)
        kept = min((listener.place for listener in self._listeners), default=end)
        while self._begin < kept:
            self._tape.popleft()
            self._begin += 1
