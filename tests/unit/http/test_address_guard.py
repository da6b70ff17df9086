"""Connections to one of several addresses, and names that cannot be resolved."""

from __future__ import annotations

import socket
from typing import Any

import anyio
import httpcore
import httpx
import pytest

from comfy_cloud._http import guarded_backends
from comfy_cloud._http.address_guard import AddressRefused, allowed_addresses, guard
from comfy_cloud._http.clients import new_async_storage_client, new_storage_client
from comfy_cloud._settings.storage_hosts import AddressPolicy
from comfy_cloud.errors import ConfigurationError

POLICY = AddressPolicy("https://cloud.comfy.org")


class Stream(httpcore.AsyncMockStream):
    def __init__(self, address: str) -> None:
        super().__init__([])
        self.address = address
        self.is_closed = False

    async def aclose(self) -> None:
        self.is_closed = True


async def first(monkeypatch: pytest.MonkeyPatch, **outcomes: Any) -> Stream:
    monkeypatch.setattr(guarded_backends, "_NEXT_ADDRESS_AFTER", 0)

    async def connect(address: str) -> Stream:
        outcome = outcomes[address]
        if isinstance(outcome, Exception):
            raise outcome
        if outcome == "silent":
            await anyio.sleep_forever()
        return Stream(address)

    return await guarded_backends._first_connected(connect, list(outcomes))  # type: ignore[return-value]


async def test_the_first_address_that_connects_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await first(monkeypatch, a="silent", b=httpcore.ConnectError(), c="good")).address == "c"
    assert (await first(monkeypatch, a="good")).address == "a"


async def test_the_first_failure_is_raised_when_none_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(httpcore.ConnectError, match="one"):
        await first(monkeypatch, a=httpcore.ConnectError("one"), b=httpcore.ConnectTimeout("two"))
    with pytest.raises(httpcore.ConnectTimeout):
        await first(monkeypatch, a=httpcore.ConnectTimeout())


def test_only_allowed_addresses_remain() -> None:
    assert allowed_addresses(POLICY, "a", ["10.0.0.1", "8.8.8.8", "::1", "8.8.8.8"]) == ["8.8.8.8"]
    with pytest.raises(AddressRefused, match="a private address"):
        allowed_addresses(POLICY, "a", ["10.0.0.1", "::1"])
    with pytest.raises(AddressRefused, match="without an address"):
        allowed_addresses(POLICY, "a", [])


async def test_a_name_that_does_not_exist_is_a_failed_connection(
    monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    def resolve(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with new_storage_client("https://cloud.comfy.org", 1, 1) as client:
        with pytest.raises(httpx.ConnectError):
            client.get("https://missing.test")
    async with new_async_storage_client("https://cloud.comfy.org", 1, 1) as async_client:
        with pytest.raises((httpx.ConnectError, httpx.ConnectTimeout)):  # aiohttp: as for any loss
            await async_client.get("https://missing.test")


def test_a_client_that_cannot_be_guarded_is_refused() -> None:
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as client:
        with pytest.raises(ConfigurationError, match=r"httpx 0\.28"):
            guard(client, POLICY)
