# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/assets: List assets."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.list_assets_order import ListAssetsOrder
from ...models.list_assets_response import ListAssetsResponse
from ...models.list_assets_sort import ListAssetsSort
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_page,
    with_query,
)

OPERATION = Operation(
    "listAssets",
    "GET",
    "/api/assets",
    "required",
)


def build(
    *,
    include_tags: list[str] | None = None,
    exclude_tags: list[str] | None = None,
    name_contains: str | None = None,
    metadata_filter: str | None = None,
    limit: int | None = None,
    offset: int | None = None,
    sort: ListAssetsSort | str | None = None,
    order: ListAssetsOrder | str | None = None,
    include_public: bool | None = None,
    after: str | None = None,
    hash_: str | None = None,
    tags_any: list[str] | None = None,
    job_ids: list[str] | None = None,
) -> Request:
    """List assets.

    Returns a page of stored files (inputs, outputs, models) with their metadata, newest first
    unless asked otherwise. All filters given must hold at once. Public models are part of the list
    unless `include_public` is false, which is what most programs want.

    Args:
        include_tags: Keep only assets that carry every tag in this comma-joined list.
        exclude_tags: Drop assets that carry at least one tag of this comma-joined list. Naming a
            tag here and in `include_tags` is contradictory and gives 400.
        name_contains: Keep only assets whose name contains this text, ignoring case.
        metadata_filter: A JSON object as text; keeps the assets whose `user_metadata` has each of
            its keys with an equal value.
        limit: How many assets a page may hold.
        offset: How many matching assets to skip, counted in the chosen order.
        sort: The field that decides the order.
        order: `asc` sorts upwards (A to Z, oldest or smallest first), `desc` downwards.
        include_public: `true` mixes the models and files that everyone may use with the caller's
            own; `false` leaves them out.
        after: Cursor from `next_cursor` of the previous page. It is valid for the same sorting
            only, and not for `last_access_time`.
        hash_: Keep only assets with this content hash, in any of its spellings. Content is stored
            under its BLAKE3 hash.
        tags_any: Keep only assets that carry at least one tag of this comma-joined list.
        job_ids: Keep only assets made by one of these jobs: UUIDs, comma-joined. Withdrawn in May
            2026; since then it has no effect, so check `job_id` of what is listed.
    """
    target = with_query(
        "/api/assets",
        {
            "include_tags": include_tags,
            "exclude_tags": exclude_tags,
            "name_contains": name_contains,
            "metadata_filter": metadata_filter,
            "limit": limit,
            "offset": offset,
            "sort": sort,
            "order": order,
            "include_public": include_public,
            "after": after,
            "hash": hash_,
            "tags_any": tags_any,
            "job_ids": job_ids,
        },
    )
    return Request(OPERATION, target)


def parse(response: Response) -> ListAssetsResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_page(ListAssetsResponse, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(
    client: Client,
    *,
    include_tags: list[str] | None = None,
    exclude_tags: list[str] | None = None,
    name_contains: str | None = None,
    metadata_filter: str | None = None,
    limit: int | None = None,
    offset: int | None = None,
    sort: ListAssetsSort | str | None = None,
    order: ListAssetsOrder | str | None = None,
    include_public: bool | None = None,
    after: str | None = None,
    hash_: str | None = None,
    tags_any: list[str] | None = None,
    job_ids: list[str] | None = None,
) -> ListAssetsResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(
        client.send(
            build(
                include_tags=include_tags,
                exclude_tags=exclude_tags,
                name_contains=name_contains,
                metadata_filter=metadata_filter,
                limit=limit,
                offset=offset,
                sort=sort,
                order=order,
                include_public=include_public,
                after=after,
                hash_=hash_,
                tags_any=tags_any,
                job_ids=job_ids,
            )
        )
    )


async def asyncio(
    client: AsyncClient,
    *,
    include_tags: list[str] | None = None,
    exclude_tags: list[str] | None = None,
    name_contains: str | None = None,
    metadata_filter: str | None = None,
    limit: int | None = None,
    offset: int | None = None,
    sort: ListAssetsSort | str | None = None,
    order: ListAssetsOrder | str | None = None,
    include_public: bool | None = None,
    after: str | None = None,
    hash_: str | None = None,
    tags_any: list[str] | None = None,
    job_ids: list[str] | None = None,
) -> ListAssetsResponse:
    """The async form of `sync`."""
    return parse(
        await client.send(
            build(
                include_tags=include_tags,
                exclude_tags=exclude_tags,
                name_contains=name_contains,
                metadata_filter=metadata_filter,
                limit=limit,
                offset=offset,
                sort=sort,
                order=order,
                include_public=include_public,
                after=after,
                hash_=hash_,
                tags_any=tags_any,
                job_ids=job_ids,
            )
        )
    )
