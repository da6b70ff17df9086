"""A program that downloads a file in parts, and kills itself when some of them have been written.

Usage: `python -m tests.interruption.killed_download`. Arguments: sync or async, base URL, key,
folder, name of the file, and the point to die at. Its clock is fake: only sleeping advances it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from typing import Any

from comfy_cloud import AsyncComfyCloud, ComfyCloud
from comfy_cloud._async._files import saving as async_saving
from comfy_cloud._files import range_plan
from comfy_cloud._files.range_record import RangeRecord
from comfy_cloud._sync._files import saving
from tests.clock import FakeTime

PART = 200_000
# At the fourth part: it was written but not recorded, half of its line was, or all of it.
POINTS = ("written", "torn line", "recorded")
AT = 4


def use_small_parts() -> None:
    """Any file that takes more than one read is worth it, and has small parts."""
    for module in (saving, async_saving):
        module.LEAST_LEFT = 1  # type: ignore[attr-defined]
        module.is_worth_it = lambda left, received, seconds: True  # type: ignore[attr-defined]
    range_plan._SMALLEST_PART = PART


def die_at(point: str) -> None:
    """Kill this process when the part is recorded whose turn it is."""
    add, left = RangeRecord.add, AT

    def watched(record: RangeRecord, start: int, end: int, digest: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            if point == "torn line":
                assert record._descriptor is not None
                os.write(record._descriptor, f"[{start},{end},".encode())
            elif point == "recorded":
                add(record, start, end, digest)
            os.kill(os.getpid(), signal.SIGKILL)
        add(record, start, end, digest)

    RangeRecord.add = watched  # type: ignore[method-assign]


def main(kind: str, url: str, key: str, folder: str, name: str, point: str) -> None:
    use_small_parts()
    die_at(point)
    time = FakeTime(datetime.now(UTC))
    options: dict[str, Any] = {"base_url": url, "api_key": key}

    async def run() -> None:
        async with AsyncComfyCloud(**options, runtime=time.async_runtime()) as cloud:
            await cloud.files.download(name, folder)

    if kind == "async":
        asyncio.run(run())
    else:
        with ComfyCloud(**options, runtime=time.runtime()) as cloud:
            cloud.files.download(name, folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
