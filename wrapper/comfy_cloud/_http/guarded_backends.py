"""What opens the connections of an httpx client that is held to an `AddressPolicy`. I/O.

`address_guard` decides which addresses are allowed.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpcore

from .._settings.storage_hosts import AddressPolicy
from .address_guard import allowed_addresses

# Seconds after which the next address is tried as well, as RFC 8305 recommends.
_NEXT_ADDRESS_AFTER = 0.25


class GuardedBackend(httpcore.NetworkBackend):
    """Opens the connections of a sync client."""

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


class AsyncGuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens the connections of an async client."""

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
