"""Ending a program that serves: the signals that ask for it become an exception. Stops nothing itself."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import NoReturn


class StopRequested(BaseException):
    """Raised by a signal handler, out of whatever waits."""


class StopSignals:
    """While entered, SIGINT and SIGTERM raise `StopRequested`. In other threads than the main one it does nothing."""

    def __init__(self) -> None:
        self._former: dict[int, signal.Handlers | int | Callable[[int, FrameType | None], object] | None] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._former[number] = signal.signal(number, self._raise)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)

    @staticmethod
    def _raise(number: int, frame: FrameType | None) -> NoReturn:
        raise StopRequested
