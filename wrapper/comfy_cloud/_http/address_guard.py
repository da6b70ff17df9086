"""Enforces an `AddressPolicy` on an httpx client, for every request and every redirect. I/O.

The URL is checked before each request. The addresses of its host are checked where the connection
is opened, and only to those that were checked, so that a name cannot mean another address a moment
later. Over a proxy it is the proxy that resolves names; then the URL alone is checked.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpcore
import httpx

from .._settings.storage_hosts import AddressPolicy
from ..errors import ConfigurationError

# Seconds after which the next address is tried as well, as RFC 8305 recommends.
_NEXT_ADDRESS_AFTER = 0.25


class AddressRefused(httpx.ConnectError):
    """A server named an address that the policy does not allow. The message says which and why."""


def guard(client: httpx.Client | httpx.AsyncClient, policy: AddressPolicy) -> None:
    """Hold a client to a policy."""

    def check(request: httpx.Request) -> None:
        url = request.url
        host = url.raw_host.decode("ascii", "replace")
        reason = policy.refusal_of_url(url.scheme, host, has_credentials=bool(url.userinfo))
        if reason is not None:
            raise AddressRefused(reason)

    async def check_async(request: httpx.Request) -> None:
        check(request)

    is_async = isinstance(client, httpx.AsyncClient)
    client.event_hooks = {"request": [check_async if is_async else check], "response": []}
    # `_mounts` has the transports that use a proxy, and None.
    transport: Any = getattr(client, "_transport", None)
    if hasattr(transport, "guard_addresses"):
        transport.guard_addresses(policy)
        return
    pool: Any = getattr(transport, "_pool", None)
    backend = getattr(pool, "_network_backend", None)
    if backend is None:
        raise ConfigurationError("This version of httpx is not supported: install httpx 0.28")
    pool._network_backend = (_AsyncGuardedBackend if is_async else _GuardedBackend)(backend, policy)


class _GuardedBackend(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend, policy: AddressPolicy) -> None:
        self._inner = inner
        self._policy = policy

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        failure: Exception | None = None
        for address in allowed_addresses(self._policy, host, [str(entry[4][0]) for entry in found]):
            try:
                return self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = failure or error
        assert failure is not None  # noqa: S101 - there is at least one address
        raise failure

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _AsyncGuardedBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, inner: httpcore.AsyncNetworkBackend, policy: AddressPolicy) -> None:
        self._inner = inner
        self._policy = policy

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.AsyncNetworkStream:
        import anyio

        try:
            with anyio.fail_after(timeout):
                found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        addresses = allowed_addresses(self._policy, host, [str(entry[4][0]) for entry in found])

        async def connect(address: str) -> httpcore.AsyncNetworkStream:
            return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)

        return await _first_connected(connect, addresses)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


def allowed_addresses(policy: AddressPolicy, host: str, addresses: Sequence[str]) -> list[str]:
    """Those of a host's addresses that the policy allows.

    Raises AddressRefused if there is none.
    """
    reasons = {address: policy.refusal_of_address(host, address) for address in addresses}
    allowed = [address for address, reason in reasons.items() if reason is None]
    if not allowed:
        reason = next(iter(reasons.values()), None)
        raise AddressRefused(reason or "a host without an address")
    return allowed


async def _first_connected(
    connect: Callable[[str], Awaitable[httpcore.AsyncNetworkStream]], addresses: Sequence[str]
) -> httpcore.AsyncNetworkStream:
    """The first connection to one of the addresses. A slow one delays the others only briefly."""
    import anyio

    if len(addresses) == 1:
        return await connect(addresses[0])
    connected: list[httpcore.AsyncNetworkStream] = []
    failures: list[Exception] = []

    async def attempt(address: str, has_failed: anyio.Event) -> None:
        try:
            stream = await connect(address)
        except Exception as error:  # noqa: BLE001 - raised below, if no address can be reached
            failures.append(error)
            has_failed.set()
            return
        connected.append(stream)
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for address in addresses:
            has_failed = anyio.Event()
            group.start_soon(attempt, address, has_failed)
            with anyio.move_on_after(_NEXT_ADDRESS_AFTER):
                await has_failed.wait()
    if not connected:
        raise failures[0]
    with anyio.CancelScope(shield=True):
        for late in connected[1:]:
            await late.aclose()
    return connected[0]
