# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""POST /api/assets: Store a file as an asset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.asset_created import AssetCreated
from ...models.upload_asset_body import UploadAssetBody
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    form_parts,
)

OPERATION = Operation(
    "uploadAsset",
    "POST",
    "/api/assets",
    "required",
)


def build(*, body: UploadAssetBody | Mapping[str, Any]) -> Request:
    """Store a file as an asset.

    Stores a file with its name, tags and metadata and returns the new asset. Content is kept once:
    a file whose bytes are stored already is not stored again, and `created_new` says which case it
    was. To use an image in a graph, put its stored hash name into the loader node, not the `name`
    chosen here. The JSON form, which lets the service fetch a URL itself, is part of this contract
    but has been withdrawn; `POST /api/assets/download` replaces it.

    Args:
        body: The file with its metadata as form fields, or (withdrawn) a web address to fetch.
    """
    target = "/api/assets"
    return Request(OPERATION, target, parts=form_parts(body))


def parse(response: Response) -> AssetCreated:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200 or status == 201:
        return decode_model(AssetCreated.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, body: UploadAssetBody | Mapping[str, Any]) -> AssetCreated:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(body=body)))


async def asyncio(client: AsyncClient, *, body: UploadAssetBody | Mapping[str, Any]) -> AssetCreated:
    """The async form of `sync`."""
    return parse(await client.send(build(body=body)))
