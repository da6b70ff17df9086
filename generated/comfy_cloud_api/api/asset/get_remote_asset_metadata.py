# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/assets/remote-metadata: Inspect a model file before importing it."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.asset_metadata_response import AssetMetadataResponse
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    with_query,
)

OPERATION = Operation(
    "getRemoteAssetMetadata",
    "GET",
    "/api/assets/remote-metadata",
    "required",
)


def build(*, url_query: str) -> Request:
    """Inspect a model file before importing it.

    Asks a model site about a file (size, type, name, preview) without downloading it, and checks
    whether the service would accept it. `validation` in the response lists what prevents an import.
    This is about files elsewhere; for a stored asset use `GET /api/assets/{id}`.

    Args:
        url_query: Download address of the file at the model site.
    """
    target = with_query(
        "/api/assets/remote-metadata",
        {
            "url": url_query,
        },
    )
    return Request(OPERATION, target)


def parse(response: Response) -> AssetMetadataResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(AssetMetadataResponse.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, url_query: str) -> AssetMetadataResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(url_query=url_query)))


async def asyncio(client: AsyncClient, *, url_query: str) -> AssetMetadataResponse:
    """The async form of `sync`."""
    return parse(await client.send(build(url_query=url_query)))
