"""A connection that fails: the message names host, port and proxy, and where they came from.

Over httpx and aiohttp (async tests run over both), and for the websocket.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from comfy_cloud import AsyncComfyCloud, ComfyCloud, ConnectionFailed
from comfy_cloud._async._jobs.live import AsyncLive
from comfy_cloud._jobs.outputs import Output

DEFAULT = "pass base_url=, or set COMFY_CLOUD_BASE_URL"


@pytest.fixture
def closed() -> Iterator[int]:
    """A port of this machine that nobody listens on, and nobody can take meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def message_of(**options: Any) -> str:
    async with AsyncComfyCloud(retry=1, timeout=5, **options) as cloud:
        with pytest.raises(ConnectionFailed) as caught:
            await cloud.queue.get()
    return str(caught.value)


async def test_an_address_of_the_argument(closed: int) -> None:
    message = await message_of(base_url=f"http://127.0.0.1:{closed}")
    assert f"cannot connect to 127.0.0.1:{closed}: " in message
    assert message.endswith("The address comes from the argument base_url=")
    assert "proxy" not in message


async def test_an_address_of_the_environment(closed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_BASE_URL", f"http://127.0.0.1:{closed}")
    message = await message_of()
    assert f"cannot connect to 127.0.0.1:{closed}: " in message
    assert message.endswith("The address comes from the environment variable COMFY_CLOUD_BASE_URL")


async def test_an_address_of_a_profile(closed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text(f'[profiles.work]\nbase_url = "http://127.0.0.1:{closed}"\n')
    monkeypatch.setenv("COMFY_CLOUD_CONFIG_DIR", str(tmp_path))
    message = await message_of(profile="work")
    assert message.endswith("The address comes from the profile 'work'")


@pytest.mark.parametrize("has_variable", [False, True])
async def test_a_proxy_and_its_source(
    closed: int, monkeypatch: pytest.MonkeyPatch, has_variable: bool
) -> None:
    url = f"http://me:hidden@127.0.0.1:{closed}"
    options: dict[str, Any] = {}
    if has_variable:
        monkeypatch.setenv("HTTP_PROXY", url)
        monkeypatch.setenv("HTTPS_PROXY", url)
        source = "the environment (HTTP_PROXY, HTTPS_PROXY or ALL_PROXY)"
    else:
        options["proxy"] = url
        source = "the argument proxy="
    message = await message_of(api_key="k", **options)
    assert "cannot connect to cloud.comfy.org:443: " in message
    assert DEFAULT in message
    assert f"It goes through the proxy http://127.0.0.1:{closed}, from {source}: check proxy=" in message
    assert "hidden" not in message


async def test_a_proxy_of_the_callers_own_client(closed: int) -> None:
    async with httpx.AsyncClient(proxy=f"http://127.0.0.1:{closed}") as own:
        message = await message_of(http_client=own, base_url="http://example.invalid")
    assert "a proxy of the http_client that was passed" in message


def test_the_sync_client_says_the_same(closed: int) -> None:
    with ComfyCloud(retry=1, base_url=f"http://127.0.0.1:{closed}") as cloud:
        with pytest.raises(ConnectionFailed, match=f"127.0.0.1:{closed}: .*from the argument base_url="):
            cloud.queue.get()


@pytest.mark.parametrize("is_over_proxy", [False, True])
async def test_the_websocket(
    closed: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, is_over_proxy: bool
) -> None:
    base_url = f"http://127.0.0.1:{closed}/prefix"
    monkeypatch.setenv("COMFY_CLOUD_BASE_URL", base_url)
    proxy = f"http://me:hidden@127.0.0.1:{closed}" if is_over_proxy else None
    async with AsyncComfyCloud(api_key="comfyui-0123456789abcdef", proxy=proxy) as cloud:
        live = AsyncLive(cloud._session, Output)
        with caplog.at_level(logging.INFO, "comfy_cloud"):
            await live.open()
        await live.close()
    (record,) = caplog.records
    assert f"websocket ws://127.0.0.1:{closed}/prefix/ws: " in record.message
    assert "from the environment variable COMFY_CLOUD_BASE_URL" in record.message
    proxied = f"It goes through the proxy http://127.0.0.1:{closed}, from the argument proxy="
    assert (proxied in record.message) is is_over_proxy
    for secret in ("hidden", "0123456789"):
        assert secret not in record.message
