"""Small requests over loopback, against bare httpx and json: one at a time, and 64 at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from comfy_cloud import AsyncComfyCloud, ComfyCloud

from .measurement import Row, async_ratio, ratio
from .server_process import KEY, emulator_running

BARE: dict[str, Any] = {"headers": {"X-API-Key": KEY}, "timeout": 60}
PATH = "/api/history_v2"
QUERY = {"max_items": 1}
CALLS = 100
IN_FLIGHT = 64


def rows() -> Iterator[Row]:
    """The rows of this file."""
    with emulator_running(50) as url:
        ways: dict[str, tuple[Callable[[], float], float]] = {
            "one small GET, sync": (lambda: one_sync(url), 1.10),
            "one small GET, async": (lambda: asyncio.run(one_async(url)), 1.10),
            "64 GETs in flight": (lambda: asyncio.run(many(url, fast=False)), 1.10),
            "64 GETs in flight, extra `fast`": (lambda: asyncio.run(many(url, fast=True)), 0.12),
        }
        for work, (measure, target) in ways.items():
            yield Row.later(work, "httpx and json", measure, target)


def one_sync(url: str) -> float:
    with (
        ComfyCloud(api_key=KEY, base_url=url) as cloud,
        httpx.Client(base_url=url, **BARE) as http,
    ):
        return ratio(
            lambda: cloud.history.list(1),
            lambda: json.loads(http.get(PATH, params=QUERY).raise_for_status().content),
            number=CALLS,
        )


async def one_async(url: str) -> float:
    async with clients(url, fast=False) as (cloud, http):

        async def ours() -> None:
            await cloud.history.list(1)

        async def bare() -> None:
            json.loads((await http.get(PATH, params=QUERY)).raise_for_status().content)

        return await async_ratio(ours, bare, number=CALLS)


async def many(url: str, *, fast: bool) -> float:
    async with clients(url, fast=fast) as (cloud, http):

        async def ours() -> None:
            await asyncio.gather(*(cloud.history.list(1) for _ in range(IN_FLIGHT)))

        async def get() -> None:
            json.loads((await http.get(PATH, params=QUERY)).raise_for_status().content)

        async def bare() -> None:
            await asyncio.gather(*(get() for _ in range(IN_FLIGHT)))

        return await async_ratio(ours, bare, number=3)


@asynccontextmanager
async def clients(url: str, *, fast: bool) -> AsyncIterator[tuple[AsyncComfyCloud, httpx.AsyncClient]]:
    """Our client, over aiohttp or httpx, and a bare httpx client with the same limits."""
    from comfy_cloud._http import clients as http_clients

    was, http_clients.has_aiohttp = http_clients.has_aiohttp, lambda: fast
    try:
        cloud = AsyncComfyCloud(api_key=KEY, base_url=url)
    finally:
        http_clients.has_aiohttp = was
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    async with cloud, httpx.AsyncClient(base_url=url, limits=limits, **BARE) as http:
        yield cloud, http
