"""Bounds on the bodies of requests: each one, and all that are held in memory at a time.

Forms go to the disk while they arrive, so they may be larger than other bodies.
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .responses import ApiProblem, error_response

LARGEST_FORM: Final = 2 * 1024**3 + (1 << 20)
"""Bytes of a form: the largest asset, and its other fields."""
LARGEST_BODY: Final = 100 << 20
"""Bytes of any other body."""
HELD: Final = 256 << 20
"""Bytes of the bodies that are not forms, of all requests in progress."""


class BodyLimit:
    """Returns 413 for a request whose body is too large, and 503 when too many are being read.

    A body of unknown length is counted as it arrives; reading on then raises `ApiProblem`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on."""
        headers = Headers(scope=scope)
        is_form = headers.get("content-type", "").lower().startswith("multipart/")
        most = LARGEST_FORM if is_form else LARGEST_BODY
        if int(headers.get("content-length", "0")) > most:
            await error_response(413, _too_large(most))(scope, receive, send)
            return
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            added = len(message.get("body", b"")) if message["type"] == "http.request" else 0
            size += added
            if not is_form:
                self._held += added
            if size > most:
                raise ApiProblem(413, _too_large(most))
            if not is_form and self._held > HELD:
                raise ApiProblem(503, "too many large requests at a time; send this one again later")
            return message

        try:
            await self._app(scope, counted, send)
        finally:
            if not is_form:
                self._held -= size


def _too_large(most: int) -> str:
    return f"the body is larger than {most} bytes"
