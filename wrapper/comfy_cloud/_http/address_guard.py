"""Enforces an `AddressPolicy` on an httpx client, for every request and every redirect. I/O.

The URL is checked before each request. The addresses of its host are checked where the connection
is opened (`guarded_backends`), and only to those that were checked, so that a name cannot mean
another address a moment later. Over a proxy it is the proxy that resolves names; then the URL alone
is checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx

from .._settings.storage_hosts import AddressPolicy
from ..errors import ConfigurationError


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
    client.event_hooks = {**client.event_hooks, "request": [check_async if is_async else check]}
    # `_mounts` has the transports that use a proxy, and None.
    transport: Any = getattr(client, "_transport", None)
    if hasattr(transport, "guard_addresses"):
        transport.guard_addresses(policy)
        return
    pool: Any = getattr(transport, "_pool", None)
    backend = getattr(pool, "_network_backend", None)
    if backend is None:
        raise ConfigurationError("This version of httpx is not supported: install httpx 0.28")
    from .guarded_backends import AsyncGuardedBackend, GuardedBackend  # imports httpcore, which takes long

    pool._network_backend = (AsyncGuardedBackend if is_async else GuardedBackend)(backend, policy)


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
