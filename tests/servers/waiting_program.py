"""A program that waits for jobs until somebody interrupts it: `python -m tests.servers.waiting_program`.

Arguments: colour, what it calls (run or map), base URL, key, "detach" or "stay". It prints "sent" before each submission and
"waiting" before each look at a job.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from typing import Any

from comfy_cloud import AsyncComfyCloud, ComfyCloud

GRAPH: dict[str, Any] = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}
VARIANTS = [{"1.color": number} for number in range(1, 6)]


def tell(info: Any) -> None:
    word = {"executePrompt": "sent", "getJobDetail": "waiting"}.get(info.operation)
    if word is not None:
        print(word, flush=True)


def blocking(what: str, options: dict[str, Any], detach: bool) -> None:
    with ComfyCloud(on_request=tell, **options) as cloud:
        if what == "run":
            cloud.run(GRAPH, detach=detach)
        else:
            for result in cloud.map(GRAPH, VARIANTS, concurrency=3, detach=detach):
                print(result, flush=True)


async def awaiting(what: str, options: dict[str, Any], detach: bool) -> None:
    async with AsyncComfyCloud(on_request=tell, **options) as cloud:
        if what == "run":
            await cloud.run(GRAPH, detach=detach)
        else:
            async for result in cloud.map(GRAPH, VARIANTS, concurrency=3, detach=detach):
                print(result, flush=True)


def main(colour: str, what: str, base_url: str, key: str, how: str) -> None:
    # Whoever runs the suite in the background may have it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    options = {"base_url": base_url, "api_key": key}
    if colour == "async":
        asyncio.run(awaiting(what, options, how == "detach"))
    else:
        blocking(what, options, how == "detach")


if __name__ == "__main__":
    main(*sys.argv[1:])
