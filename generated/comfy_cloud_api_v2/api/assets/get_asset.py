# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""GET /api/v2/assets/{id}: Read the record of a file."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.asset import Asset
from ...types import (
    Credential,
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    path_segment,
)

OPERATION = Operation(
    "getAsset",
    "GET",
    "/api/v2/assets/{id}",
    "optional",
    (Credential("header", "Authorization", "Bearer "),),
)


def build(id: str) -> Request:
    """Read the record of a file.

    Returns the asset. Its `url` is new each time, and valid for a short while.

    Args:
        id: Identifier of the asset.
    """
    target = f"/api/v2/assets/{path_segment(id)}"
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
