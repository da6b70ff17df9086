"""Requests for httpx, made without what it would find out anew for each of them. Pure."""

from __future__ import annotations

from typing import Any

import httpx

# Methods whose requests say that there is no body.
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_NO_BODY = httpx.ByteStream(b"")


class Request(httpx.Request):
    """A request without a body. Its `headers` are made when they are needed."""

    def __init__(
        self,
        method: str,
        url: httpx.URL,
        raw_headers: list[tuple[bytes, bytes]],
        extensions: dict[str, Any],
    ) -> None:
        self.method = method
        self.url = url
        self.raw_headers = raw_headers
        self.extensions = dict(extensions)
        self.stream = _NO_BODY
        self._content = b""
        self._headers: httpx.Headers | None = None

    @property
    def headers(self) -> httpx.Headers:
        """The headers. Of no cached property: those have a lock, which Ctrl-C could leave taken."""
        if self._headers is None:
            self._headers = httpx.Headers(self.raw_headers)
        return self._headers

    @headers.setter
    def headers(self, headers: httpx.Headers) -> None:
        self._headers = headers

    @property
    def unread_headers(self) -> list[tuple[bytes, bytes]] | None:
        """The headers while nobody has read or replaced `headers`; else None."""
        return self.raw_headers if self._headers is None else None


def http_request(
    method: str,
    url: httpx.URL | str,
    headers: list[tuple[bytes, bytes]],
    extensions: dict[str, Any],
    body: dict[str, Any],
) -> httpx.Request:
    """The request for httpx; `body` has its other arguments.

    Without a body, httpx would take several times as long to find that out and to add the host.
    """
    if not body and method not in _WITH_BODY and isinstance(url, httpx.URL) and url.host:
        for name, _ in headers:
            if name.lower() == b"host":
                break
        else:
            return Request(method, url, [(b"Host", url.netloc), *headers], extensions)
    return httpx.Request(method, url, headers=headers, extensions=extensions, **body)
