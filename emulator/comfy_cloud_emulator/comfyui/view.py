"""Viewing files of a self-hosted ComfyUI: `GET /api/view` sends the bytes directly, or a range.

A file is identified by its folders and name, never by its content. Channels and previews are made
on request; an unknown channel means the whole file.
"""

from __future__ import annotations

import io
import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.decoding_threads import run_decoder
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.media import images
from comfy_cloud_emulator.media.media_types import media_type
from comfy_cloud_emulator.state.files.file_store import FileStore
from comfy_cloud_emulator.state.files.lookup import find_file
from comfy_cloud_emulator.state.files.named_files import KINDS, path_inside, without_annotation
from comfy_cloud_emulator.state.store import Store

from . import responses
from .file_responses import file_response

_FIRST_INSTANT: Final = 1_700_000_000_000
"""Modification time of files that are in no folder, in Unix milliseconds."""


def routes(store: Store) -> list[Operation]:
    """The operations of this module over a store."""

    async def view(request: Request) -> Response:
        query = request.query_params
        if "filename" not in query:
            return responses.empty_response(404)
        filename, kind = query["filename"], query.get("type", "output")
        filename, annotated = without_annotation(filename)
        kind = annotated or kind
        if not filename or filename.startswith("/") or ".." in filename or kind not in KINDS:
            return responses.empty_response(400)
        subfolder = path_inside(kind, query.get("subfolder", ""))
        if subfolder is None:
            return responses.empty_response(403)
        # A folder in the name is dropped, and the file of that name served in its stead.
        name = filename.rpartition("/")[2]
        found = store.folders.get(kind, subfolder, name)
        if found is None:
            seeded = find_file(store, name)
            if seeded is None:
                return responses.empty_response(404)
            stored, modified = seeded.filename, _FIRST_INSTANT
        else:
            stored, modified = found.stored, found.modified
        if any(char in name for char in "\r\n\0"):
            raise responses.InternalError  # no header can have it
        converted = None
        if "preview" in query or query.get("channel") in ("rgb", "a"):
            converted = await run_decoder(
                _converted, store.files, stored, query.get("channel"), query.get("preview")
            )
        shown = responses.NO_DOCUMENT | {
            "content-disposition": f'filename="{name}"'.encode().decode("latin-1")
        }
        if converted is not None:
            return Response(converted[0], headers=shown, media_type=converted[1])
        opened, size = store.files.open(stored), store.files.size(stored)
        if opened is None or size is None:
            return responses.empty_response(404)
        return file_response(request, opened, size, modified, media_type(name), shown)

    return [Operation("GET", "/api/view", view)]


def _converted(files: FileStore, stored: str, channel: str | None, preview: str | None) -> tuple[bytes, str]:
    """A channel or a smaller encoding of an image: bytes and media type.

    Raises InternalError for anything but an image.
    """
    try:
        opened = files.open(stored) or io.BytesIO()
        with opened, images.decoded(opened) as image:
            return _preview(image, channel, preview) if preview is not None else _channel(image, channel)
    except (OSError, ValueError) as error:
        raise responses.InternalError from error


def _preview(image: Any, channel: str | None, preview: str) -> tuple[bytes, str]:
    parts = preview.split(";")
    format = parts[0] if parts[0] in ("webp", "jpeg") and "a" not in (channel or "") else "webp"
    quality = min(int(parts[-1]), 100) if re.fullmatch("[0-9]{1,9}", parts[-1]) else 90
    target = io.BytesIO()
    (images.in_mode(image, "RGB") if format == "jpeg" or channel == "rgb" else image).save(
        target, format.upper(), quality=quality
    )
    return target.getvalue(), f"image/{format}"


def _channel(image: Any, channel: str | None) -> tuple[bytes, str]:
    from PIL import Image

    if channel == "rgb":
        picked = images.in_mode(image, "RGB")
    else:
        alpha = image.getchannel("A") if image.mode == "RGBA" else Image.new("L", image.size, 255)
        picked = Image.new("RGBA", image.size)
        picked.putalpha(alpha)
    target = io.BytesIO()
    picked.save(target, "PNG")
    return target.getvalue(), "image/png"
