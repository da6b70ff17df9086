# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/tags: List tags and how often each is used."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.list_tags_order import ListTagsOrder
from ...models.list_tags_response import ListTagsResponse
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    with_query,
)

OPERATION = Operation(
    "listTags",
    "GET",
    "/api/tags",
    "required",
)


def build(
    *,
    prefix: str | None = None,
    limit: int | None = None,
    offset: int | None = None,
    order: ListTagsOrder | str | None = None,
    include_zero: bool | None = None,
    include_public: bool | None = None,
) -> Request:
    """List tags and how often each is used.

    Returns a page of the tags in use, the most frequent first unless asked otherwise, each with the
    number of assets that carry it.

    Args:
        prefix: Keep only tags that begin with this text.
        limit: How many tags a page may hold.
        offset: How many tags to skip, counted in the chosen order.
        order: `count_desc` puts the most used first, `name_asc` sorts by name.
        include_zero: `true` also lists tags that no asset carries any more.
        include_public: `true` also counts assets that everyone may use, `false` only the caller's
            own.
    """
    target = with_query(
        "/api/tags",
        {
            "prefix": prefix,
            "limit": limit,
            "offset": offset,
            "order": order,
            "include_zero": include_zero,
            "include_public": include_public,
        },
    )
    return Request(OPERATION, target)


def parse(response: Response) -> ListTagsResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(ListTagsResponse.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(
    client: Client,
    *,
    prefix: str | None = None,
    limit: int | None = None,
    offset: int | None = None,
    order: ListTagsOrder | str | None = None,
    include_zero: bool | None = None,
    include_public: bool | None = None,
) -> ListTagsResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(
        client.send(
            build(
                prefix=prefix,
                limit=limit,
                offset=offset,
                order=order,
                include_zero=include_zero,
                include_public=include_public,
            )
        )
    )


async def asyncio(
    client: AsyncClient,
    *,
    prefix: str | None = None,
    limit: int | None = None,
    offset: int | None = None,
    order: ListTagsOrder | str | None = None,
    include_zero: bool | None = None,
    include_public: bool | None = None,
) -> ListTagsResponse:
    """The async form of `sync`."""
    return parse(
        await client.send(
            build(
                prefix=prefix,
                limit=limit,
                offset=offset,
                order=order,
                include_zero=include_zero,
                include_public=include_public,
            )
        )
    )
