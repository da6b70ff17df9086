"""A bound on the pixels that are decoded at a time, over all threads.

Whoever would exceed it waits. An image larger than the whole budget is decoded alone.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager


class PixelBudget:
    """At most `most` pixels at a time. A thread that holds some may take more without waiting."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._freed = threading.Condition()
        self._held = threading.local()

    @contextmanager
    def of(self, pixels: int) -> Generator[None]:
        """Hold this many pixels during the block."""
        outer: int = getattr(self._held, "pixels", 0)
        with self._freed:
            # Two threads that each wait for the other's pixels would wait forever.
            self._freed.wait_for(lambda: outer or not self._taken or self._taken + pixels <= self._most)
            self._taken += pixels
        self._held.pixels = outer + pixels
        try:
            yield
        finally:
            self._held.pixels = outer
            with self._freed:
                self._taken -= pixels
                self._freed.notify_all()
