"""Decoding 50,000 websocket events over loopback, against bare websockets and `json.loads`."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

from comfy_cloud import AsyncComfyCloud, ComfyCloud, Event

from .bulk_server import frame, serving
from .measurement import Row, async_ratio, ratio

EVENTS = 50_000
KEY = "comfyui-bench-key"
LAST = "the-last-job"


def rows() -> Iterator[Row]:
    """The rows of this file."""
    with tempfile.TemporaryDirectory() as folder:
        frames = b"".join(frame(json.dumps(message)) for message in messages())
        Path(folder, "events").write_bytes(frames)
        with serving(Path(folder)) as (api, _):
            work, against = f"{EVENTS:,} websocket events", "websockets and json.loads"
            note = f"{len(frames) / 1e6:.0f} MB"
            yield Row.later(f"{work}, sync", against, lambda: measure_sync(api), 0.9, note)
            yield Row.later(f"{work}, async", against, lambda: asyncio.run(measure_async(api)), 0.9, note)


def messages(seed: int = 1) -> Iterator[dict[str, Any]]:
    """The messages of many small jobs, and finally the end of the last one."""
    rng = random.Random(seed)
    sent = 0
    while sent < EVENTS - 1:
        job = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        for message in job_messages(rng, job):
            yield message
            sent += 1
            if sent == EVENTS - 1:
                break
    yield {"type": "execution_success", "data": {"prompt_id": LAST, "timestamp": 1_795_000_000_000}}


def job_messages(rng: random.Random, job: str) -> Iterator[dict[str, Any]]:
    """The messages of one job with six nodes, one of them a sampler of twenty steps."""
    nodes = [str(rng.randrange(1, 90)) for _ in range(6)]
    image = {"filename": f"{rng.getrandbits(256):064x}.png", "subfolder": "", "type": "output"}
    begun: dict[str, Any] = {}
    yield {"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 1}}}}
    yield {"type": "execution_start", "data": {"prompt_id": job, "timestamp": 1_795_000_000_000}}
    yield {
        "type": "execution_cached",
        "data": {"nodes": nodes[:2], "prompt_id": job, "timestamp": 1_795_000_000_010},
    }
    for position, node in enumerate(nodes):
        yield {"type": "executing", "data": {"node": node, "display_node": node, "prompt_id": job}}
        for step in range(20 if position == 3 else 1):
            most = 20 if position == 3 else 1
            begun[node] = {
                "value": step + 1, "max": most, "state": "running", "node_id": node, "prompt_id": job,
                "display_node_id": node, "parent_node_id": None, "real_node_id": node,
            }  # fmt: skip
            yield {
                "type": "progress",
                "data": {"value": step + 1, "max": most, "prompt_id": job, "node": node},
            }
            if step % 4 == 0:
                yield {"type": "progress_state", "data": {"prompt_id": job, "nodes": dict(begun)}}
    yield {
        "type": "executed",
        "data": {
            "node": nodes[-1],
            "display_node": nodes[-1],
            "output": {"images": [image]},
            "prompt_id": job,
        },
    }
    yield {"type": "execution_success", "data": {"prompt_id": job, "timestamp": 1_795_000_019_000}}
    yield {"type": "executing", "data": {"node": None, "prompt_id": job}}


def is_last(event: Event) -> bool:
    return event.job_id == LAST


def measure_sync(api: str) -> float:
    from websockets.sync.client import connect

    def ours() -> None:
        with ComfyCloud(api_key=KEY, base_url=api) as cloud:
            with closing(cloud.events()) as events:
                for event in events:
                    if is_last(event):
                        break

    def bare() -> None:
        with connect(f"ws{api[4:]}/ws") as socket:
            while json.loads(socket.recv())["data"].get("prompt_id") != LAST:
                pass

    return ratio(ours, bare, rounds=9)


async def measure_async(api: str) -> float:
    from websockets.asyncio.client import connect

    async def ours() -> None:
        async with AsyncComfyCloud(api_key=KEY, base_url=api) as cloud:
            async with aclosing(cloud.events()) as events:
                async for event in events:
                    if is_last(event):
                        break

    async def bare() -> None:
        async with connect(f"ws{api[4:]}/ws") as socket:
            while json.loads(await socket.recv())["data"].get("prompt_id") != LAST:
                pass

    return await async_ratio(ours, bare, number=1, rounds=9)
