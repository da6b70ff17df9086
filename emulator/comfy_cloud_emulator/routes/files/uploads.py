"""Uploading inputs: `/api/upload/image`, `/api/upload/mask`, and the layers of a mask.

A file is stored under its content, whatever folder or name was sent. Images are checked; audio,
videos and models are not.
"""

from __future__ import annotations

from typing import Any, Final

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http import forms
from comfy_cloud_emulator.http.decoding_threads import run_decoder
from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.http.responses import ApiProblem, json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.media import images
from comfy_cloud_emulator.media.media_types import media_type, suffix_of
from comfy_cloud_emulator.state.assets import documents as asset_documents
from comfy_cloud_emulator.state.assets.asset_store import Asset
from comfy_cloud_emulator.state.files.file_store import FileKind, StoredFile
from comfy_cloud_emulator.state.files.lookup import find_file
from comfy_cloud_emulator.state.files.masks import Layer, layer_of
from comfy_cloud_emulator.state.json_values import is_object
from comfy_cloud_emulator.state.store import Store

KINDS: Final[dict[str, FileKind]] = {"input": "input", "output": "output", "temp": "temp"}
_UNSEEN: Final = ("audio/", "video/", "model/")


def routes(store: Store) -> list[Operation]:
    """The operations of this module over a store."""

    async def upload_image(request: Request) -> Response:
        async with forms.form_of(request) as form:
            upload = forms.file_field(form, "image")
            if upload is None:
                raise ApiProblem(400, "image: the form has no file of this name")
            # Without a type the service stores an upload as an output.
            type = forms.text_field(form, "type") or "output"
            if type not in KINDS:
                raise ApiProblem(400, f"type: expected one of {', '.join(KINDS)}, got {type[:40]!r}")
            subfolder = forms.text_field(form, "subfolder") or ""
            asset = await run_decoder(_stored, store, upload, KINDS[type])
        return json_response(
            {
                "name": asset.filename,
                "subfolder": subfolder,
                "type": type,
                "asset": asset_documents.asset(asset),
            }
        )

    async def upload_mask(request: Request) -> Response:
        async with forms.form_of(request) as form:
            upload = forms.file_field(form, "image")
            if upload is None:
                raise ApiProblem(400, "image: the form has no file of this name")
            original = _original(store, forms.text_field(form, "original_ref"))
            layer = layer_of(upload.filename or "")
            asset = await run_decoder(_stored, store, upload, "input", mask=(layer, original.filename))
        layers = store.masks.layers(asset.filename) or {}
        related = {name: layers[name] for name in ("mask", "paint", "painted") if layers.get(name)}
        return json_response(
            {
                "name": asset.filename,
                "subfolder": "",
                "type": "input",
                "metadata": {
                    "is_mask": True,
                    "original_hash": original.filename,
                    "mask_type": layer,
                    "related_files": related,
                },
            }
        )

    async def get_mask_layers(request: Request) -> Response:
        filename = request.query_params.get("filename", "")
        layers = store.masks.layers(filename)
        if layers is None:
            raise ApiProblem(404, "there is no such file, or it is not a layer of a mask")
        return json_response(layers)

    return [
        Operation("POST", "/api/upload/image", upload_image),
        Operation("POST", "/api/upload/mask", upload_mask),
        Operation("GET", "/api/files/mask-layers", get_mask_layers),
    ]


def _stored(
    store: Store, upload: UploadFile, kind: FileKind, *, mask: tuple[Layer, str] | None = None
) -> Asset:
    """Check and store an upload, and list it as an asset unless one has its content already.

    `mask` is the layer and the stored name of the original image.
    """
    name = upload.filename or "upload"
    suffix, metadata = suffix_of(name), dict[str, Any]()
    if mask is not None or not media_type(name).startswith(_UNSEEN):
        try:
            facts = images.check(upload.file)
        except images.ImageRefused as error:
            raise ApiProblem(400, f"image: {error}") from error
        suffix = suffix or facts.suffix
        metadata = {"width": facts.width, "height": facts.height}
    elif (upload.size or 0) > images.MAX_UPLOAD:
        raise ApiProblem(400, f"image: the file has {upload.size} bytes; the limit is {images.MAX_UPLOAD}")
    filename = store.files.put(forms.chunks(upload.file), suffix, name, kind)
    file = store.files.record(filename)
    if file is None:
        raise LookupError(f"{filename} was not stored")
    # In one transaction: neither another upload nor the end of the process comes between.
    with store.library.write():
        if mask is not None:
            store.masks.add(filename, *mask)
        known = [asset for asset in store.assets.select("filename = ?", (filename,)) if kind in asset.tags]
        return known[0] if known else store.assets.add(file, name=name, tags=(kind,), metadata=metadata)


def _original(store: Store, text: str | None) -> StoredFile:
    """The original image of a mask."""
    try:
        data = read_json(text or "")
    except JsonRefused as error:
        raise ApiProblem(400, 'original_ref: expected JSON text such as {"filename": "..."}') from error
    filename = data.get("filename") if is_object(data) else None
    if not isinstance(filename, str):
        raise ApiProblem(400, "original_ref: name the original image as `filename`")
    file = find_file(store, filename)
    if file is None:
        raise ApiProblem(400, "original_ref: there is no such image; upload it first")
    opened = store.files.open(file.filename)
    if opened is not None:
        with opened:
            try:
                images.check(opened)
            except images.ImageRefused as error:
                raise ApiProblem(400, f"original_ref: {error}") from error
    return file
