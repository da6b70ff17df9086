# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""PUT /api/assets/{id}: Change the metadata of an asset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.asset_updated import AssetUpdated
from ...models.update_asset_body import UpdateAssetBody
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
    "updateAsset",
    "PUT",
    "/api/assets/{id}",
    "required",
)


def build(id: str, *, body: UpdateAssetBody | Mapping[str, Any]) -> Request:
    """Change the metadata of an asset.

    Changes the fields that are sent and leaves the others alone; at least one is needed. The
    content of an asset never changes. Tags are better added and removed through
    `/api/assets/{id}/tags`: the service no longer takes them here, although the contract lists
    them.

    Args:
        id: UUID of the asset, as given in the `id` field of an asset record.
        body: The fields to change, with their new values.
    """
    target = f"/api/assets/{path_segment(id)}"
    return Request(OPERATION, target, json=to_json(body))


def parse(response: Response) -> AssetUpdated:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(AssetUpdated.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, id: str, *, body: UpdateAssetBody | Mapping[str, Any]) -> AssetUpdated:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(id, body=body)))


async def asyncio(client: AsyncClient, id: str, *, body: UpdateAssetBody | Mapping[str, Any]) -> AssetUpdated:
    """The async form of `sync`."""
    return parse(await client.send(build(id, body=body)))
