"""A thread that runs the engine when a step is due in real time. Virtual time needs none."""

from __future__ import annotations

import threading

from .clock import EngineTime
from .job_engine import JobEngine


class Driver:
    """Drives an engine until `stop`."""

    def __init__(self, engine: JobEngine, time: EngineTime) -> None:
        self._engine = engine
        self._time = time
        self._woken = threading.Event()
        self._ended = False
        self._leave = time.on_advance(self._woken.set)
        self._thread = threading.Thread(target=self._run, name="emulator:engine", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._engine.on_schedule(self._woken.set)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; the engine stands still afterwards."""
        self._ended = True
        self._leave()
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended:
            self._woken.clear()
            self._engine.catch_up()
            wait = self._engine.seconds_to_next()
            if not self._ended:
                self._woken.wait(None if wait is None else self._time.real_seconds(wait))
