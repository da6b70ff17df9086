"""The assets: listing, reading, changing and deleting them, and the assets of one job.

Creating them is in `creation`, their tags in `tags`, their content in `routes.files.view`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.request_reading import LARGEST, json_object, strings
from comfy_cloud_emulator.http.responses import ApiProblem, json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.state.assets import documents as asset_documents
from comfy_cloud_emulator.state.assets.asset_store import Asset
from comfy_cloud_emulator.state.assets.usage import used_by
from comfy_cloud_emulator.state.cursors import BadCursor
from comfy_cloud_emulator.state.json_values import is_object
from comfy_cloud_emulator.state.store import Store

from .queries import DEFAULT_LIMIT, MAX_LIMIT, asset_query, digest_of

CHANGEABLE: Final = ("name", "mime_type", "preview_id", "user_metadata")


def routes(store: Store, quirks: Quirks) -> list[Operation]:
    """The operations of this module over a store."""
    changeable = (*CHANGEABLE, "tags") if quirks.put_asset_tags else CHANGEABLE

    async def list_assets(request: Request) -> Response:
        store.tasks.settle()
        try:
            page = store.asset_search.page(asset_query(request, by_job=quirks.job_ids_filter))
        except BadCursor as error:
            raise ApiProblem(400, str(error), code="INVALID_CURSOR") from error
        data: dict[str, Any] = {
            "assets": [asset_documents.asset(asset) for asset in page.assets],
            "total": page.total,
            "has_more": page.has_more,
        }
        if page.next_cursor is not None:
            data["next_cursor"] = page.next_cursor
        return json_response(data)

    async def get_asset(request: Request) -> Response:
        return json_response(asset_documents.asset(asset_of(store, request)))

    async def update_asset(request: Request) -> Response:
        refuse_public(asset_of(store, request))
        data = await json_object(request, changeable, closed=False)
        if not data:
            raise ApiProblem(400, f"nothing to change; send at least one of {', '.join(changeable)}")
        for name in ("name", "mime_type"):
            if name in data and (not isinstance(data[name], str) or not data[name]):
                raise ApiProblem(400, f"{name}: expected text that is not empty")
        if "user_metadata" in data and not is_object(data["user_metadata"]):
            raise ApiProblem(400, "user_metadata: expected a JSON object")
        if "tags" in data:
            data["tags"] = tuple(dict.fromkeys(strings(data, "tags")))
        if "preview_id" in data:
            data["preview_id"] = preview_in(store, data, missing=404)
        # Read after the body: another request may have changed it meanwhile.
        asset = replace(asset_of(store, request), updated_at=store.now(), **data)
        store.assets.update(asset)
        return json_response(asset_documents.asset_updated(asset))

    async def delete_asset(request: Request) -> Response:
        asset = asset_of(store, request)
        if asset.is_public:
            raise ApiProblem(404, "a public model is not yours and cannot be deleted")
        user = used_by(store, asset)
        if user is not None:
            raise ApiProblem(409, f"the asset is in use by {user}", code="ASSET_IN_USE")
        store.assets.delete(asset.id)
        return Response(status_code=204)

    async def check_hash(request: Request) -> Response:
        text: str = request.path_params["hash"]
        digest = digest_of(text) if text.startswith("blake3:") else None
        if digest is None or text != f"blake3:{digest}":
            raise ApiProblem(400, "hash: expected blake3: and 64 lower-case hexadecimal digits")
        store.tasks.settle()
        is_there = store.files.exists_hash(digest) or store.assets.by_digest(digest) is not None
        return Response(status_code=200 if is_there else 404)

    async def list_job_assets(request: Request) -> Response:
        job = store.get(request.path_params["job_id"])
        if job is None:
            raise ApiProblem(404, f"no job {request.path_params['job_id']}")
        # No number is refused here, so an invalid one is replaced by the nearest valid one.
        limit = _near(request, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
        offset = _near(request, "offset", 0, 0, LARGEST)
        assets = store.assets.of_job(job.id)
        page = assets[offset : offset + limit]
        pagination = {
            "offset": offset,
            "limit": limit,
            "total": len(assets),
            "has_more": offset + limit < len(assets),
        }
        shown = [asset_documents.job_asset(asset) for asset in page]
        return json_response({"job_id": job.id, "assets": shown, "pagination": pagination})

    return [
        Operation("GET", "/api/assets", list_assets),
        Operation("HEAD", "/api/assets/hash/{hash}", check_hash),
        Operation("GET", "/api/assets/{id}", get_asset),
        Operation("PUT", "/api/assets/{id}", update_asset),
        Operation("DELETE", "/api/assets/{id}", delete_asset),
        Operation("GET", "/api/jobs/{job_id}/assets", list_job_assets),
    ]


def asset_of(store: Store, request: Request) -> Asset:
    """The asset in the path. Raises ApiProblem with status 404."""
    store.tasks.settle()
    id: str = request.path_params["id"]
    asset = store.assets.get(id)
    if asset is None:
        raise ApiProblem(404, f"no asset {id}")
    return asset


def refuse_public(asset: Asset) -> None:
    """Raise ApiProblem with status 404 for a public model, which is not the caller's to change."""
    if asset.is_public:
        raise ApiProblem(404, "a public model is not yours and cannot be changed")


def existing_preview(store: Store, preview_id: object, *, missing: int = 400) -> str | None:
    """The id of an asset to be used as preview, or None.

    Raises ApiProblem with the status `missing` when there is no such asset.
    """
    if preview_id is None:
        return None
    asset = store.assets.get(preview_id) if isinstance(preview_id, str) else None
    if asset is None:
        status = missing if isinstance(preview_id, str) else 400
        code = "INVALID_PREVIEW_ID" if status == 400 else None
        raise ApiProblem(status, "preview_id: there is no such asset", code=code)
    return asset.id


def preview_in(store: Store, data: dict[str, Any], *, missing: int = 400) -> str | None:
    """The preview named in a JSON body, or None.

    Raises ApiProblem: with 400 for null, with `missing` when there is no such asset.
    """
    if "preview_id" in data and data["preview_id"] is None:
        raise ApiProblem(400, "preview_id: expected the id of an asset", code="INVALID_PREVIEW_ID")
    return existing_preview(store, data.get("preview_id"), missing=missing)


def _near(request: Request, name: str, default: int, least: int, most: int) -> int:
    text = request.query_params.get(name, "")
    # Enough digits for any number below `most`.
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else default
    return max(least, min(value, most))
