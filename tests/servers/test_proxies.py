"""The API, signed URLs and the websocket use the same proxy and trust the same certificates.

The servers have names that only the proxy knows, and a certificate of a private CA.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, ComfyCloud, ComfyCloudError, ConfigurationError, Retry
from comfy_cloud._http import clients as http_clients
from comfy_cloud._http.runtime import AsyncRuntime, Runtime
from comfy_cloud._http.websocket import SocketAddress, SocketFailed
from comfy_cloud._settings.config import Settings
from comfy_cloud._settings.network import NetworkSettings, proxy_from
from tests.attacks.echo_server import echo_server, stored
from tests.certificates import AUTHORITY, server_context
from tests.connect_proxy import ConnectProxy, connect_proxy

# The hosts of the API, of the signed URL and of the websocket.
ALL = {"comfy.test", "files.comfy.test", "socket.comfy.test"}
VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass
class Servers:
    api: str
    socket: str


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with echo_server("tls") as api, echo_server("tls", "websocket") as socket:
        ports = [server.url.rpartition(":")[2] for server in (api, socket)]
        yield Servers(f"https://comfy.test:{ports[0]}", f"https://socket.comfy.test:{ports[1]}")


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConnectProxy]:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(http_clients, "_tls_context", None)
    monkeypatch.setattr(http_clients, "_private_contexts", {})
    with connect_proxy() as running:
        yield running


def use_all(servers: Servers, **options: Any) -> Settings:
    """Send a request to the API, read a file at a signed URL, and open a websocket."""
    with ComfyCloud(api_key="k", base_url=servers.api, retry=Retry.none(), **options) as cloud:
        assert cloud.request("GET", "/api/echo", params={"who": "me"}).text == "me"
        with cloud.files.open("a.png") as content:
            assert content.read() == stored("a.png")
        settings = cloud.settings
    address = SocketAddress(servers.socket, "c", greeting="hello", network=settings.network)
    socket = Runtime().connect(address)
    assert socket.receive(30) == "hello"
    socket.close()
    return settings


async def async_use_all(servers: Servers, **options: Any) -> None:
    async with AsyncComfyCloud(api_key="k", base_url=servers.api, retry=Retry.none(), **options) as cloud:
        assert (await cloud.request("GET", "/api/echo", params={"who": "me"})).text == "me"
        async with cloud.files.open("a.png") as content:
            assert await content.read() == stored("a.png")
        network = cloud.settings.network
    socket = await AsyncRuntime().connect(
        SocketAddress(servers.socket, "c", greeting="hello", network=network)
    )
    assert await socket.receive(30) == "hello"
    await socket.close()


async def test_the_settings_count_for_everything(
    servers: Servers, proxy: ConnectProxy, transport: str
) -> None:
    options = {"proxy": proxy.url.replace("//", "//me:pass%20w%C3%B6rd%2F@"), "ca_file": AUTHORITY}
    settings = use_all(servers, **options)
    assert set(proxy.tunnels) == ALL
    assert "pass" not in repr(settings)
    assert set(proxy.logins) == {"me:pass wörd/"}
    assert len(proxy.logins) == len(proxy.tunnels)
    proxy.tunnels.clear()
    proxy.logins.clear()
    await async_use_all(servers, **options)
    assert set(proxy.tunnels) == ALL
    assert set(proxy.logins) == {"me:pass wörd/"}
    assert len(proxy.logins) == len(proxy.tunnels)


@pytest.mark.parametrize("is_own", [True, False])
async def test_variables_count_for_everything(
    servers: Servers, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch, transport: str, is_own: bool
) -> None:
    monkeypatch.setenv("COMFY_CLOUD_PROXY" if is_own else "HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("COMFY_CLOUD_CA_FILE" if is_own else "SSL_CERT_FILE", str(AUTHORITY))
    use_all(servers)
    assert set(proxy.tunnels) == ALL
    proxy.tunnels.clear()
    await async_use_all(servers)
    assert set(proxy.tunnels) == ALL


def test_a_profile_counts_for_everything(
    servers: Servers, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = f'[profiles.default]\nproxy = "{proxy.url}"\nca_file = "{AUTHORITY.as_posix()}"\n'
    (tmp_path / "config.toml").write_text(text)
    monkeypatch.setenv("COMFY_CLOUD_CONFIG_DIR", str(tmp_path))
    use_all(servers)
    assert set(proxy.tunnels) == ALL


async def test_a_proxy_over_tls_is_verified_by_the_same_certificates(
    servers: Servers, proxy: ConnectProxy
) -> None:
    with connect_proxy(is_tls=True) as secure:
        use_all(servers, proxy=secure.url, ca_file=AUTHORITY)
        await async_use_all(servers, proxy=secure.url, ca_file=AUTHORITY)
        assert set(secure.tunnels) == ALL


async def test_without_the_certificates_nothing_connects(
    servers: Servers, proxy: ConnectProxy, transport: str
) -> None:
    with pytest.raises(ComfyCloudError, match="cannot connect"):
        use_all(servers, proxy=proxy.url)
    with pytest.raises(ComfyCloudError, match="cannot connect"):
        await async_use_all(servers, proxy=proxy.url)


def test_without_the_certificates_no_websocket_connects(servers: Servers, proxy: ConnectProxy) -> None:
    network = NetworkSettings(proxy_from(proxy.url))
    address = SocketAddress(servers.socket, "c", network=network)
    with pytest.raises(SocketFailed):
        Runtime().connect(address)
    # Not in the test's own loop: after this failure websockets raises AttributeError in a callback.
    with pytest.raises(SocketFailed):
        asyncio.run(_async_connect(address))
    assert set(proxy.tunnels) == {"socket.comfy.test"}


async def _async_connect(address: SocketAddress) -> None:
    await AsyncRuntime().connect(address)


@pytest.mark.parametrize("excluded", ["comfy.test", "*", "direct"])
async def test_hosts_can_be_excluded_for_everything(
    servers: Servers, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch, excluded: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    options: dict[str, Any] = {"ca_file": AUTHORITY}
    if excluded == "direct":
        options["proxy"] = "direct"
    else:
        monkeypatch.setenv("NO_PROXY", f"other.test, {excluded}")
    with pytest.raises(ComfyCloudError, match="cannot connect"):  # the name is unknown
        use_all(servers, **options)
    with ComfyCloud(base_url=servers.api, **options) as cloud:
        address = SocketAddress(servers.socket, "c", network=cloud.settings.network)
        assert address.proxy is None
        assert cloud._session.storage._mounts.keys() == cloud._session._http._mounts.keys()
    assert proxy.tunnels == []


@pytest.mark.parametrize("name", ["missing.pem", "server.txt"])
def test_a_file_without_certificates_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "server.txt").write_text("nothing")
    with pytest.raises(ConfigurationError, match=f"ca_file .*{name} cannot be used"):
        ComfyCloud(base_url="https://comfy.test", ca_file=tmp_path / name)


def test_the_server_has_a_private_certificate() -> None:
    assert server_context().cert_store_stats()["x509_ca"] == 0
