"""A program that runs a map with a journal and kills itself.

Usage: `python -m tests.interruption.crashing_map`. Arguments: sync or async, base URL,
key, journal, number of variants, the point to die at, and the number of the occurrence of that
point. It prints the index of each result. Its clock is fake: only sleeping advances it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from comfy_cloud import AsyncComfyCloud, ComfyCloud
from comfy_cloud._submission.journal import Journal
from tests.clock import FakeTime

GRAPH: dict[str, Any] = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}
POINTS = (
    "before the record", "torn record", "recorded", "accepted", "torn id", "running", "read",
    "torn end", "ended", "yielded", "never",
)  # fmt: skip


class Crash:
    """Kills the process when `point` is reached for the n-th time."""

    def __init__(self, point: str, at: int) -> None:
        self.point = point
        self.left = at
        self.journal: Journal | None = None

    def reached(self, point: str, torn: bytes = b"") -> None:
        if point != self.point:
            return
        self.left -= 1
        if self.left == 0:
            if torn and self.journal is not None:
                os.write(self.journal._descriptor, torn)
            os.kill(os.getpid(), signal.SIGKILL)

    def on_request(self, info: Any) -> None:
        self.reached({"executePrompt": "recorded", "getJobDetail": "running"}.get(info.operation, ""))

    def on_response(self, info: Any) -> None:
        self.reached({"executePrompt": "accepted", "getJobDetail": "read"}.get(info.operation, ""))

    def watch_journal(self) -> None:
        write = Journal._write

        def watched(journal: Journal, record: Mapping[str, Any]) -> None:
            self.journal = journal
            kind = (
                "record"
                if "begin" in record
                else "id"
                if "job" in record
                else "end"
                if "end" in record
                else ""
            )
            if kind == "record":
                self.reached("before the record")
            self.reached(f"torn {kind}", b'{"' + next(iter(record)).encode())
            write(journal, record)
            if kind == "end":
                self.reached("ended")

        Journal._write = watched  # type: ignore[method-assign]


def inputs(count: int) -> list[dict[str, Any]]:
    return [{"1.color": number} for number in range(count)]


def run(crash: Crash, options: dict[str, Any], journal: str, count: int) -> None:
    with ComfyCloud(runtime=FakeTime(datetime.now(UTC)).runtime(), **options) as cloud:
        for result in cloud.map(GRAPH, inputs(count), journal=journal):
            print(result.index, flush=True)
            crash.reached("yielded")


async def run_awaiting(crash: Crash, options: dict[str, Any], journal: str, count: int) -> None:
    async with AsyncComfyCloud(runtime=FakeTime(datetime.now(UTC)).async_runtime(), **options) as cloud:
        async for result in cloud.map(GRAPH, inputs(count), journal=journal):
            print(result.index, flush=True)
            crash.reached("yielded")


def main(client_kind: str, base_url: str, key: str, journal: str, count: str, point: str, at: str) -> None:
    crash = Crash(point, int(at))
    crash.watch_journal()
    options = {
        "base_url": base_url,
        "api_key": key,
        "on_request": crash.on_request,
        "on_response": crash.on_response,
    }
    if client_kind == "async":
        asyncio.run(run_awaiting(crash, options, journal, int(count)))
    else:
        run(crash, options, journal, int(count))


if __name__ == "__main__":
    main(*sys.argv[1:])
