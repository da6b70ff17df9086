# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""POST /api/assets/download: Import a model file from the web."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.asset_created import AssetCreated
from ...models.asset_download_response import AssetDownloadResponse
from ...models.create_asset_download_body import CreateAssetDownloadBody
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    to_json,
)

OPERATION = Operation(
    "createAssetDownload",
    "POST",
    "/api/assets/download",
    "required",
)


def build(*, body: CreateAssetDownloadBody | Mapping[str, Any]) -> Request:
    """Import a model file from the web.

    Lets the service fetch a model from Hugging Face or Civitai into the caller's assets, in the
    background. When it has the file already, the asset is returned at once with 200. Otherwise 202
    returns a task to follow: by `GET /api/tasks/{task_id}`, or by `asset_download` messages on the
    websocket.

    Args:
        body: Where the file is, and how to label the asset.
    """
    target = "/api/assets/download"
    return Request(OPERATION, target, json=to_json(body))


def parse(response: Response) -> AssetCreated | AssetDownloadResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(AssetCreated.from_dict, response)
    if status == 202:
        return decode_model(AssetDownloadResponse.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(
    client: Client, *, body: CreateAssetDownloadBody | Mapping[str, Any]
) -> AssetCreated | AssetDownloadResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(body=body)))


async def asyncio(
    client: AsyncClient, *, body: CreateAssetDownloadBody | Mapping[str, Any]
) -> AssetCreated | AssetDownloadResponse:
    """The async form of `sync`."""
    return parse(await client.send(build(body=body)))
