"""The httpx clients for the API and for a storage, and the TLS context they share. I/O.

Nothing here knows an operation or a key.
"""

from __future__ import annotations

import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.request import getproxies

import httpx

from .._settings.network import USUAL_NETWORK, NetworkSettings
from .._settings.origins import is_loopback, origin_of
from .._settings.storage_hosts import AddressPolicy
from ..errors import ConfigurationError
from .address_guard import guard
from .bounded_bodies import async_drop_body_of_redirect, drop_body_of_redirect
from .content_decoding import accepted_encodings
from .forks import ForkSafeLock
from .interrupted_pools import use_plain_locks
from .large_reads import use_large_reads

USER_AGENT = "comfy-cloud-python"
_STORAGE_REDIRECTS = 5

_tls_lock = ForkSafeLock()
_tls_context: ssl.SSLContext | None = None
_private_contexts: dict[str, ssl.SSLContext] = {}


def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """The TLS context of all clients: reading the certificates is most of what a client costs.

    With `ca_file`, the certificates in that file or folder are trusted as well. Raises
    ConfigurationError if it cannot be read.
    """
    global _tls_context
    with _tls_lock.lock:
        if _tls_context is None:
            _tls_context = httpx.create_ssl_context()
        if ca_file is None:
            return _tls_context
        if ca_file not in _private_contexts:
            _private_contexts[ca_file] = _context_with(ca_file)
        return _private_contexts[ca_file]


def new_http_client(
    base_url: str, max_connections: int, network: NetworkSettings = USUAL_NETWORK
) -> httpx.Client:
    """A sync httpx client for the API: no redirects, shared TLS.

    On loopback it uses no proxy of the environment.
    """
    client = httpx.Client(**_client_arguments(base_url, max_connections, network))
    _use_time_limits(client)
    _use_few_cookies(client)
    use_large_reads(client)
    use_plain_locks(client)
    return client


def new_async_http_client(
    base_url: str,
    max_connections: int,
    network: NetworkSettings = USUAL_NETWORK,
    *,
    is_plain: bool = False,
) -> httpx.AsyncClient:
    """An async httpx client for the API; over aiohttp when the extra `fast` is installed.

    With a proxy it uses httpx's own transport, which supports it. So it does if it `is_plain`:
    aiohttp repeats some requests whose connection broke, and nobody sees that.
    """
    arguments = _client_arguments(base_url, max_connections, network)
    fast = {} if is_plain else _over_aiohttp(arguments)
    if "transport" in fast:
        from .aiohttp_client import ShortResponseClient

        client: httpx.AsyncClient = ShortResponseClient(**fast)
    else:
        client = httpx.AsyncClient(**arguments)
    _use_time_limits(client)
    _use_few_cookies(client)
    use_large_reads(client)
    return client


def new_storage_client(
    base_url: str,
    max_connections: int,
    timeout: float,
    policy: AddressPolicy | None = None,
    network: NetworkSettings = USUAL_NETWORK,
) -> httpx.Client:
    """A sync httpx client for signed URLs of a storage: no credentials, follows redirects.

    It goes where `policy` allows; by default, that is the one of `base_url` without settings.
    """
    arguments = _storage_arguments(base_url, max_connections, timeout, network)
    client = httpx.Client(**arguments, event_hooks={"response": [drop_body_of_redirect]})
    guard(client, policy or AddressPolicy(base_url))
    _use_time_limits(client)
    _use_few_cookies(client)
    use_large_reads(client)
    use_plain_locks(client)
    return client


def new_async_storage_client(
    base_url: str,
    max_connections: int,
    timeout: float,
    policy: AddressPolicy | None = None,
    network: NetworkSettings = USUAL_NETWORK,
    *,
    is_plain: bool = False,
) -> httpx.AsyncClient:
    """An async httpx client for signed URLs of a storage: no credentials, follows redirects.

    It goes where `policy` allows; by default, that is the one of `base_url` without settings. If it
    `is_plain`, it does not use aiohttp.
    """
    arguments = _storage_arguments(base_url, max_connections, timeout, network)
    hooks = {"response": [async_drop_body_of_redirect]}
    transport = arguments if is_plain else _over_aiohttp(arguments)
    client = httpx.AsyncClient(**transport, event_hooks=hooks)
    guard(client, policy or AddressPolicy(base_url))
    _use_time_limits(client)
    _use_few_cookies(client)
    use_large_reads(client)
    return client


class _FewCookies(httpx.Cookies):
    """Looks for cookies only in responses that have some: httpx makes two objects to find none."""

    def extract_cookies(self, response: httpx.Response) -> None:
        if "set-cookie" in response.headers:
            super().extract_cookies(response)


def _use_few_cookies(client: httpx.Client | httpx.AsyncClient) -> None:
    # A private attribute. If the internals differ, finding none merely takes longer.
    if isinstance(getattr(client, "_cookies", None), httpx.Cookies):
        cookies = _FewCookies()
        cookies.jar = client.cookies.jar
        client._cookies = cookies


def _use_time_limits(client: httpx.Client | httpx.AsyncClient) -> None:
    from .limited_streams import use_time_limits  # imports httpcore, which takes long

    use_time_limits(client)


def has_aiohttp() -> bool:
    """Whether the extra `fast` is installed."""
    return find_spec("httpx_aiohttp") is not None


def _context_with(ca_file: str) -> ssl.SSLContext:
    context = httpx.create_ssl_context()
    try:
        if Path(ca_file).is_dir():
            context.load_verify_locations(capath=ca_file)
        else:
            context.load_verify_locations(cafile=ca_file)
    except OSError as error:
        reason = error.strerror if not isinstance(error, ssl.SSLError) else "it has no valid certificate"
        raise ConfigurationError(
            f"ca_file {ca_file} cannot be used: {reason}. It must be a PEM file with certificates, or a "
            "folder prepared by `openssl rehash`"
        ) from None
    return context


def _client_arguments(base_url: str, max_connections: int, network: NetworkSettings) -> dict[str, Any]:
    scheme, host, _ = origin_of(base_url)
    # Plain http never needs the certificates. A context without any refuses all TLS, so this is
    # safe.
    verify = tls_context(network.ca_file) if scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    arguments = {
        "follow_redirects": False,
        "verify": verify,
        "trust_env": network.proxy is None and not is_loopback(host),
        "limits": httpx.Limits(max_connections=max_connections, max_keepalive_connections=max_connections),
        "headers": {"User-Agent": USER_AGENT, "Accept-Encoding": accepted_encodings()},
    }
    if network.own_proxy is not None:
        is_tls = network.own_proxy.startswith("https://")
        # httpx would trust only the usual authorities for the proxy itself.
        context = tls_context(network.ca_file) if is_tls else None
        arguments["proxy"] = httpx.Proxy(network.own_proxy, ssl_context=context)
    return arguments


def _storage_arguments(
    base_url: str, max_connections: int, timeout: float, network: NetworkSettings
) -> dict[str, Any]:
    arguments = _client_arguments(base_url, max_connections, network)
    # An encoded body could be neither measured nor resumed.
    headers = {**arguments["headers"], "Accept-Encoding": "identity"}
    return {
        **arguments,
        "verify": tls_context(network.ca_file),  # the storage may use TLS where the API does not
        "headers": headers,
        "timeout": timeout,
        "follow_redirects": True,
        "max_redirects": _STORAGE_REDIRECTS,
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())),  # accepts no cookies
    }


def _over_aiohttp(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with the transport of the extra `fast`, if installed and without a proxy."""
    if not has_aiohttp() or "proxy" in arguments or (arguments["trust_env"] and getproxies()):
        return arguments
    from .aiohttp_transport import transport

    rest = {name: value for name, value in arguments.items() if name not in ("limits", "verify")}
    return {**rest, "transport": transport(arguments["verify"], arguments["limits"])}
