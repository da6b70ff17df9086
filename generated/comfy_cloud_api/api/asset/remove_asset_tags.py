# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""DELETE /api/assets/{id}/tags: Remove tags from an asset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.remove_asset_tags_body import RemoveAssetTagsBody
from ...models.tags_modification_response import TagsModificationResponse
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    path_segment,
    to_json,
)

OPERATION = Operation(
    "removeAssetTags",
    "DELETE",
    "/api/assets/{id}/tags",
    "required",
)


def build(id: str, *, body: RemoveAssetTagsBody | Mapping[str, Any]) -> Request:
    """Remove tags from an asset.

    Removes tags from an asset. Tags it does not have are reported and otherwise ignored, so the
    call can be repeated without harm. The tags are in the body of the DELETE request.

    Args:
        id: UUID of the asset, as given in the `id` field of an asset record.
        body: The tags to remove.
    """
    target = f"/api/assets/{path_segment(id)}/tags"
    return Request(OPERATION, target, json=to_json(body))


def parse(response: Response) -> TagsModificationResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(TagsModificationResponse.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(
    client: Client, id: str, *, body: RemoveAssetTagsBody | Mapping[str, Any]
) -> TagsModificationResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(id, body=body)))


async def asyncio(
    client: AsyncClient, id: str, *, body: RemoveAssetTagsBody | Mapping[str, Any]
) -> TagsModificationResponse:
    """The async form of `sync`."""
    return parse(await client.send(build(id, body=body)))
