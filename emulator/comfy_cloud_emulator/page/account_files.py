"""The account's files for the page: thumbnails of images, and audio and videos for its players.

Files come from clients, so none may become a document of the page's origin. A type that a browser
could run (SVG, HTML, and anything that is not listed here) is only offered as a download.
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse

from comfy_cloud_emulator.http import byte_ranges
from comfy_cloud_emulator.media import images
from comfy_cloud_emulator.media.media_types import UNKNOWN, media_type
from comfy_cloud_emulator.state.files.lookup import find_file
from comfy_cloud_emulator.state.store import Store
from comfy_cloud_emulator.storage.signed_urls import disposition

EDGE: Final = 256
"""Pixels of a thumbnail's longer edge."""
SHOWN: Final = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/webp",
        "image/gif",
        "image/bmp",
        "image/avif",
        "video/mp4",
        "video/webm",
        "audio/mpeg",
        "audio/wav",
        "audio/flac",
        "audio/ogg",
        "audio/opus",
        "audio/mp4",
    }
)
"""Types that a browser shows and never runs."""
HEADERS: Final = {
    # Named by its content, so it never changes.
    "cache-control": "private, max-age=86400, immutable",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
}


def thumbnail(store: Store, filename: str) -> Response | None:
    """A small JPEG of an image, or None when there is no such file or it is not an image."""
    file = find_file(store, filename)
    opened = None if file is None else store.files.open(file.filename)
    if opened is None:
        return None
    with opened:
        try:
            small = images.fitted_jpeg(opened, EDGE)
        except images.ImageRefused:
            return None
    return Response(small, headers=HEADERS, media_type="image/jpeg")


def whole(store: Store, filename: str, request_headers: Headers) -> Response | None:
    """The file or a range of it; a download unless browsers show the type safely."""
    file = find_file(store, filename)
    opened = None if file is None else store.files.open(file.filename)
    if file is None or opened is None:
        return None
    type = media_type(file.filename)
    is_shown = type in SHOWN
    headers = HEADERS | {
        "accept-ranges": "bytes",
        "content-disposition": disposition(file.display_name or file.filename, attachment=not is_shown),
        "etag": f'"{file.digest}"',
    }
    part = byte_ranges.requested_range(request_headers, headers["etag"], file.size)
    if part.is_beyond:
        opened.close()
        return Response(status_code=416, headers=HEADERS | {"content-range": f"bytes */{file.size}"})
    chunks = byte_ranges.chunks(opened, part.first, part.length)
    return StreamingResponse(chunks, part.status, headers | part.headers, type if is_shown else UNKNOWN)
