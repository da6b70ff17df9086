"""What the two colours do not share line by line: clocks, files as bodies, TLS, and the HTTP clients they begin with."""

from __future__ import annotations

import io
import ssl
from datetime import UTC, timedelta
from importlib.machinery import ModuleSpec

import httpx
import pytest
from httpx_aiohttp import AiohttpTransport

from comfy_cloud._http import runtime as _runtime
from comfy_cloud._http.runtime import (
    AsyncRuntime,
    Runtime,
    async_file_stream,
    file_stream,
    has_aiohttp,
    new_async_http_client,
    new_http_client,
    tls_context,
)

CLOUD = "https://cloud.comfy.org"
LOCAL = "http://127.0.0.1:8188"


@pytest.fixture
def _proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")


def test_the_clocks_are_those_of_the_machine() -> None:
    for runtime in (Runtime(), AsyncRuntime()):
        assert runtime.now().tzinfo is UTC
        assert abs(runtime.now() - runtime.now()) < timedelta(minutes=1)
        assert runtime.monotonic() <= runtime.monotonic()
        assert 0 <= runtime.random() < 1


async def test_no_time_at_all_can_be_slept() -> None:
    Runtime().sleep(0)
    await AsyncRuntime().sleep(0)


def test_a_body_comes_in_pieces_from_where_the_file_stands() -> None:
    content = bytes(range(256)) * 4096  # 1 MiB
    file = io.BytesIO(content)
    file.seek(100)
    pieces = list(file_stream(file))
    assert b"".join(pieces) == content[100:]
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= 256 * 1024


async def test_an_asynchronous_body_comes_in_pieces() -> None:
    content = bytes(range(256)) * 6144  # 1.5 MiB
    pieces = [piece async for piece in async_file_stream(io.BytesIO(content))]
    assert b"".join(pieces) == content
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= 1024 * 1024
    assert [piece async for piece in async_file_stream(io.BytesIO(b""))] == []


def test_the_certificates_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ssl.SSLContext] = []

    def create() -> ssl.SSLContext:
        made.append(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        return made[-1]

    monkeypatch.setattr(_runtime, "_tls_context", None)
    monkeypatch.setattr(httpx, "create_ssl_context", create)
    first = tls_context()
    assert tls_context() is first
    with new_http_client(CLOUD, 5), new_http_client(CLOUD, 5), new_http_client(LOCAL, 5):
        pass
    assert made == [first]


def test_the_real_context_checks_certificates_and_host_names() -> None:
    context = tls_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


async def test_the_http_clients_of_both_colours_are_alike() -> None:
    with new_http_client(CLOUD, 7) as blocking:
        async with new_async_http_client(CLOUD, 7) as awaiting:
            for client in (blocking, awaiting):
                assert client.follow_redirects is False
                assert client.trust_env is True
                assert client.headers["user-agent"] == "comfy-cloud-python"
                assert "gzip" in client.headers["accept-encoding"]
                assert "x-api-key" not in client.headers


@pytest.mark.usefixtures("_proxy")
@pytest.mark.parametrize("url", [LOCAL, "http://localhost", "http://[::1]:1"])
def test_loopback_never_goes_through_a_proxy(url: str) -> None:
    with new_http_client(url, 5) as client:
        assert client.trust_env is False
        assert client._mounts == {}


@pytest.mark.usefixtures("_proxy")
async def test_a_proxy_of_the_environment_is_used_for_other_hosts() -> None:
    with new_http_client(CLOUD, 5) as blocking:
        assert any(transport is not None for transport in blocking._mounts.values())
    async with new_async_http_client(CLOUD, 5) as awaiting:
        assert isinstance(awaiting._transport, httpx.AsyncHTTPTransport)
        assert any(transport is not None for transport in awaiting._mounts.values())


@pytest.mark.parametrize("url", [CLOUD, LOCAL])
async def test_aiohttp_carries_the_asynchronous_calls_where_it_is_installed(url: str, transport: str) -> None:
    async with new_async_http_client(url, 5) as client:
        if transport == "aiohttp":
            assert isinstance(client._transport, AiohttpTransport)
            assert client._transport.limits.max_connections == 5
        else:
            assert isinstance(client._transport, httpx.AsyncHTTPTransport)
        assert client.follow_redirects is False


def test_whether_aiohttp_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert has_aiohttp()

    def not_installed(name: str) -> ModuleSpec | None:
        assert name == "httpx_aiohttp"
        return None

    monkeypatch.setattr(_runtime, "find_spec", not_installed)
    assert not has_aiohttp()
