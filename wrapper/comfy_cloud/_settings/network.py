"""How a client reaches its server: the proxy, and whose certificates are trusted. Pure rules.

The same for the API, for signed URLs and for the websocket. Without the setting `proxy`, the
variables of the environment count as httpx reads them; `proxy_in` is that rule for the websocket.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from ..errors import ConfigurationError
from .address_rules import literal_address
from .fields import Secret
from .origins import is_loopback, origin_of

DIRECT = "direct"
_SCHEMES = ("http", "https", "socks5", "socks5h")
_EXPECTED = f'Expected something like http://proxy.example.com:3128, or "{DIRECT}" for no proxy'


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """The proxy, which may contain a password, and a file with certificates to trust.

    `proxy` None means that the environment decides.
    """

    proxy: Secret | None = None
    ca_file: str | None = None

    @property
    def is_direct(self) -> bool:
        """Whether no proxy is used, whatever the environment says."""
        return self.proxy is not None and self.proxy.reveal() == DIRECT

    @property
    def own_proxy(self) -> str | None:
        """The proxy of the setting."""
        return self.proxy.reveal() if self.proxy is not None and not self.is_direct else None

    def proxy_for(self, base_url: str, environment: Mapping[str, str]) -> str | None:
        """The proxy for a server. `environment` is what `urllib.request.getproxies` returns."""
        if self.proxy is not None:
            return self.own_proxy
        return None if is_loopback(origin_of(base_url)[1]) else proxy_in(environment, base_url)


USUAL_NETWORK = NetworkSettings()


def proxy_from(value: object) -> Secret | None:
    """The URL of a proxy, or "direct". Raises ConfigurationError, without quoting a password."""
    if value is None or isinstance(value, Secret):
        return value
    text = str(value).strip()
    if text.lower() == DIRECT:
        return Secret(DIRECT)
    parts = None
    try:
        parts = urlsplit(text)
        is_valid = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if parts is None or not is_valid or _has_more(parts) or not text.isascii():
        raise ConfigurationError(
            f"proxy needs a URL with one of the schemes {', '.join(_SCHEMES)}, a host and a port. {_EXPECTED}"
        )
    return Secret(f"{parts.scheme}://{_with_password(parts.netloc)}")


def ca_file_from(value: object) -> str | None:
    """The path of a file or folder with certificates. Raises ConfigurationError."""
    if value is None:
        return None
    if not isinstance(value, (str, os.PathLike)):
        raise ConfigurationError(f"ca_file must be the path of a PEM file, not {type(value).__name__}")
    path = os.fspath(value)
    if not isinstance(path, str) or not path.strip():
        raise ConfigurationError("ca_file must be the path of a PEM file; leave it out for the usual ones")
    return os.path.expanduser(path)


def proxy_in(environment: Mapping[str, str], url: str) -> str | None:
    """The proxy that the environment names for a URL, chosen as httpx does."""
    scheme, host, _ = origin_of(url)
    port = urlsplit(url).port
    for entry in environment.get("no", "").split(","):
        if _is_excluded(entry.strip().lower(), scheme, host, port):
            return None
    proxy = environment.get(scheme) or environment.get("all")
    if not proxy:
        return None
    own_scheme, separator, address = proxy.partition("://")
    return f"{own_scheme}://{_with_password(address)}" if separator else f"http://{_with_password(proxy)}"


def _is_excluded(entry: str, scheme: str, host: str, port: int | None) -> bool:
    if entry in ("", "*"):
        return entry == "*"
    if "://" in entry:
        only_scheme, _, entry = entry.partition("://")
        if only_scheme not in ("all", scheme):
            return False
        return entry.strip("[]") == host
    if literal_address(entry) is not None or entry == "localhost":
        return entry == host
    name, has_port, only_port = entry.partition(":")
    if has_port and only_port != str(port):
        return False
    return (host == name and not name.startswith(".")) or host.endswith(f".{name.removeprefix('.')}")


def _with_password(address: str) -> str:
    """A user name without a password is not accepted everywhere, one with an empty password is."""
    user, at, host = address.rpartition("@")
    return f"{user}:@{host}" if at and ":" not in user else address


def _has_more(parts: SplitResult) -> bool:
    """Whether a URL has more than a scheme, a user, a host and a port."""
    return bool(parts.path.strip("/") or parts.query or parts.fragment)
