"""Shared by the tests of `cloud.map`: variants, crashes, and ways to collect results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import (
    AsyncMapResult,
)
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client


class Interrupted(BaseException):
    """Stands in for KeyboardInterrupt, which would also end the test run."""


def color_inputs(count: int) -> list[dict[str, Any]]:
    return [{"1.color": number} for number in range(count)]


async def results(mapped: Any) -> list[AsyncMapResult]:
    return [result async for result in mapped]


async def collect(mapped: Any, given: list[AsyncMapResult], then: Callable[[int], object] = abs) -> None:
    """Collect every result, and call `then` with their number after each."""
    async for result in mapped:
        given.append(result)
        then(len(given))


def color_of(result: AsyncMapResult) -> int:
    assert result.job is not None
    assert result.job.workflow is not None
    color: int = result.job.workflow["1"]["inputs"]["color"]
    return color


def executed_once(emulator: Emulator, count: int) -> None:
    ids = [submission.prompt_id for submission in emulator.submissions]
    assert [emulator.jobs.executed(job_id) for job_id in ids] == [1] * count


class CrashAt:
    """A hook that simulates a crash at the n-th request of an operation."""

    def __init__(self, operation: str, at: int = 1) -> None:
        self.operation = operation
        self.left = at

    def __call__(self, info: Any) -> None:
        if info.operation == self.operation:
            self.left -= 1
            if self.left == 0:
                raise Interrupted


async def run_until_crash(
    emulator: Emulator, time: FakeTime, path: Path, count: int = 5, **hooks: Any
) -> None:
    """Run a map until a hook crashes it; nothing is cancelled."""
    async with client(emulator, time, **hooks) as cloud:
        with pytest.raises(
            (Interrupted, BaseExceptionGroup)
        ):  # a group when several jobs are read concurrently
            await results(cloud.map(IMAGE_GRAPH, color_inputs(count), journal=path, detach=True))


async def resume(
    emulator: Emulator, time: FakeTime, path: Path, count: int = 5, **options: Any
) -> dict[int, AsyncMapResult]:
    async with client(emulator, time) as cloud:
        found = await results(cloud.map(IMAGE_GRAPH, color_inputs(count), journal=path, **options))
    assert sorted(result.index for result in found) == list(range(count))
    return {result.index: result for result in found}
