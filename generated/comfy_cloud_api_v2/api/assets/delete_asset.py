# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""DELETE /api/v2/assets/{id}: Delete the record of a file."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...types import (
    Credential,
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    path_segment,
)

OPERATION = Operation(
    "deleteAsset",
    "DELETE",
    "/api/v2/assets/{id}",
    "optional",
    (Credential("header", "Authorization", "Bearer "),),
)


def build(id: str) -> Request:
    """Delete the record of a file.

    Deletes one asset. Content that other assets share stays. Deleting the same asset again is a
    404, like an id that never existed.

    Args:
        id: Identifier of the asset.
    """
    target = f"/api/v2/assets/{path_segment(id)}"
    return Request(OPERATION, target)


def parse(response: Response) -> None:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 204:
        return None
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, id: str) -> None:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(id)))


async def asyncio(client: AsyncClient, id: str) -> None:
    """The async form of `sync`."""
    return parse(await client.send(build(id)))
