# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""POST /api/assets/from-hash: Make an asset from content already stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.asset_created import AssetCreated
from ...models.create_asset_from_hash_body import CreateAssetFromHashBody
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    to_json,
)

OPERATION = Operation(
    "createAssetFromHash",
    "POST",
    "/api/assets/from-hash",
    "required",
)


def build(*, body: CreateAssetFromHashBody | Mapping[str, Any]) -> Request:
    """Make an asset from content already stored.

    Creates an asset for bytes that the service already has, without sending them again. Ask first
    with `HEAD /api/assets/hash/{hash}`; when the content is missing, upload it. Name, tags and
    metadata are the caller's own and independent of other assets with the same content.

    Args:
        body: The hash of the content and the metadata of the new asset.
    """
    target = "/api/assets/from-hash"
    return Request(OPERATION, target, json=to_json(body))


def parse(response: Response) -> AssetCreated:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200 or status == 201:
        return decode_model(AssetCreated.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, body: CreateAssetFromHashBody | Mapping[str, Any]) -> AssetCreated:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(body=body)))


async def asyncio(client: AsyncClient, *, body: CreateAssetFromHashBody | Mapping[str, Any]) -> AssetCreated:
    """The async form of `sync`."""
    return parse(await client.send(build(body=body)))
