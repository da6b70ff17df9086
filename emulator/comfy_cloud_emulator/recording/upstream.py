"""The server that is recorded: its settings, and the connections to it. I/O.

The key goes to the origin of the base URL and nowhere else. A signed URL is read by the client's
own storage client, which has no key and opens connections only to addresses that are allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Final

import httpx

from comfy_cloud._http.address_guard import AddressRefused
from comfy_cloud._http.clients import new_async_http_client, new_async_storage_client, tls_context
from comfy_cloud._http.websocket import SocketAddress
from comfy_cloud._settings.config import Settings, load
from comfy_cloud._settings.origins import origin_of
from comfy_cloud._version import __version__

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

__all__ = ["AddressRefused", "Settings", "Upstream", "load"]

VERSION: Final = __version__
_CONNECTIONS: Final = 50
_SILENCE: Final = 900.0
"""Seconds that a response may be silent: the program has a time limit of its own."""


class Upstream:
    """The server. `stand_in` is the key that programs send to the recorder in place of its own."""

    def __init__(self, settings: Settings, stand_in: str) -> None:
        self._settings = settings
        self._stand_in = stand_in
        self.base_url = settings.base_url
        self._key = None if settings.api_key is None else settings.api_key.reveal()
        self._api: httpx.AsyncClient | None = None
        self._storage: httpx.AsyncClient | None = None

    @property
    def keys(self) -> list[str]:
        """The keys of the settings."""
        secrets = (self._settings.api_key, self._settings.partner_api_key)
        return [each.reveal() for each in secrets if each is not None]

    @property
    def has_key(self) -> bool:
        """Whether there is a key to send."""
        return self._key is not None

    def with_key(self, text: str) -> str:
        """Text of a request with the server's key in place of the recorder's."""
        return text if self._key is None else text.replace(self._stand_in, self._key)

    def with_key_in_body(self, content: bytes) -> bytes:
        """A body, likewise."""
        return content if self._key is None else content.replace(self._stand_in.encode(), self._key.encode())

    async def send(
        self, method: str, target: str, headers: Sequence[tuple[str, str]], content: Any
    ) -> httpx.Response:
        """Send a request to the API. Raises the exceptions of httpx; follows no redirect."""
        if self._api is None:
            self._api = new_async_http_client(
                self.base_url, _CONNECTIONS, self._settings.network, is_plain=True
            )
            # Cookies are between the program and the server.
            self._api.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
        request = self._api.build_request(
            method,
            self._address(target),
            headers=[(name, self.with_key(value)) for name, value in headers],
            content=content,
            timeout=self._timeout(),
        )
        return await self._api.send(request, stream=True)

    async def fetch(self, url: str) -> httpx.Response:
        """Read a signed URL, without a key. Raises AddressRefused where it must not lead."""
        if self._storage is None:
            settings = self._settings
            self._storage = new_async_storage_client(
                self.base_url,
                _CONNECTIONS,
                settings.timeout,
                settings.address_policy,
                settings.network,
                is_plain=True,
            )
        request = self._storage.build_request("GET", url, timeout=self._timeout())
        return await self._storage.send(request, stream=True)

    async def connect(self, target: str, headers: Sequence[tuple[str, str]]) -> ClientConnection:
        """Open a websocket at the server. Follows no redirect, and raises InvalidStatus for one."""
        from websockets.asyncio.client import connect

        class Unredirected(connect):
            def process_redirect(self, exc: Exception) -> Exception | str:
                return exc

        settings = self._settings
        address = SocketAddress(self.base_url, "", timeout=settings.timeout, network=settings.network)
        is_tls = origin_of(self.base_url)[0] == "https"
        options = address.options(tls_context(settings.network.ca_file) if is_tls else None)
        options["additional_headers"] = [(name, self.with_key(value)) for name, value in headers]
        url = f"ws{str(self._address(target)).removeprefix('http')}"
        # The frames of a server are passed on as they are, and it may be silent for long.
        return await Unredirected(url, **options, user_agent_header=None, ping_interval=None)

    async def close(self) -> None:
        """Close the connections."""
        for client in (self._api, self._storage):
            if client is not None:
                await client.aclose()

    def _address(self, target: str) -> httpx.URL:
        """The server's address for a target, which can only change the path and the query.

        Raises httpx.InvalidURL for a target that is no path: "@evil.example" after a host would be
        another host.
        """
        if not target.startswith("/"):
            raise httpx.InvalidURL("the target of a request must begin with a slash")
        url = httpx.URL(self.base_url)
        return url.copy_with(raw_path=url.raw_path.rstrip(b"/") + self.with_key(target).encode("latin-1"))

    def _timeout(self) -> httpx.Timeout:
        return httpx.Timeout(self._settings.timeout, read=_SILENCE)
