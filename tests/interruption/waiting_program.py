"""A program that waits for jobs until it is interrupted.

Usage: `python -m tests.interruption.waiting_program`. Arguments: sync or async, run or map, base
URL, key, "detach" or "stay". It prints "sent" before each submission, "waiting" before each poll.
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


def print_progress(info: Any) -> None:
    word = {"executePrompt": "sent", "getJobDetail": "waiting"}.get(info.operation)
    if word is not None:
        # In one piece: `print` would write the end of the line separately, and other threads print.
        sys.stdout.write(f"{word}\n")
        sys.stdout.flush()


def run_sync(method: str, options: dict[str, Any], detach: bool) -> None:
    with ComfyCloud(on_request=print_progress, **options) as cloud:
        if method == "run":
            cloud.run(GRAPH, detach=detach)
        else:
            for result in cloud.map(GRAPH, VARIANTS, concurrency=3, detach=detach):
                print(result, flush=True)


async def run_async(method: str, options: dict[str, Any], detach: bool) -> None:
    async with AsyncComfyCloud(on_request=print_progress, **options) as cloud:
        if method == "run":
            await cloud.run(GRAPH, detach=detach)
        else:
            async for result in cloud.map(GRAPH, VARIANTS, concurrency=3, detach=detach):
                print(result, flush=True)


def main(client_kind: str, method: str, base_url: str, key: str, mode: str) -> None:
    # A suite that runs in the background may have inherited an ignored SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    options = {"base_url": base_url, "api_key": key}
    if client_kind == "async":
        asyncio.run(run_async(method, options, mode == "detach"))
    else:
        run_sync(method, options, mode == "detach")


if __name__ == "__main__":
    main(*sys.argv[1:])
