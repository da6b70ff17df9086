"""A contract run for tests, which fails when it waits unless the test expects that."""

from __future__ import annotations

from typing import Any

from comfy_cloud.contract import Report, run_contract
from comfy_cloud_emulator import Emulator


def never(seconds: float) -> None:
    raise AssertionError(f"there is nothing to wait {seconds} s for")


def run(emulator: Emulator, url: str | None = None, **options: Any) -> Report:
    return run_contract(url or emulator.url, **{"api_key": emulator.key, "sleep": never, **options})
