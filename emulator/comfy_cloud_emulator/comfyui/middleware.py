"""What a self-hosted ComfyUI looks at before any operation: where a request comes from, and how long its body is."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from . import responses
from .info import LARGEST_BODY


class SameOrigin:
    """Refuses what a web page of another origin sends: a bare 403, also to a websocket."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403, or let the request through."""
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
            await responses.empty_response(403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class BoundedBody:
    """Refuses bodies that are announced as too long: a 413 in plain text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413, or let the request through."""
        length = Headers(scope=scope).get("content-length", "0")
        if length.isdigit() and int(length) > LARGEST_BODY:
            words = f"Maximum request body size {LARGEST_BODY} exceeded, actual body size {length}"
            await responses.text_response(413, words)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
