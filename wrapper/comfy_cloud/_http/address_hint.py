"""What to add to the message of a failed connection: where the address and the proxy came from.

Pure, except that it reads which proxy the environment names, as httpx did. The user name and the
password of a proxy are never shown.
"""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx

from .._settings.config import Settings

_VARIABLES = "HTTP_PROXY, HTTPS_PROXY or ALL_PROXY"


def connection_hint(settings: Settings, client: httpx.Client | httpx.AsyncClient, *, is_own: bool) -> str:
    """The hint for a client over HTTP. `is_own` is False for a client that the caller passed."""
    uses_proxy = any(transport is not None for transport in getattr(client, "_mounts", {}).values())
    if is_own or not uses_proxy:
        return _of_address(settings) + (socket_hint(settings, with_address=False) if uses_proxy else "")
    return f"{_of_address(settings)}. It goes through a proxy of the http_client that was passed"


def socket_hint(settings: Settings, *, with_address: bool = True) -> str:
    """The hint for the websocket; without `with_address` only what is said about the proxy."""
    address = _of_address(settings) if with_address else ""
    proxy = settings.network.proxy_for(settings.base_url, getproxies())
    if proxy is None:
        return address
    return (
        f"{address}. It goes through the proxy {_shown(proxy)}, from {proxy_source(settings)}: check "
        "proxy=, ALL_PROXY, HTTP_PROXY, HTTPS_PROXY and NO_PROXY"
    )


def proxy_source(settings: Settings) -> str:
    """Where a proxy comes from: the setting, and how it was given, or the environment."""
    if settings.network.proxy is None:
        return f"the environment ({_VARIABLES})"
    return _named("proxy", settings.sources.get("proxy", "argument"))


def _of_address(settings: Settings) -> str:
    source = settings.sources.get("base_url", "argument")
    if source == "default":
        return ". This is the default address: pass base_url=, or set COMFY_CLOUD_BASE_URL, for another"
    return f". The address comes from {_named('base_url', source)}"


def _named(setting: str, source: str) -> str:
    if source == "argument":
        return f"the argument {setting}="
    return source if source.startswith("the ") else f"the {source}"


def _shown(proxy: str) -> str:
    """Scheme, host and port of a proxy's URL."""
    try:
        parts = urlsplit(proxy)
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return "whose address cannot be read"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or "?"
    return f"{parts.scheme}://{host}{port}"
