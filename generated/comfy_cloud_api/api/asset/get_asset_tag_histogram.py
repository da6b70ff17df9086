# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/assets/tags/refine: Count the tags among matching assets."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.asset_tag_histogram_response import AssetTagHistogramResponse
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    with_query,
)

OPERATION = Operation(
    "getAssetTagHistogram",
    "GET",
    "/api/assets/tags/refine",
    "required",
)


def build(
    *,
    include_tags: list[str] | None = None,
    exclude_tags: list[str] | None = None,
    name_contains: str | None = None,
    metadata_filter: str | None = None,
    limit: int | None = None,
    include_public: bool | None = None,
) -> Request:
    """Count the tags among matching assets.

    Applies the filters of `GET /api/assets` and returns, instead of the assets, how many of them
    carry each tag. A search page uses it to offer the next narrowing step. Tags that would match
    nothing are left out.

    Args:
        include_tags: Keep only assets that carry every tag in this comma-joined list.
        exclude_tags: Drop assets that carry at least one tag of this comma-joined list. Naming a
            tag here and in `include_tags` is contradictory and gives 400.
        name_contains: Keep only assets whose name contains this text, ignoring case.
        metadata_filter: A JSON object as text; keeps the assets whose `user_metadata` has each of
            its keys with an equal value.
        limit: How many tags to return at most; the rarest are dropped.
        include_public: `true` mixes the models and files that everyone may use with the caller's
            own; `false` leaves them out.
    """
    target = with_query(
        "/api/assets/tags/refine",
        {
            "include_tags": include_tags,
            "exclude_tags": exclude_tags,
            "name_contains": name_contains,
            "metadata_filter": metadata_filter,
            "limit": limit,
            "include_public": include_public,
        },
    )
    return Request(OPERATION, target)


def parse(response: Response) -> AssetTagHistogramResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(AssetTagHistogramResponse.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(
    client: Client,
    *,
    include_tags: list[str] | None = None,
    exclude_tags: list[str] | None = None,
    name_contains: str | None = None,
    metadata_filter: str | None = None,
    limit: int | None = None,
    include_public: bool | None = None,
) -> AssetTagHistogramResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(
        client.send(
            build(
                include_tags=include_tags,
                exclude_tags=exclude_tags,
                name_contains=name_contains,
                metadata_filter=metadata_filter,
                limit=limit,
                include_public=include_public,
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
    include_public: bool | None = None,
) -> AssetTagHistogramResponse:
    """The async form of `sync`."""
    return parse(
        await client.send(
            build(
                include_tags=include_tags,
                exclude_tags=exclude_tags,
                name_contains=name_contains,
                metadata_filter=metadata_filter,
                limit=limit,
                include_public=include_public,
            )
        )
    )
