# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/experiment/models/preview/{folder}/{path_index}/{filename}: Fetch the preview image of a
model.
"""

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
    "getModelPreview",
    "GET",
    "/api/experiment/models/preview/{folder}/{path_index}/{filename}",
    "none",
)


def build(folder: str, path_index: int, filename: str) -> Request:
    """Fetch the preview image of a model.

    Returns a small WebP image that shows what a model produces. Few models have one: a 404 is
    normal on the cloud. No key is needed.

    Args:
        folder: Name of the model folder that holds the file.
        path_index: Index of the folder's storage location, from 0; the cloud has only location 0.
        filename: File name of the model; `.webp` may be put at the end.
    """
    target = f"/api/experiment/models/preview/{path_segment(folder)}/{path_segment(path_index)}/{path_segment(filename)}"
    return Request(OPERATION, target)


def parse(response: Response) -> bytes:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return response.content
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, folder: str, path_index: int, filename: str) -> bytes:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(folder, path_index, filename)))


async def asyncio(client: AsyncClient, folder: str, path_index: int, filename: str) -> bytes:
    """The async form of `sync`."""
    return parse(await client.send(build(folder, path_index, filename)))
