"""Where a key may go: only to its own server, and unencrypted only within this machine."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from .fields import Secret


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, lower-case host and port of a URL."""
    parts = urlsplit(url)
    return (
        parts.scheme,
        (parts.hostname or "").lower(),
        parts.port or (443 if parts.scheme == "https" else 80),
    )


def is_loopback(host: str) -> bool:
    """True for a host name or address that never leaves this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False  # a name such as 127.example.org is a host like any other


def is_comfy_cloud(host: str) -> bool:
    """True for a host of Comfy Cloud itself."""
    return host == "comfy.org" or host.endswith(".comfy.org")


def refuse_unencrypted_key(
    url: str, key: Secret | None, *, allow_insecure: bool, what: str = "API key"
) -> None:
    """Raise ConfigurationError when a key would leave this machine over plain http.

    `what` names the key in the error.
    """
    scheme, host, _ = origin_of(url)
    if key is not None and scheme == "http" and not is_loopback(host) and not allow_insecure:
        raise ConfigurationError(
            f"The {what} would be sent unencrypted to {host}. Use https, or pass allow_insecure=True if you "
            "trust the network."
        )
