"""Where an emulator listens, which hosts it is asked for, and how its callers reach its files.

On loopback, only loopback hosts are served. With a host that lets other machines in, so are literal
addresses and names that nobody can register on the internet: a web page could point a registered
name of its own at the emulator. The public URLs add theirs. Pure, but for the name of the host that
the current request asked for, which URLs of files repeat.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = "127.0.0.1"
SHORTEST_KEY: Final = 8
"""Characters of a key that protects an emulator from other machines."""
_PRIVATE_ENDINGS: Final = (".internal", ".local", ".localhost", ".test")
"""Ends of names that nobody can register."""
_NAME: Final = re.compile(r"[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9_])?")
_CALLED: ContextVar[str | None] = ContextVar("comfy_cloud_emulator_called_host", default=None)


def host_of(url: str) -> str:
    """The host name of a URL in lower case, without brackets; empty when it has none.

    Also empty for a URL with a user or a backslash, which programs take for different hosts.
    """
    if "@" in url or "\\" in url:
        return ""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether a host name without port can only mean this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """The addresses of one emulator.

    `host` is what it listens on: an IP address. `public_url` is how callers reach the API, and
    `public_files_url` how they reach its files, where that is not by the host that they ask for.
    `is_open` says whether other machines can reach it, by its host or by a proxy that has a public
    URL. Raises ValueError for values that are not valid.
    """

    host: str = LOOPBACK
    public_url: str | None = None
    public_files_url: str | None = None
    is_open: bool = field(init=False)

    def __post_init__(self) -> None:
        if not _is_address(self.host):
            raise ValueError(f"host: expected an IP address such as 0.0.0.0 or 127.0.0.1, got {self.host!r}")
        for name in ("public_url", "public_files_url"):
            value: str | None = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, _origin(name, value))
        urls = [url for url in (self.public_url, self.public_files_url) if url is not None]
        is_local = is_loopback(self.host) and all(is_loopback(host_of(url)) for url in urls)
        object.__setattr__(self, "is_open", not is_local)

    def serves(self, host: str) -> bool:
        """Whether it is served under this host name (without port)."""
        name = host.lower()
        if is_loopback(name) or (self.public_url is not None and name == host_of(self.public_url)):
            return True
        if self.public_files_url is not None and name == host_of(self.public_files_url):
            return True
        if not self.is_open:
            return False
        if _is_address(name):
            return True
        return bool(_NAME.fullmatch(name)) and ("." not in name or name.endswith(_PRIVATE_ENDINGS))

    def called(self, host: str) -> None:
        """Note under which host name the current request reached it."""
        if self.is_open and self.serves(host):
            _CALLED.set(host.lower())

    def own_url(self, port: int) -> str:
        """The URL of a port for programs on this machine."""
        return _url("http", LOOPBACK if self._is_wildcard else self.host, port)

    def files_url(self, port: int) -> str:
        """The origin of signed URLs, whose server listens on a port, for the current caller."""
        if self.public_files_url is not None:
            return self.public_files_url
        if self.public_url is not None:
            parts = urlsplit(self.public_url)
            return _url(parts.scheme, parts.hostname or "", port)
        called = _CALLED.get() if self.is_open else None
        return self.own_url(port) if called is None else _url("http", called, port)

    @property
    def _is_wildcard(self) -> bool:
        return ip_address(self.host).is_unspecified

    def refuse_shared_key(self, key: str, known: str) -> None:
        """Raise ValueError for a key that does not protect it from other machines.

        `known` is the key that everybody knows.
        """
        if self.is_open and (key == known or len(key) < SHORTEST_KEY):
            what = "a public URL" if is_loopback(self.host) else f"host={self.host!r}"
            raise ValueError(
                f"{what} lets other machines in: give key= a key of your own, of at least"
                f" {SHORTEST_KEY} characters"
            )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _url(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _origin(name: str, url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    is_host = _is_address(host) or bool(_NAME.fullmatch(host))
    extra = parts.path.strip("/") or parts.query or parts.fragment or parts.username or parts.password
    if parts.scheme not in ("http", "https") or not is_host or extra:
        raise ValueError(f"{name}: expected a URL such as http://emulator.test:8189, got {url[:80]!r}")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + ("" if port is None else f":{port}")
