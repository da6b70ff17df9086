"""Turning SIGINT and SIGTERM into an exception, for a program that serves until it is stopped."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import NoReturn


class StopRequested(BaseException):
    """Raised by a signal handler, wherever the main thread is waiting."""


class StopSignals:
    """While entered, SIGINT and SIGTERM raise `StopRequested`.

    Does nothing outside the main thread.
    """

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
