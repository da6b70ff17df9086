# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""DELETE /api/assets/{id}: Delete an asset."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    path_segment,
)

OPERATION = Operation(
    "deleteAsset",
    "DELETE",
    "/api/assets/{id}",
    "required",
)


def build(id: str) -> Request:
    """Delete an asset.

    Removes an asset, and its content when nothing else refers to that. There is no way to undo it,
    and jobs that load the file will fail afterwards.

    Args:
        id: UUID of the asset, as given in the `id` field of an asset record.
    """
    target = f"/api/assets/{path_segment(id)}"
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
