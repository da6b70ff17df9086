"""The httpx clients: TLS, proxies, redirects, and aiohttp where it is installed."""

from __future__ import annotations

import ssl
from importlib.machinery import ModuleSpec

import httpx
import pytest
from httpx_aiohttp import AiohttpTransport

from comfy_cloud._http import clients as http_clients
from comfy_cloud._http.clients import (
    has_aiohttp,
    new_async_http_client,
    new_async_storage_client,
    new_http_client,
    new_storage_client,
    tls_context,
)

CLOUD = "https://cloud.comfy.org"
LOCAL = "http://127.0.0.1:8188"


@pytest.fixture
def _proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")


def test_the_certificates_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ssl.SSLContext] = []

    def create() -> ssl.SSLContext:
        made.append(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        return made[-1]

    monkeypatch.setattr(http_clients, "_tls_context", None)
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


async def test_the_sync_and_the_async_client_are_alike() -> None:
    with new_http_client(CLOUD, 7) as sync_client:
        async with new_async_http_client(CLOUD, 7) as async_client:
            for client in (sync_client, async_client):
                assert client.follow_redirects is False
                assert client.trust_env is True
                assert client.headers["user-agent"] == "comfy-cloud-python"
                assert "gzip" in client.headers["accept-encoding"]
                assert "x-api-key" not in client.headers


async def test_the_clients_of_a_storage_follow_redirects_and_have_no_credentials() -> None:
    with new_storage_client(LOCAL, 7, 4.5) as sync_client:
        async with new_async_storage_client(LOCAL, 7, 4.5) as async_client:
            for client in (sync_client, async_client):
                assert (client.follow_redirects, client.max_redirects) == (True, 5)
                assert client.timeout == httpx.Timeout(4.5)
                assert client.headers["accept-encoding"] == "identity"
                assert "x-api-key" not in client.headers
                request = httpx.Request("GET", "https://storage.example/a")
                cookie = [("set-cookie", "a=1")]
                client.cookies.extract_cookies(httpx.Response(200, headers=cookie, request=request))
                assert len(client.cookies) == 0


def test_the_pool_is_as_large_as_the_setting() -> None:
    with new_http_client(CLOUD, 7) as client:
        pool = client._transport._pool  # type: ignore[attr-defined]
        assert (pool._max_connections, pool._max_keepalive_connections) == (7, 7)


@pytest.mark.usefixtures("_proxy")
@pytest.mark.parametrize("url", [LOCAL, "http://localhost", "http://[::1]:1"])
def test_loopback_never_goes_through_a_proxy(url: str) -> None:
    with new_http_client(url, 5) as client:
        assert client.trust_env is False
        assert client._mounts == {}


@pytest.mark.usefixtures("_proxy")
async def test_a_proxy_of_the_environment_is_used_for_other_hosts() -> None:
    with new_http_client(CLOUD, 5) as sync_client:
        assert any(transport is not None for transport in sync_client._mounts.values())
    async with new_async_http_client(CLOUD, 5) as async_client:
        assert isinstance(async_client._transport, httpx.AsyncHTTPTransport)
        assert any(transport is not None for transport in async_client._mounts.values())


@pytest.mark.parametrize("url", [CLOUD, LOCAL])
async def test_aiohttp_is_used_for_async_calls_where_it_is_installed(url: str, transport: str) -> None:
    async with new_async_http_client(url, 5) as client:
        if transport == "aiohttp":
            assert isinstance(client._transport, AiohttpTransport)
            assert client._transport.limits.max_connections == 5
        else:
            assert isinstance(client._transport, httpx.AsyncHTTPTransport)
        assert client.follow_redirects is False


def test_the_extra_fast_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    assert has_aiohttp()

    def not_installed(name: str) -> ModuleSpec | None:
        assert name == "httpx_aiohttp"
        return None

    monkeypatch.setattr(http_clients, "find_spec", not_installed)
    assert not has_aiohttp()
