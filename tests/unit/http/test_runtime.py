"""The default clocks of a client."""

from __future__ import annotations

from datetime import UTC, timedelta

from comfy_cloud._http.runtime import AsyncRuntime, Runtime


def test_the_clocks_are_the_ones_of_the_machine() -> None:
    for runtime in (Runtime(), AsyncRuntime()):
        assert runtime.now().tzinfo is UTC
        assert abs(runtime.now() - runtime.now()) < timedelta(minutes=1)
        assert runtime.monotonic() <= runtime.monotonic()
        assert 0 <= runtime.random() < 1


async def test_sleeping_for_zero_seconds() -> None:
    Runtime().sleep(0)
    await AsyncRuntime().sleep(0)
