"""Creating assets: by uploading content, from known content, and by importing a model file.

A task imports a model file on the emulated clock; nothing is fetched from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.engine.import_progress import ImportProgress
from comfy_cloud_emulator.http import forms
from comfy_cloud_emulator.http.request_reading import json_object, strings
from comfy_cloud_emulator.http.responses import ApiProblem, json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.media.media_types import suffix_for, suffix_of
from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.state.assets import documents as asset_documents
from comfy_cloud_emulator.state.assets import remote_files
from comfy_cloud_emulator.state.assets.asset_store import Asset, AssetTaken
from comfy_cloud_emulator.state.assets.models import MODELS, folder_named
from comfy_cloud_emulator.state.files.file_store import FileKind, StoredFile
from comfy_cloud_emulator.state.json_values import is_object
from comfy_cloud_emulator.state.store import Store

from .assets import existing_preview, preview_in
from .queries import digest_of

LARGEST_UPLOAD: Final = 2 * 1024**3
"""Largest upload of an asset in bytes."""

_HASH: Final = re.compile(r"(blake3|sha256):[0-9a-f]{64}")
_ROOT_TAGS: Final = frozenset({"models", "input", "output", "temp"})


def routes(store: Store, imports: ImportProgress, quirks: Quirks) -> list[Operation]:
    """The operations of this module over a store and its import progress."""

    async def upload_asset(request: Request) -> Response:
        media_type = forms.media_type_of(request)
        if media_type == "application/json":
            if quirks.assets_from_url:
                return await create_from_url(request)
            raise ApiProblem(
                400,
                "assets cannot be created from a URL here; upload the file, or use POST /api/assets/download",
                code="UNSUPPORTED_SOURCE",
            )
        if media_type != forms.MULTIPART:
            raise ApiProblem(415, f"send the asset as {forms.MULTIPART}")
        async with forms.form_of(request) as form:
            fields = _fields(store, form)
            file, name = await run_in_threadpool(_content, store, form, fields["tags"])
        fields["name"] = fields["name"] or name
        return _created(store, file, **fields)

    async def create_from_url(request: Request) -> Response:
        data = await json_object(
            request, ("url", "name", "tags", "user_metadata", "preview_id"), closed=False
        )
        for name in ("url", "name"):
            if not isinstance(data.get(name), str) or not data[name]:
                raise ApiProblem(400, f"{name}: expected text that is not empty")
        metadata = data.get("user_metadata", {})
        if not is_object(metadata):
            raise ApiProblem(400, "user_metadata: expected a JSON object")
        preview_id, tags = preview_in(store, data), strings(data, "tags")
        _refuse_unknown_folder(tags)
        remote = _remote(data["url"], {"NOT_FOUND": 404, "UNSUPPORTED_SOURCE": 400})
        if remote.fails:
            raise ApiProblem(403, "the site refuses the file: access to it is gated")
        if remote.is_huge:
            raise ApiProblem(413, f"the file is larger than {LARGEST_UPLOAD} bytes")
        filename = store.files.put(remote.content, suffix_of(data["name"]), data["name"], _kind(tags))
        file = store.files.record(filename)
        if file is None:
            raise LookupError(f"{filename} was not stored")
        return _created(
            store, file, name=data["name"], tags=tags, user_metadata=metadata, preview_id=preview_id
        )

    async def create_from_hash(request: Request) -> Response:
        data = await json_object(
            request, ("hash", "name", "tags", "mime_type", "user_metadata"), closed=False
        )
        hash, tags = data.get("hash"), strings(data, "tags")
        if not isinstance(hash, str) or not _HASH.fullmatch(hash):
            raise ApiProblem(400, "hash: expected blake3: and 64 lower-case hexadecimal digits")
        if not tags or not all(tags):
            raise ApiProblem(400, "tags: expected at least one tag, and none that is empty")
        for name in ("name", "mime_type"):
            if not isinstance(data.get(name, ""), str):
                raise ApiProblem(400, f"{name}: expected text")
        metadata = data.get("user_metadata", {})
        if not is_object(metadata):
            raise ApiProblem(400, "user_metadata: expected a JSON object")
        file = _existing_content(store, hash)
        return _created(
            store,
            file,
            name=data.get("name"),
            tags=tags,
            mime_type=data.get("mime_type"),
            user_metadata=metadata,
        )

    async def get_remote_metadata(request: Request) -> Response:
        url = request.query_params.get("url")
        if not url:
            raise ApiProblem(400, "url: name the file to ask about")
        return json_response(_remote(url).metadata())

    async def download(request: Request) -> Response:
        data = await json_object(request, ("source_url", "tags", "user_metadata", "preview_id"), closed=False)
        url, tags = data.get("source_url"), strings(data, "tags")
        if not isinstance(url, str) or not url:
            raise ApiProblem(400, "source_url: name the file to import")
        metadata = data.get("user_metadata", {})
        if not is_object(metadata):
            raise ApiProblem(400, "user_metadata: expected a JSON object")
        preview_id = preview_in(store, data)
        _refuse_unknown_folder(tags)
        remote = _remote(url)
        if remote.problems:
            problem = remote.problems[0]
            raise ApiProblem(422, problem["message"], code=problem["code"])
        begun = store.tasks.import_file(remote, tags=tags, user_metadata=metadata, preview_id=preview_id)
        if isinstance(begun, Asset):
            return json_response(asset_documents.asset_created(begun, created_new=False))
        imports.follow(begun)
        message = f"Import of {remote.filename} queued."
        return json_response({"task_id": begun.id, "status": begun.status, "message": message}, 202)

    return [
        Operation("POST", "/api/assets", upload_asset),
        Operation("POST", "/api/assets/from-hash", create_from_hash),
        Operation("GET", "/api/assets/remote-metadata", get_remote_metadata),
        Operation("POST", "/api/assets/download", download),
    ]


def _fields(store: Store, form: FormData) -> dict[str, Any]:
    """The fields of the form, except for the content."""
    for name in ("id", "preview_id"):
        if form.get(name) == "":
            raise ApiProblem(400, f"{name}: expected a UUID; leave the field out for none")
    id = forms.text_field(form, "id")
    if id is not None:
        try:
            id = str(UUID(id))
        except ValueError as error:
            raise ApiProblem(400, "id: expected a UUID") from error
    tags = forms.json_list_field(form, "tags")
    if not all(tags):
        raise ApiProblem(400, "tags: no tag may be empty")
    _refuse_unknown_folder(tags)
    return {
        "id": id,
        "name": forms.text_field(form, "name"),
        "mime_type": forms.text_field(form, "mime_type"),
        "tags": tags,
        "user_metadata": forms.json_field(form, "user_metadata"),
        "preview_id": existing_preview(store, forms.text_field(form, "preview_id")),
    }


def _content(store: Store, form: FormData, tags: list[str]) -> tuple[StoredFile, str | None]:
    """The content in the form, or named by its hash, and the file name that was sent with it."""
    upload, hash = forms.file_field(form, "file"), forms.text_field(form, "hash")
    if hash is not None and not _HASH.fullmatch(hash):
        raise ApiProblem(400, "hash: expected blake3: and 64 lower-case hexadecimal digits")
    if upload is None:
        if hash is None:
            raise ApiProblem(400, "file: the form has neither a file nor a hash")
        return _existing_content(store, hash), None
    if (upload.size or 0) > LARGEST_UPLOAD:
        raise ApiProblem(413, f"the file has {upload.size} bytes; the limit is {LARGEST_UPLOAD}")
    name = upload.filename or "upload"
    suffix = suffix_of(name) or suffix_for(upload.content_type or "")
    filename = store.files.put(forms.chunks(upload.file), suffix, name, _kind(tags))
    if hash is not None and hash.startswith("blake3:") and hash != f"blake3:{filename[:64]}":
        raise ApiProblem(400, "hash: it is not the hash of the file", code="HASH_MISMATCH")
    file = store.files.record(filename)
    if file is None:
        raise LookupError(f"{filename} was not stored")
    return file, name


def _kind(tags: list[str]) -> FileKind:
    """The kind of file that an asset's tags mean."""
    return "output" if "output" in tags else "temp" if "temp" in tags else "input"


def _existing_content(store: Store, hash: str) -> StoredFile:
    digest = digest_of(hash)
    store.tasks.settle()
    # Content is stored by blake3 only, so other hashes are never known.
    file = store.files.by_hash(digest) if digest is not None else None
    if file is None:
        raise ApiProblem(404, f"no content with the hash {hash}; upload the file")
    return file


def _created(store: Store, file: StoredFile, *, id: str | None = None, **fields: Any) -> Response:
    """Respond with the asset that has this content already, or with a new one."""
    taken = store.assets.get(id) if id is not None else None
    if taken is not None and taken.digest != file.digest:
        raise ApiProblem(400, "id: another asset has it", code="ASSET_ID_UNAVAILABLE")
    # In one transaction, because other threads may create assets at the same time.
    with store.library.write():
        known = taken or store.assets.by_digest(file.digest, include_public=False)
        if known is not None:
            return json_response(asset_documents.asset_created(known, created_new=False))
        try:
            asset = store.assets.add(file, id=id, **fields)
        except AssetTaken as error:
            raise ApiProblem(400, "id: another asset has it", code="ASSET_ID_UNAVAILABLE") from error
    return json_response(asset_documents.asset_created(asset, created_new=True), 201)


def _refuse_unknown_folder(tags: list[str]) -> None:
    """Refuse a model whose tags name no model folder."""
    if "models" not in tags:
        return
    folders = [tag for tag in tags if tag not in _ROOT_TAGS]
    if folders and not any(folder_named(tag) in MODELS for tag in folders):
        raise ApiProblem(
            422,
            f"tags: none of {', '.join(folders)[:80]} is a model folder; use one of {', '.join(MODELS)}",
            code="MODEL_TYPE_NOT_SUPPORTED",
        )


def _remote(url: str, statuses: Mapping[str, int] = MappingProxyType({})) -> remote_files.RemoteFile:
    try:
        return remote_files.remote_file_at(url)
    except remote_files.RemoteRefused as error:
        # A malformed URL is the client's mistake; all other errors are about the file.
        status = 400 if error.code == "INVALID_URL" else statuses.get(error.code, 422)
        raise ApiProblem(status, str(error), code=error.code) from error
