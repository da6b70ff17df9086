"""Odd uses of a client: each raises an error of the library, with the fix in its words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest

from comfy_cloud import AsyncComfyCloud, ComfyCloud, ComfyCloudError, ConfigurationError
from comfy_cloud._http.websocket import _failure_of
from tests.attacks.trials import TRANSPORTS
from tests.raw_server import RawServer, http_response, raw_server

KEY = "sk-Zq9x77vAbC12345678"
_DEEP: list[Any] = []
for _ in range(5_000):
    _DEEP = [_DEEP]


REQUESTS: dict[str, tuple[dict[str, Any], str]] = {
    "no path": ({"path": None}, "begins with one slash"),
    "path of bytes": ({"path": b"/api/x"}, "begins with one slash"),
    "path with a line break": ({"path": "/api/x\r\nA: b"}, "control characters"),
    "path with half a character": ({"path": "/api/\ud800"}, "check its path"),
    "huge path": ({"path": "/" + "a" * 100_000}, "check its path"),
    "method of bytes": ({"method": b"GET"}, "a method such as GET"),
    "method with a header": ({"method": "GET\r\nA: b"}, "a method such as GET"),
    "params that are a number": ({"params": 3}, "params="),
    "params that are text": ({"params": "a=b"}, "params="),
    "params with half a character": ({"params": {"a": "\ud800"}}, "params="),
    "object as JSON": ({"json": object()}, "cannot be written as JSON"),
    "deep JSON": ({"json": _DEEP}, "cannot be written as JSON"),
    "number as content": ({"content": 3}, "content of a request is bytes"),
    "dict as content": ({"content": {"a": 1}}, "content of a request is bytes"),
    "content of text in pieces": ({"content": ["a"]}, "content of a request is bytes"),
    "content type with a header": ({"content": b"", "content_type": "a\r\nb: c"}, "content_type="),
    "number as content type": ({"content": b"", "content_type": 3}, "content_type="),
}
PROXIES = {
    "garbage": "goes through the proxy http://garbage,",
    "http://me:hidden@127.0.0.1:1": "goes through the proxy http://127.0.0.1:1,",
    "garbage://me:hidden@x:1": "check the variables ALL_PROXY",
    "http://me:hidden@127.0.0.1:port": "check the variables ALL_PROXY",
    "socks5://me:hidden@127.0.0.1:1": "pip install",
}


def _error(transport: str, options: dict[str, Any], use: Callable[..., Any]) -> ComfyCloudError:
    """What using a client raises. `use` is given the client; for an async one it is awaited."""

    def use_sync() -> None:
        with ComfyCloud(**options) as cloud:
            use(cloud)

    async def use_async() -> None:
        async with AsyncComfyCloud(**options) as cloud:
            await use(cloud)

    has_aiohttp = transport == "aiohttp"
    with (
        mock.patch("comfy_cloud._http.clients.has_aiohttp", return_value=has_aiohttp),
        pytest.raises(ComfyCloudError) as caught,
    ):
        use_sync() if transport == "sync" else asyncio.run(use_async())
    return caught.value


@pytest.fixture
def server() -> Iterator[RawServer]:
    with raw_server() as found:
        yield found


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("name", REQUESTS)
def test_an_odd_request_is_refused_with_the_fix(server: RawServer, transport: str, name: str) -> None:
    arguments, fix = REQUESTS[name]
    server.script("/api/x", http_response(200, b"{}"))
    options = {"api_key": KEY, "base_url": server.url, "retry": 1}
    error = _error(
        transport, options, lambda cloud: cloud.request(**{"method": "POST", "path": "/api/x", **arguments})
    )
    assert isinstance(error, ConfigurationError)
    assert fix in error.message
    if "pieces" not in name:  # those are read while they are sent
        assert server.requests == []


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("proxy", PROXIES)
def test_a_proxy_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, transport: str, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    options = {"api_key": KEY, "base_url": "https://cloud.invalid", "retry": 1, "timeout": 5}
    error = _error(transport, options, lambda cloud: cloud.jobs.list())
    assert PROXIES[proxy] in str(error)
    assert "hidden" not in str(error)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_closed_client_says_so(server: RawServer, transport: str) -> None:
    options = {"api_key": KEY, "base_url": server.url, "retry": 1}

    def close_first(cloud: Any) -> Any:
        cloud.close()
        return cloud.jobs.list()

    def close_before_events(cloud: Any) -> Any:
        cloud.close()
        return next(cloud.events())

    async def async_close_first(cloud: Any) -> Any:
        await cloud.close()
        return await cloud.jobs.list()

    async def async_close_before_events(cloud: Any) -> Any:
        await cloud.close()
        return await anext(cloud.events())

    uses = (
        (close_first, close_before_events)
        if transport == "sync"
        else (async_close_first, async_close_before_events)
    )
    for use in uses:
        error = _error(transport, options, use)
        assert isinstance(error, ConfigurationError)
        assert "the client is closed" in str(error)


def test_a_second_event_loop_is_named(server: RawServer) -> None:
    server.script("/api/jobs", http_response(200, b'{"jobs": []}', content_type="application/json"))
    cloud = AsyncComfyCloud(api_key=KEY, base_url=server.url, retry=1)

    async def once() -> None:
        await cloud.jobs.list()

    asyncio.run(once())
    with pytest.raises(ComfyCloudError, match="make one client for each loop"):
        asyncio.run(once())
    asyncio.run(cloud.close())


def test_a_websocket_through_a_socks_proxy_names_the_package() -> None:
    failure = _failure_of(ImportError("connecting through a SOCKS proxy requires python-socks"))
    assert failure.is_final
    assert "python-socks" in failure.reason
