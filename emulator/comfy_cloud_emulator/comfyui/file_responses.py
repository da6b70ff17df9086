"""How a self-hosted ComfyUI sends a file: whole or a range, with its time and an entity tag."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from comfy_cloud_emulator.http import byte_ranges


def file_response(
    request: Request, opened: BinaryIO, size: int, modified: int, kind: str, shown: dict[str, str]
) -> Response:
    """The file or the requested range of it, which closes the file.

    `modified` is in Unix milliseconds, `kind` the media type, `shown` further headers.
    """
    etag, written = f'"{modified:x}-{size:x}"', datetime.fromtimestamp(modified // 1000, UTC)
    shown = shown | {
        "etag": etag,
        "last-modified": format_datetime(written, usegmt=True),
        "accept-ranges": "bytes",
    }
    if byte_ranges.matches_etag(request.headers.get("if-none-match"), etag):
        opened.close()
        known = {name: value for name, value in shown.items() if name != "accept-ranges"}
        return Response(status_code=304, headers=known | {"content-type": kind})
    is_current = not _is_newer(written, request.headers.get("if-range"))
    part = byte_ranges.parse_range(request.headers.get("range") if is_current else None, size)
    if part.is_beyond:
        opened.close()
        headers = {"content-range": f"bytes */{size}", "content-disposition": shown["content-disposition"]}
        return Response(status_code=416, headers=headers | {"content-type": kind})
    chunks = byte_ranges.chunks(opened, part.first, part.length)
    return StreamingResponse(chunks, part.status, shown | part.headers, kind)


def _is_newer(written: datetime, condition: str | None) -> bool:
    """Whether a file was written after an If-Range date. Other values of the header are ignored."""
    try:
        return condition is not None and written > parsedate_to_datetime(condition)
    except ValueError:
        return False
