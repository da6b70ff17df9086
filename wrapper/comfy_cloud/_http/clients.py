"""The httpx clients for the API and for a storage, and the TLS context they share. I/O.

Nothing here knows an operation or a key.
"""

from __future__ import annotations

import ssl
import threading
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.util import find_spec
from typing import Any
from urllib.request import getproxies

import httpx

from .._settings.origins import is_loopback, origin_of
from .large_reads import use_large_reads
from .limited_streams import use_time_limits

USER_AGENT = "comfy-cloud-python"
_STORAGE_REDIRECTS = 5

_tls_lock = threading.Lock()
_tls_context: ssl.SSLContext | None = None


def tls_context() -> ssl.SSLContext:
    """The TLS context of all clients: reading the certificates is most of what a client costs."""
    global _tls_context
    with _tls_lock:
        if _tls_context is None:
            _tls_context = httpx.create_ssl_context()
        return _tls_context


def new_http_client(base_url: str, max_connections: int) -> httpx.Client:
    """A sync httpx client for the API: no redirects, shared TLS, no proxy on loopback."""
    client = httpx.Client(**_client_arguments(base_url, max_connections))
    use_time_limits(client)
    use_large_reads(client)
    return client


def new_async_http_client(base_url: str, max_connections: int) -> httpx.AsyncClient:
    """An async httpx client for the API; over aiohttp when the extra `fast` is installed.

    With a proxy in the environment it uses httpx's own transport, which supports it.
    """
    client = httpx.AsyncClient(**_over_aiohttp(_client_arguments(base_url, max_connections)))
    use_time_limits(client)
    use_large_reads(client)
    return client


def new_storage_client(base_url: str, max_connections: int, timeout: float) -> httpx.Client:
    """A sync httpx client for signed URLs of a storage: no credentials, follows redirects."""
    client = httpx.Client(**_storage_arguments(base_url, max_connections, timeout))
    use_time_limits(client)
    use_large_reads(client)
    return client


def new_async_storage_client(base_url: str, max_connections: int, timeout: float) -> httpx.AsyncClient:
    """An async httpx client for signed URLs of a storage: no credentials, follows redirects."""
    arguments = _storage_arguments(base_url, max_connections, timeout)
    client = httpx.AsyncClient(**_over_aiohttp(arguments))
    use_time_limits(client)
    use_large_reads(client)
    return client


def has_aiohttp() -> bool:
    """Whether the extra `fast` is installed."""
    return find_spec("httpx_aiohttp") is not None


def proxy_hint(client: httpx.Client | httpx.AsyncClient) -> str:
    """What to add to the message of a failed connection when the client uses a proxy."""
    if any(transport is not None for transport in getattr(client, "_mounts", {}).values()):
        return ". It goes through a proxy: check ALL_PROXY, HTTP_PROXY, HTTPS_PROXY and NO_PROXY"
    return ""


def _client_arguments(base_url: str, max_connections: int) -> dict[str, Any]:
    scheme, host, _ = origin_of(base_url)
    # Plain http never needs the certificates. A context without any refuses all TLS, so this is
    # safe.
    verify = tls_context() if scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return {
        "follow_redirects": False,
        "verify": verify,
        "trust_env": not is_loopback(host),
        "limits": httpx.Limits(max_connections=max_connections, max_keepalive_connections=max_connections),
        "headers": {"User-Agent": USER_AGENT},
    }


def _storage_arguments(base_url: str, max_connections: int, timeout: float) -> dict[str, Any]:
    arguments = _client_arguments(base_url, max_connections)
    # An encoded body could be neither measured nor resumed.
    headers = {**arguments["headers"], "Accept-Encoding": "identity"}
    return {
        **arguments,
        "verify": tls_context(),  # the storage may use TLS where the API does not
        "headers": headers,
        "timeout": timeout,
        "follow_redirects": True,
        "max_redirects": _STORAGE_REDIRECTS,
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())),  # accepts no cookies
    }


def _over_aiohttp(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with the transport of the extra `fast`, if installed and without a proxy."""
    if not has_aiohttp() or (arguments["trust_env"] and getproxies()):
        return arguments
    from .aiohttp_transport import transport

    rest = {name: value for name, value in arguments.items() if name not in ("limits", "verify")}
    return {**rest, "transport": transport(arguments["verify"], arguments["limits"])}
