"""Read the list of assets: one page, or all of it.

`asset_filters` has the filters, `pages` the rules of a walk.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

from comfy_cloud_api.api.asset import list_assets
from comfy_cloud_api.models.asset import Asset
from comfy_cloud_api.models.list_assets_response import ListAssetsResponse

from ..._http.page_arguments import LONGEST_ASSETS_PAGE
from ..._http.page_items import items_of
from ...asset_filters import asset_instant, made_by
from ...errors import NotSupported, UnexpectedResponse
from ...pages import CursorWalk, OffsetWalk
from .._http.iteration import at_most
from .._http.session import AsyncSession

_OPERATION = f"{list_assets.OPERATION.method} {list_assets.OPERATION.path}"
_IGNORED = (
    "This server does not filter assets by job_ids (the service stopped that in May 2026): "
    "the list is read without this filter, and filtered here"
)
_WALK_SIZE = 200  # assets per page of a list that is filtered here


async def assets_page(session: AsyncSession, query: Mapping[str, Any]) -> ListAssetsResponse:
    """One page of a list (GET /api/assets)."""
    return await session.call(list_assets.build(**query), list_assets.parse)


async def listed_assets(session: AsyncSession, query: dict[str, Any], limit: int, offset: int) -> list[Asset]:
    """Some of the assets that match a query: one page, unless the server ignores `job_ids`."""
    is_wanted = _by_job(session, query)
    if is_wanted is None or not offset:
        page = await assets_page(session, {**query, "limit": limit, "offset": offset or None})
        assets = items_of(page.assets)
        if is_wanted is None or all(map(is_wanted, assets)):
            return assets
    # How many to skip is counted in the filtered list, so that list is read from its beginning.
    walk = at_most(offset + limit, walk_assets(session, query, _WALK_SIZE))
    return [asset async for asset in walk][offset:]


async def walk_assets(
    session: AsyncSession, query: dict[str, Any], page_size: int
) -> AsyncGenerator[Asset, None]:
    """Every asset that matches a query, with `job_ids` also where the server ignores it."""
    is_wanted = _by_job(session, query)
    async for asset in _walk(session, query, page_size):
        if is_wanted is None or is_wanted(asset):
            yield asset


def _by_job(session: AsyncSession, query: Mapping[str, Any]) -> Callable[[Asset], bool] | None:
    """Whether an asset is to be kept; None without a filter by jobs.

    The first one that is not shows that the server ignores the filter: warn, or with the setting
    `strict` raise NotSupported.
    """
    job_ids = query.get("job_ids")
    if not job_ids:
        return None
    is_made = made_by(job_ids)

    def is_wanted(asset: Asset) -> bool:
        if is_made(asset):
            return True
        if session.settings.strict:
            method, path = list_assets.OPERATION.method, list_assets.OPERATION.path
            raise NotSupported(f"{_OPERATION} with the filter job_ids", method=method, path=path)
        session.warn_once(_IGNORED)
        return False

    return is_wanted


async def _walk(session: AsyncSession, query: dict[str, Any], page_size: int) -> AsyncGenerator[Asset, None]:
    """Every asset that the server lists for a query.

    The walk is by cursor where the server sends one, else by offset, which allows for changes of
    the list between two pages.
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
