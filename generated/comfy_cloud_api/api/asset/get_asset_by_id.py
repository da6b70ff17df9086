# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/assets/{id}: Fetch the record of one asset."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.asset import Asset
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    path_segment,
)

OPERATION = Operation(
    "getAssetById",
    "GET",
    "/api/assets/{id}",
    "required",
)


def build(id: str) -> Request:
    """Fetch the record of one asset.

    Returns name, size, hash, tags and metadata of a stored file, but not its content. The bytes
    come from `GET /api/view` with the stored name.

    Args:
        id: UUID of the asset, as given in the `id` field of an asset record.
    """
    target = f"/api/assets/{path_segment(id)}"
    return Request(OPERATION, target)


def parse(response: Response) -> Asset:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(Asset.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, id: str) -> Asset:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(id)))


async def asyncio(client: AsyncClient, id: str) -> Asset:
    """The async form of `sync`."""
    return parse(await client.send(build(id)))
