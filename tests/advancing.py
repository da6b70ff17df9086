"""Letting the time of an emulator pass only once somebody listens, however slow the machine is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from comfy_cloud_emulator import Emulator

STEP = 0.1
_PAUSE = 0.002  # seconds between two steps, in which what happened is sent


@contextmanager
def advancing(emulator: Emulator, begins: Callable[[], object]) -> Iterator[None]:
    """From the moment that `begins()` is true, move an emulator's virtual time ahead in steps."""
    is_over = threading.Event()

    def advance() -> None:
        while not begins() and not is_over.wait(_PAUSE):
            pass
        while not is_over.wait(_PAUSE):
            emulator.time.advance(STEP)

    thread = threading.Thread(target=advance)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
