"""Which addresses the library follows when a server names one, such as a signed URL. Pure rules.

By default: https to public addresses, and the host of the base URL itself. With a base URL on this
machine also everything else on this machine, as with an emulator. The setting `storage_hosts` adds
hosts. `_http/address_guard.py` enforces it, redirect by redirect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from .address_rules import is_loopback_address, literal_address, looks_like_an_address, why_not_public
from .fields import Secret
from .origins import is_loopback

# With a scheme http is allowed as well, or only https is. Then a host, "*." and a domain, or "*".
_PATTERN = re.compile(r"(?:https?://)?(?:\*|(?:\*\.)?[\w-]+(?:\.[\w-]+)*|\[[0-9a-fA-F:.]+\])")
_SHORTEST_KEY = 8
_SHOWN = 100


def storage_hosts_from(value: object) -> tuple[str, ...]:
    """Patterns of hosts, from a list of them, or from text with commas.

    Raises ConfigurationError for one that is not valid.
    """
    if value is None:
        return ()
    items: Iterable[object] = value.split(",") if isinstance(value, str) else ()
    if isinstance(value, (list, tuple, set, frozenset)):
        items = value
    elif not isinstance(value, str):
        raise ConfigurationError(f"storage_hosts must be a list of host names, not {type(value).__name__}")
    hosts = tuple(str(item).strip().lower() for item in items)
    for host in filter(None, hosts):
        if not _PATTERN.fullmatch(host):
            raise ConfigurationError(
                f"storage_hosts must contain host names such as files.example.com, *.example.com or "
                f"http://minio.lan, without a port or path, not {host[:_SHOWN]!r}"
            )
    return tuple(filter(None, hosts))


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """The addresses that a client follows.

    `hidden` are keys; a host that contains one is not shown, since a server may have put it there.
    Reasons name the setting as their fix unless `names_setting` is False.
    """

    base_url: str
    storage_hosts: Sequence[str] = ()
    names_setting: bool = True
    hidden: Sequence[Secret | None] = field(default=(), repr=False)

    def refusal_of_url(self, scheme: str, host: str, *, has_credentials: bool = False) -> str | None:
        """Why a URL is not followed, or None. `host` is as it is sent, without brackets."""
        name = _normal(host)
        if scheme not in ("http", "https") or not name:
            return "a URL that is neither http nor https"
        if has_credentials:
            return "a URL with a user name or password"
        if looks_like_an_address(name) and literal_address(name) is None:
            return f"{self._shown(name)}, which is not a usual form of an address"
        if self._is_trusted(scheme, name) or (scheme == "http" and self._is_local_too(name)):
            return None
        if scheme != "https":
            return self._with_fix(f"http://{self._shown(name)}, which is not encrypted", f"http://{name}")
        address = literal_address(name)
        if is_loopback(name) and address is None:
            return None if self._is_local else self._with_fix(f"{self._shown(name)}, this machine", name)
        return None if address is None else self.refusal_of_address(name, str(address))

    def refusal_of_address(self, host: str, address: str) -> str | None:
        """Why no connection is opened to this address of `host`, or None."""
        name = _normal(host)
        if self._is_trusted("https", name) or self._is_trusted("http", name):
            return None
        found = literal_address(address.partition("%")[0])
        if found is None:
            return self._with_fix(f"{self._shown(name)}, which has no valid address", name)
        if self._is_local and is_loopback_address(found):
            return None
        what = why_not_public(found)
        if what is None:
            return None
        return self._with_fix(f"{self._shown(name)}, which is {what}", name)

    @property
    def _is_local(self) -> bool:
        return is_loopback(_host_of(self.base_url))

    def _is_local_too(self, name: str) -> bool:
        return self._is_local and is_loopback(name)

    def _is_trusted(self, scheme: str, name: str) -> bool:
        """Whether a host is the one of the base URL, or of the setting, and may use this scheme."""
        base = urlsplit(self.base_url)
        if name == _host_of(self.base_url) and scheme in ("https", base.scheme):
            return True
        return any(_matches(pattern, scheme, name) for pattern in self.storage_hosts)

    def _shown(self, name: str) -> str:
        for key in self.hidden:
            text = key.reveal().lower() if key is not None else ""
            if len(text) >= _SHORTEST_KEY and text in name:
                return "a host that contains your key"
        return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}..."

    def _with_fix(self, reason: str, pattern: str) -> str:
        if not self.names_setting or "contains your key" in self._shown(_normal(pattern)):
            return reason
        host = f"[{pattern}]" if ":" in pattern.removeprefix("http://") else pattern
        return f"{reason}. If your server keeps files there, pass storage_hosts=[{host[:_SHOWN]!r}]"


def _matches(pattern: str, scheme: str, name: str) -> bool:
    allowed, has_scheme, host = pattern.rpartition("://")
    if scheme != "https" and not (has_scheme and allowed == scheme):
        return False
    if host.startswith("*"):
        return name.endswith(host[1:])
    return name == _normal(host)


def _host_of(url: str) -> str:
    return _normal(urlsplit(url).hostname or "")


def _normal(host: str) -> str:
    """A host in lower case, without brackets and final dot; an address in its usual form."""
    name = host.lower().strip("[]")
    address = literal_address(name)
    if address is not None:
        return str(address)
    return name[:-1] if name.endswith(".") else name
