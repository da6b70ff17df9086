"""docs/errors.md: its programs run, its tables are complete, and what it says of retries is so."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import comfy_cloud
from comfy_cloud import ComfyCloudError, ComfyCloudWarning, Retry, TaskFailed
from comfy_cloud.errors import ApiError
from comfy_cloud.retry import Failure, next_delay
from comfy_cloud_emulator import Emulator
from scripts.project.checkout import ROOT

from .programs import blocks, run

PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("program", blocks(PAGE, "python"))
def test_the_programs_run(program: str, start_emulator: Callable[..., Emulator], tmp_path: Path) -> None:
    emulator = start_emulator(seed_data=3, clock=None, sleep=asyncio.sleep, speed=100)
    printed = run("-c", program, emulator=emulator, folder=tmp_path)
    assert printed.count("\n") >= 1
    assert "something else" not in printed


def test_every_exception_is_listed() -> None:
    table = PAGE.partition("## What is raised")[2]
    listed = set(re.findall(r"`([A-Z]\w+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE))))
    exported = {
        name for name, value in vars(comfy_cloud.errors).items()
        if isinstance(value, type) and issubclass(value, ComfyCloudError | ComfyCloudWarning)
    }  # fmt: skip
    told_elsewhere = {
        ComfyCloudError,
        ApiError,
        TaskFailed,
        ComfyCloudWarning,
        comfy_cloud.ConfigurationError,
    }
    assert listed == exported - {each.__name__ for each in told_elsewhere}


def is_repeated(failure: Failure, repeatable: bool) -> bool:
    return next_delay(Retry(), failure, 1, 0.0, repeatable, lambda: 0.5) is not None


@pytest.mark.parametrize(
    ("row", "failures"),
    [
        ("no connection could be made", [Failure("connect", sent=False)]),
        ("a reset, a timeout", [Failure("reset"), Failure("timeout"), Failure("cut")]),
        ("408, 500, 502", [Failure("status", status) for status in (408, 500, 502, 503, 504, 520, 525, 529)]),
        ("429, or a code", [Failure("status", 429), Failure("status", 503, error_code="QUEUE_LIMIT")]),
        ("402 or 429 with a code about", [Failure("status", 402, error_code="PAYMENT_REQUIRED")]),
        ("any other status", [Failure("status", status) for status in (400, 401, 403, 404, 409, 501)]),
    ],
)
def test_what_is_repeated(row: str, failures: list[Failure]) -> None:
    (cells,) = re.findall(rf"^\| {row}[^|]*\| ([^|]*) \| ([^|]*) \|$", PAGE, re.MULTILINE)
    for cell, repeatable in zip(cells, (True, False), strict=True):
        for failure in failures:
            assert is_repeated(failure, repeatable) == (not cell.startswith("not")), (cell, failure)


def test_the_numbers_are_those_of_the_default() -> None:
    assert "up to five attempts within 60 seconds" in PAGE
    assert (Retry().attempts, Retry().budget) == (5, 60.0)
