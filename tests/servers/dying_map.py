"""A program that maps with a journal and kills itself at a chosen point: `python -m tests.servers.dying_map`.

Arguments: colour, base URL, key, journal, number of variants, point, at which time the point is reached it dies. It prints the
index of each variant that it is given. Its time passes only as it sleeps.
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
    "before the note", "torn note", "noted", "answered", "torn id", "running", "read", "torn end", "ended", "given", "never",
)  # fmt: skip


class Death:
    """Dies when `point` is reached for the n-th time."""

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
        self.reached({"executePrompt": "noted", "getJobDetail": "running"}.get(info.operation, ""))

    def on_response(self, info: Any) -> None:
        self.reached({"executePrompt": "answered", "getJobDetail": "read"}.get(info.operation, ""))

    def watch_the_journal(self) -> None:
        write = Journal._write

        def watched(journal: Journal, record: Mapping[str, Any]) -> None:
            self.journal = journal
            kind = (
                "note" if "begin" in record else "id" if "job" in record else "end" if "end" in record else ""
            )
            if kind == "note":
                self.reached("before the note")
            self.reached(f"torn {kind}", b'{"' + next(iter(record)).encode())
            write(journal, record)
            if kind == "end":
                self.reached("ended")

        Journal._write = watched  # type: ignore[method-assign]


def inputs(count: int) -> list[dict[str, Any]]:
    return [{"1.color": number} for number in range(count)]


def run(death: Death, options: dict[str, Any], journal: str, count: int) -> None:
    with ComfyCloud(runtime=FakeTime(datetime.now(UTC)).runtime(), **options) as cloud:
        for result in cloud.map(GRAPH, inputs(count), journal=journal):
            print(result.index, flush=True)
            death.reached("given")


async def run_awaiting(death: Death, options: dict[str, Any], journal: str, count: int) -> None:
    async with AsyncComfyCloud(runtime=FakeTime(datetime.now(UTC)).async_runtime(), **options) as cloud:
        async for result in cloud.map(GRAPH, inputs(count), journal=journal):
            print(result.index, flush=True)
            death.reached("given")


def main(colour: str, base_url: str, key: str, journal: str, count: str, point: str, at: str) -> None:
    death = Death(point, int(at))
    death.watch_the_journal()
    options = {
        "base_url": base_url,
        "api_key": key,
        "on_request": death.on_request,
        "on_response": death.on_response,
    }
    if colour == "async":
        asyncio.run(run_awaiting(death, options, journal, int(count)))
    else:
        run(death, options, journal, int(count))


if __name__ == "__main__":
    main(*sys.argv[1:])
