"""Sending a part of a file that is known as a whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse
from starlette.types import Scope

from comfy_cloud_emulator.http.byte_ranges import requested_range


def part_response(
    headers: Sequence[tuple[str, str]],
    size: int,
    scope: Scope,
    chunks: Callable[[int, int], AsyncIterator[bytes]],
) -> Response:
    """The range that a request wants of a body of `size` bytes, or all of it.

    `chunks` is called with the first byte and the number of bytes.
    """
    etag = next((value for name, value in headers if name == "etag"), "")
    part = requested_range(Headers(scope=scope), etag, size)
    status, sent = part.status, {**dict(headers), **part.headers, "accept-ranges": "bytes"}
    if part.is_beyond:
        return Response(status_code=416, headers={"content-range": f"bytes */{size}"})
    return StreamingResponse(chunks(part.first, part.length), status, sent)
