"""Uploads to a self-hosted ComfyUI: `/api/upload/image`, `/api/upload/mask`.

A file keeps its name. If other content has that name, it gets a number, unless it may overwrite.
The content is not checked: the node that reads a file notices when it is not an image.
"""

from __future__ import annotations

import io
import posixpath
from collections.abc import Callable
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.decoding_threads import run_decoder
from comfy_cloud_emulator.http.forms import chunks, parsed_form
from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.http.responses import ApiProblem
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.media import images
from comfy_cloud_emulator.media.media_types import suffix_of
from comfy_cloud_emulator.state.files.file_store import FileKind
from comfy_cloud_emulator.state.files.named_files import KINDS, NamedFile, path_inside, without_annotation
from comfy_cloud_emulator.state.json_values import is_object
from comfy_cloud_emulator.state.store import Store

from . import responses

Content = Callable[[UploadFile], bytes | None]
"""From an upload to the bytes to store; None stores nothing."""


class _Refused(Exception):
    """An empty response with this status."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


def routes(store: Store) -> list[Operation]:
    """The operations of this module over a store."""

    async def upload_image(request: Request) -> Response:
        return await respond(request, lambda form: _content)

    async def upload_mask(request: Request) -> Response:
        return await respond(request, lambda form: _masked_content(store, form))

    async def respond(request: Request, content_by: Callable[[FormData], Content]) -> Response:
        try:
            form = await parsed_form(request)
        except ApiProblem as error:
            if error.status != 400:
                raise
            raise responses.InternalError from error
        try:
            return await run_decoder(_stored, store, form, content_by)
        except _Refused as refused:
            return responses.empty_response(refused.status)
        finally:
            await form.close()

    return [
        Operation("POST", "/api/upload/image", upload_image),
        Operation("POST", "/api/upload/mask", upload_mask),
    ]


def _stored(store: Store, form: FormData, content_by: Callable[[FormData], Content]) -> Response:
    kind = form.get("type", "input")
    if not isinstance(kind, str) or kind not in KINDS:
        raise responses.InternalError
    upload = form.get("image")
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise _Refused(400)
    subfolder = form.get("subfolder", "")
    if not isinstance(subfolder, str):
        raise responses.InternalError
    path = path_inside(kind, posixpath.join(posixpath.normpath(subfolder), upload.filename))
    if path is None:
        raise _Refused(400)
    folder, _, name = path.rpartition("/")
    # Only the folder of the form is made, not one in the name.
    is_made = folder == path_inside(kind, subfolder) or store.folders.has_folder(kind, folder)
    if not is_made or store.folders.has_folder(kind, path):
        raise responses.InternalError
    content = content_by(form)(upload)
    if form.get("overwrite") not in ("true", "1"):
        name, is_known = _free_name(store, kind, folder, name, content)
        if is_known:
            content = None
    if content is not None:
        stored = store.files.put(content, suffix_of(name), name, kind)
        store.folders.put(kind, folder, name, stored)
    shown = upload.filename
    if name != path.rpartition("/")[2]:
        # The name that was sent may contain folders; then the reported name does, too.
        shown = posixpath.join(posixpath.dirname(shown), name)
    return responses.json_response({"name": shown, "subfolder": subfolder, "type": kind})


def _free_name(
    store: Store, kind: FileKind, folder: str, wanted: str, content: bytes | None
) -> tuple[str, bool]:
    """The first name that is free or has this content already, and whether it has the content."""
    name, number = wanted, 1
    stem, extension = posixpath.splitext(wanted)
    while (there := store.folders.get(kind, folder, name)) is not None:
        if content is not None and store.files.get(there.stored) == content:
            return name, True
        name = f"{stem} ({number}){extension}"
        number += 1
    return name, False


def _content(upload: UploadFile) -> bytes:
    return b"".join(chunks(upload.file))


def _masked_content(store: Store, form: FormData) -> Content:
    """The original with the transparency of the upload; None when there is no original."""
    reference = _reference(form)
    original = _original(store, reference)

    def content(upload: UploadFile) -> bytes | None:
        from PIL.PngImagePlugin import PngInfo

        if original is None:
            return None
        texts, target = PngInfo(), io.BytesIO()
        try:
            opened = store.files.open(original.stored) or io.BytesIO()
            with opened, images.decoded(opened) as image:
                for name, value in getattr(image, "text", {}).items():
                    texts.add_text(name, value)
                result = images.in_mode(image, "RGBA")
                with images.decoded(upload.file) as mask:
                    result.putalpha(images.in_mode(mask, "RGBA").getchannel("A"))
                result.save(target, "PNG", compress_level=4, pnginfo=texts)
        except (OSError, ValueError) as error:
            raise responses.InternalError from error
        return target.getvalue()

    return content


def _reference(form: FormData) -> dict[str, Any]:
    text = form.get("original_ref")
    try:
        reference = read_json(text) if isinstance(text, str) else None
    except JsonRefused as error:
        raise responses.InternalError from error
    if not is_object(reference) or not isinstance(reference.get("filename"), str):
        raise responses.InternalError
    return reference


def _original(store: Store, reference: dict[str, Any]) -> NamedFile | None:
    filename, annotated = without_annotation(reference["filename"])
    kind = annotated or reference.get("type", "output")
    if not filename or filename.startswith("/") or ".." in filename or kind not in KINDS:
        raise _Refused(400)
    subfolder = path_inside(kind, str(reference.get("subfolder", "")))
    if subfolder is None:
        raise _Refused(403)
    folder, _, name = posixpath.join(subfolder, filename).rpartition("/")
    return store.folders.get(kind, folder, name)
