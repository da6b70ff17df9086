"""Read the list of assets: one page, or all of it.

`asset_filters` has the filters, `pages` the rules of a walk.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from comfy_cloud_api.api.asset import list_assets
from comfy_cloud_api.models.asset import Asset
from comfy_cloud_api.models.list_assets_response import ListAssetsResponse

from ..._http.page_arguments import LONGEST_ASSETS_PAGE
from ..._http.page_items import items_of
from ...asset_filters import asset_instant
from ...errors import UnexpectedResponse
from ...pages import CursorWalk, OffsetWalk
from .._http.session import AsyncSession

_OPERATION = f"{list_assets.OPERATION.method} {list_assets.OPERATION.path}"


async def assets_page(session: AsyncSession, query: Mapping[str, Any]) -> ListAssetsResponse:
    """One page of a list (GET /api/assets)."""
    return await session.call(list_assets.build(**query), list_assets.parse)


async def walk_assets(
    session: AsyncSession, query: dict[str, Any], page_size: int
) -> AsyncGenerator[Asset, None]:
    """Every asset that matches a query, by cursor where the server sends one, else by offset.

    The walk by offset allows for changes of the list between two pages.
    """
    by_offset = OffsetWalk[Asset](
        page_size,
        identity=lambda asset: asset.id or "",
        instant=asset_instant(query.get("sort"), query.get("order")),
    )
    request = by_offset.next_request()
    page = await assets_page(session, {**query, "limit": min(max(page_size, 2), LONGEST_ASSETS_PAGE)})
    if page.next_cursor:
        by_cursor = CursorWalk[Asset](_OPERATION, identity=lambda asset: asset.id or "")
        by_cursor.next_request()
        while True:
            for asset in by_cursor.feed(items_of(page.assets), page.next_cursor, page.has_more):
                yield asset
            following = by_cursor.next_request()
            if by_cursor.is_stranded:
                raise UnexpectedResponse(
                    f"{_OPERATION}: the server reports more assets but sent no cursor for them; "
                    "the list cannot be read to its end",
                    method=list_assets.OPERATION.method,
                    path=list_assets.OPERATION.path,
                )
            if following is None:
                return
            page = await assets_page(session, {**query, **following, "limit": page_size})
    while request is not None:
        for asset in by_offset.feed(items_of(page.assets), page.has_more):
            yield asset
        request = by_offset.next_request()
        if request is not None:
            offset, size = request
            page = await assets_page(session, {**query, "offset": offset or None, "limit": size})
