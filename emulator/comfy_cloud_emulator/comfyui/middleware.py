"""What a self-hosted ComfyUI checks before any operation: the request's origin and body length."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from . import responses


class SameOrigin:
    """Refuses requests of a web page from another origin with an empty 403, websockets too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Return 403, or pass the request on."""
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
            await responses.empty_response(403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class BoundedBody:
    """Refuses requests whose announced length is too large with a 413 in plain text."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Return 413, or pass the request on."""
        length = Headers(scope=scope).get("content-length", "0")
        if length.isdigit() and int(length) > self._largest:
            message = f"Maximum request body size {self._largest} exceeded, actual body size {length}"
            await responses.text_response(413, message)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
