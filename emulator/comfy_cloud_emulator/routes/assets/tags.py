"""The tags of assets: `/api/tags`, counting them, and changing those of one asset."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.request_reading import boolean, bounded, choice, json_object, strings
from comfy_cloud_emulator.http.responses import ApiProblem, json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.assets.models import MODELS
from comfy_cloud_emulator.state.assets.search import AssetQuery
from comfy_cloud_emulator.state.store import Store

from .assets import asset_of, refuse_public
from .queries import tag_query

KNOWN_TAGS: Final = ("input", "models", "output", "temp", *MODELS)
"""Tags that exist even when no asset has them."""
DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 1000


def routes(store: Store) -> list[Operation]:
    """The operations of this module over a store."""

    async def list_tags(request: Request) -> Response:
        store.tasks.settle()
        prefix = request.query_params.get("prefix", "")
        limit = bounded(request, "limit", DEFAULT_LIMIT, least=1, most=MAX_LIMIT)
        offset = bounded(request, "offset", 0, least=0)
        by_name = choice(request, "order", ("count_desc", "name_asc")) == "name_asc"
        has_zero = boolean(request, "include_zero", default=False)
        has_public = boolean(request, "include_public", default=True)
        counts = dict.fromkeys(KNOWN_TAGS, 0) if has_zero else {}
        counts |= store.asset_search.tag_counts(AssetQuery(include_public=has_public))
        found = [(name, count) for name, count in counts.items() if name.startswith(prefix)]
        found.sort(key=lambda tag: tag[0] if by_name else (-tag[1], tag[0]))
        return json_response(
            {
                "tags": [{"name": name, "count": count} for name, count in found[offset : offset + limit]],
                "total": len(found),
                "has_more": offset + limit < len(found),
            }
        )

    async def count_tags(request: Request) -> Response:
        store.tasks.settle()
        query = tag_query(request)
        limit = bounded(request, "limit", DEFAULT_LIMIT, least=1, most=MAX_LIMIT)
        counts = store.asset_search.tag_counts(query)
        return json_response({"tag_counts": dict(list(counts.items())[:limit])})

    async def add_tags(request: Request) -> Response:
        asset_of(store, request)
        tags = await _tags(request)
        # Read after the body: another request may have changed it meanwhile.
        asset = asset_of(store, request)
        refuse_public(asset)
        added = [tag for tag in tags if tag not in asset.tags]
        present = [tag for tag in tags if tag in asset.tags]
        total = [*asset.tags, *added]
        store.assets.update(replace(asset, tags=tuple(total), updated_at=store.now()))
        return json_response({"added": added, "already_present": present, "total_tags": total})

    async def remove_tags(request: Request) -> Response:
        asset_of(store, request)
        tags = await _tags(request)
        # Read after the body: another request may have changed it meanwhile.
        asset = asset_of(store, request)
        refuse_public(asset)
        removed = [tag for tag in tags if tag in asset.tags]
        absent = [tag for tag in tags if tag not in asset.tags]
        total = [tag for tag in asset.tags if tag not in removed]
        store.assets.update(replace(asset, tags=tuple(total), updated_at=store.now()))
        return json_response({"removed": removed, "not_present": absent, "total_tags": total})

    return [
        Operation("GET", "/api/tags", list_tags),
        Operation("GET", "/api/assets/tags/refine", count_tags),
        Operation("POST", "/api/assets/{id}/tags", add_tags),
        Operation("DELETE", "/api/assets/{id}/tags", remove_tags),
    ]


async def _tags(request: Request) -> list[str]:
    """The tags in the body, without duplicates."""
    data = await json_object(request, ("tags",), closed=False)
    tags = list(dict.fromkeys(strings(data, "tags")))
    if not tags or not all(tags):
        raise ApiProblem(400, "tags: expected at least one tag, and none that is empty")
    return tags
