"""Small requests over loopback, against bare httpx and json: one at a time, and 64 at a time.

The limits are those of http.client and of bare aiohttp, with orjson. The server takes a tenth of
the time of the quickest client, the same for all of them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx

from comfy_cloud import AsyncComfyCloud, ComfyCloud

from .measurement import Row, async_ratio, ratio
from .server_process import KEY
from .small_server import small_server_running

BARE: dict[str, Any] = {"headers": {"X-API-Key": KEY}, "timeout": 60}
PATH = "/api/history_v2"
QUERY = {"max_items": 1}
CALLS = 100
IN_FLIGHT = 64


def rows() -> Iterator[Row]:
    """The rows of this file."""
    with small_server_running() as url:
        sync, one = partial(one_sync, url), lambda: asyncio.run(one_async(url))
        yield Row.later("one small GET, sync", "httpx and json", sync, 1.10, limit=partial(stdlib, url))
        limit = partial(bare_aiohttp, url, at_once=1)
        yield Row.later("one small GET, async", "httpx and json", one, 1.10, limit=limit)
        limit = partial(bare_aiohttp, url, at_once=IN_FLIGHT)
        for fast, work, target in ((False, "", 1.10), (True, ", extra `fast`", 0.12)):
            measure = partial(in_flight, url, fast=fast)
            yield Row.later(
                f"{IN_FLIGHT} GETs in flight{work}", "httpx and json", measure, target, limit=limit
            )


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


def in_flight(url: str, *, fast: bool) -> float:
    return asyncio.run(many(url, fast=fast))


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


def stdlib(url: str) -> float:
    """The same GET by http.client and orjson."""
    from http.client import HTTPConnection

    import orjson

    connection = HTTPConnection(url.removeprefix("http://"), timeout=60)

    def best() -> object:
        connection.request("GET", f"{PATH}?max_items=1", headers=BARE["headers"])
        return orjson.loads(connection.getresponse().read())

    with httpx.Client(base_url=url, **BARE) as http:
        try:
            return ratio(
                best,
                lambda: json.loads(http.get(PATH, params=QUERY).raise_for_status().content),
                number=CALLS,
            )
        finally:
            connection.close()


def bare_aiohttp(url: str, *, at_once: int) -> float:
    """The same GETs by aiohttp and orjson."""
    return asyncio.run(_bare_aiohttp(url, at_once))


async def _bare_aiohttp(url: str, at_once: int) -> float:
    import aiohttp
    import orjson

    limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
    async with (
        aiohttp.ClientSession(headers=BARE["headers"]) as session,
        httpx.AsyncClient(base_url=url, limits=limits, **BARE) as http,
    ):

        async def get() -> None:
            async with session.get(f"{url}{PATH}?max_items=1") as response:
                orjson.loads(await response.read())

        async def bare_get() -> None:
            json.loads((await http.get(PATH, params=QUERY)).raise_for_status().content)

        async def best() -> None:
            await asyncio.gather(*(get() for _ in range(at_once)))

        async def bare() -> None:
            await asyncio.gather(*(bare_get() for _ in range(at_once)))

        return await async_ratio(best, bare, number=3 if at_once > 1 else CALLS)
