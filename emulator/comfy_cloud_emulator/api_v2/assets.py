"""Assets of API v2: uploading, making one of known content, reading, downloading, deleting."""

from __future__ import annotations

import re
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http import forms
from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.http.request_reading import json_object, strings
from comfy_cloud_emulator.http.responses import ApiProblem, json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.media.media_types import suffix_for, suffix_of
from comfy_cloud_emulator.state.assets.asset_store import Asset
from comfy_cloud_emulator.state.assets.usage import used_by
from comfy_cloud_emulator.state.files.file_store import StoredFile
from comfy_cloud_emulator.state.json_values import is_array
from comfy_cloud_emulator.state.store import Store
from comfy_cloud_emulator.storage.signed_urls import Signer

from .documents import EXPIRES_AT, Documents
from .idempotency import IdempotencyKeys

_HASH: Final = re.compile(r"blake3:([0-9a-f]{64})")
_SHORTEST, _LONGEST = 60, 604_800  # seconds that an asset may be asked to be kept


def routes(store: Store, signer: Signer, documents: Documents, keys: IdempotencyKeys) -> list[Operation]:
    """The operations of this module over a store."""

    def found(request: Request) -> Asset:
        store.tasks.settle()
        id: str = request.path_params["id"]
        asset = store.assets.get(id)
        if asset is None or _is_expired(asset, store.now()):
            raise ApiProblem(404, f"there is no asset {id}")
        return asset

    async def post_asset(request: Request) -> Response:
        with keys.claimed(request):
            try:
                async with forms.form_of(request) as form:
                    return await run_in_threadpool(uploaded, form)
            except ApiProblem as error:
                # All that is wrong with a form is a 422 here.
                error.status = 422 if error.status == 400 else error.status
                raise

    def uploaded(form: FormData) -> Response:
        upload = forms.file_field(form, "file")
        content_type, path = forms.text_field(form, "content_type"), forms.text_field(form, "file_path")
        if upload is None or content_type is None or path is None:
            raise ApiProblem(422, "the form needs file, content_type and file_path")
        expected = forms.text_field(form, "expected_hash")
        if expected is not None and not _HASH.fullmatch(expected):
            raise ApiProblem(422, "expected_hash: expected blake3: and 64 lower-case hexadecimal digits")
        tags, expires_at = _tags(form), _expiry(store, _number(forms.text_field(form, "expires_in")))
        suffix = suffix_of(path) or suffix_for(content_type)
        known = expected is not None and store.files.exists_hash(expected[7:])
        before = len(store.files)
        filename = store.files.put(forms.chunks(upload.file), suffix, path, "input")
        if expected is not None and expected != f"blake3:{filename[:64]}":
            raise ApiProblem(409, "the content does not have this hash", code="hash_mismatch")
        file = store.files.record(filename)
        if file is None:
            raise LookupError(f"{filename} was not stored")
        is_new = not known and len(store.files) > before
        return minted(file, path, tags, expires_at, is_new=is_new, content_type=content_type)

    async def from_hash(request: Request) -> Response:
        try:
            data = await json_object(request, ("hash", "file_path", "tags", "expires_in"), closed=False)
            tags = strings(data, "tags")
        except ApiProblem as error:
            raise ApiProblem(422, error.message) from error
        hash, path = data.get("hash"), data.get("file_path")
        if not isinstance(hash, str) or not isinstance(data.get("file_path", ""), str):
            raise ApiProblem(422, "the body needs the text hash; file_path is text too")
        expires_at = _expiry(store, data.get("expires_in"))
        match = _HASH.fullmatch(hash)
        store.tasks.settle()
        file = store.files.by_hash(match[1]) if match else None
        if file is None:
            raise ApiProblem(404, "there is no content with this hash", code="blob_not_found")
        same = [
            asset
            for asset in store.assets.select("digest = ? AND NOT is_public ORDER BY number", (file.digest,))
            if asset.name == (path or asset.name) and not _is_expired(asset, store.now())
        ]
        if same:
            return json_response(documents.asset(same[0], created_new=False))
        return minted(file, path, tags, expires_at, is_new=False, status=201)

    def minted(
        file: StoredFile,
        path: str | None,
        tags: list[str],
        expires_at: int | None,
        *,
        is_new: bool,
        content_type: str | None = None,
        status: int | None = None,
    ) -> Response:
        metadata = {} if expires_at is None else {EXPIRES_AT: expires_at}
        asset = store.assets.add(file, name=path, tags=tags, mime_type=content_type, metadata=metadata)
        document = documents.asset(asset, created_new=is_new)
        return json_response(document, status or (201 if is_new else 200))

    async def head_hash(request: Request) -> Response:
        match = _HASH.fullmatch(request.path_params["hash"])
        store.tasks.settle()
        is_there = match is not None and store.files.exists_hash(match[1])
        return Response(status_code=200 if is_there else 404)

    async def get_asset(request: Request) -> Response:
        return json_response(documents.asset(found(request)))

    async def delete_asset(request: Request) -> Response:
        asset = found(request)
        if asset.is_public:
            raise ApiProblem(403, "a public model cannot be deleted")
        is_output = asset.job_id is not None and store.has(asset.job_id)
        if is_output or used_by(store, asset) is not None:
            raise ApiProblem(409, "the asset is in use", code="asset_in_use")
        store.assets.delete(asset.id)
        return Response(status_code=204)

    async def get_content(request: Request) -> Response:
        asset = found(request)
        if store.files.record(asset.filename) is None:
            raise ApiProblem(404, "the content of this asset cannot be fetched; public models only run")
        store.assets.touch(asset)
        headers = {"location": signer.url(asset.filename, asset.name), "cache-control": "no-store"}
        return Response(status_code=302, headers=headers)

    return [
        Operation("POST", "/api/v2/assets", post_asset),
        Operation("POST", "/api/v2/assets/from-hash", from_hash),
        Operation("HEAD", "/api/v2/assets/by-hash/{hash}", head_hash),
        Operation("GET", "/api/v2/assets/{id}", get_asset),
        Operation("DELETE", "/api/v2/assets/{id}", delete_asset),
        Operation("GET", "/api/v2/assets/{id}/content", get_content),
    ]


def _is_expired(asset: Asset, now: int) -> bool:
    expires_at = asset.metadata.get(EXPIRES_AT)
    return isinstance(expires_at, int) and expires_at <= now


def _expiry(store: Store, seconds: Any) -> int | None:
    if seconds is None:
        return None
    is_number = isinstance(seconds, int) and not isinstance(seconds, bool)
    if not is_number or not _SHORTEST <= seconds <= _LONGEST:
        raise ApiProblem(422, f"expires_in: expected {_SHORTEST} to {_LONGEST} seconds")
    return store.now() + int(seconds) * 1000


def _number(text: str | None) -> Any:
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,9}", text) else text


def _tags(form: FormData) -> list[str]:
    """The tags of a form: a field for each, or one field with a JSON list."""
    texts = form.getlist("tags")
    if not all(isinstance(text, str) for text in texts):
        raise ApiProblem(422, "tags: expected text")
    if len(texts) == 1 and str(texts[0]).startswith("["):
        try:
            listed = read_json(str(texts[0]))
        except JsonRefused as error:
            raise ApiProblem(422, f"tags: the text is {error}") from error
        if not is_array(listed) or not all(isinstance(item, str) for item in listed):
            raise ApiProblem(422, "tags: expected texts")
        return listed
    return [str(text) for text in texts if text]
