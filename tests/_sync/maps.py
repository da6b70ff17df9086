# Made from tests/_async/maps.py by `make unasync`. Do not edit.
"""What the tests of `cloud.map` share: variants, and ways to take their results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import (
    MapResult,
)
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

from .clients import PICTURE, client


class Interrupted(BaseException):
    """Stands for Ctrl-C, which would end the test run as well."""


def colours(count: int) -> list[dict[str, Any]]:
    return [{"1.color": number} for number in range(count)]


def results(mapped: Any) -> list[MapResult]:
    return [result for result in mapped]


def collect(mapped: Any, given: list[MapResult], then: Callable[[int], object] = abs) -> None:
    """Take every result, and call `then` with their number after each."""
    for result in mapped:
        given.append(result)
        then(len(given))


def colour_of(result: MapResult) -> int:
    assert result.job is not None
    assert result.job.workflow is not None
    colour: int = result.job.workflow["1"]["inputs"]["color"]
    return colour


def executed_once(emulator: Emulator, count: int) -> None:
    ids = [submission.prompt_id for submission in emulator.submissions]
    assert [emulator.jobs.executed(job_id) for job_id in ids] == [1] * count


class Dying:
    """A hook that ends the program at the n-th time of something, as far as a test can without killing itself."""

    def __init__(self, operation: str, at: int = 1) -> None:
        self.operation = operation
        self.left = at

    def __call__(self, info: Any) -> None:
        if info.operation == self.operation:
            self.left -= 1
            if self.left == 0:
                raise Interrupted


def died(emulator: Emulator, time: FakeTime, path: Path, count: int = 5, **hooks: Any) -> None:
    """A map that dies where the hook says, without a last word."""
    with client(emulator, time, **hooks) as cloud:
        with pytest.raises((Interrupted, BaseExceptionGroup)):  # a group where several are read at a time
            results(cloud.map(PICTURE, colours(count), journal=path, detach=True))


def resumed(
    emulator: Emulator, time: FakeTime, path: Path, count: int = 5, **options: Any
) -> dict[int, MapResult]:
    with client(emulator, time) as cloud:
        found = results(cloud.map(PICTURE, colours(count), journal=path, **options))
    assert sorted(result.index for result in found) == list(range(count))
    return {result.index: result for result in found}
