"""Time for tests: nobody waits. Sleeping moves the clock and is written down."""

from __future__ import annotations

from datetime import datetime, timedelta

from comfy_cloud._runtime import AsyncRuntime, Runtime


class FakeTime:
    """A clock that only sleeping moves. `sleeps` lists the seconds slept; `chance` is what `random` gives."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._elapsed = 0.0
        self.sleeps: list[float] = []
        self.chance = 1.0

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    def advance(self, seconds: float) -> None:
        self._elapsed += seconds

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self._elapsed += seconds

    async def async_sleep(self, seconds: float) -> None:
        self.sleep(seconds)

    def random(self) -> float:
        return self.chance

    def runtime(self) -> Runtime:
        return Runtime(sleep=self.sleep, monotonic=self.monotonic, now=self.now, random=self.random)

    def async_runtime(self) -> AsyncRuntime:
        return AsyncRuntime(
            sleep=self.async_sleep, monotonic=self.monotonic, now=self.now, random=self.random
        )
