# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/files/mask-layers: Find the layers that belong to a mask."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.get_mask_layers_response_200 import GetMaskLayersResponse200
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    with_query,
)

OPERATION = Operation(
    "getMaskLayers",
    "GET",
    "/api/files/mask-layers",
    "required",
)


def build(*, filename: str) -> Request:
    """Find the layers that belong to a mask.

    Takes the stored name of any one layer written by the mask editor and returns the names of all
    four, so that a mask can be edited further. Fetch the layers themselves with `GET /api/view`.

    Args:
        filename: Stored name of one of the layers: a content hash with an extension.
    """
    target = with_query(
        "/api/files/mask-layers",
        {
            "filename": filename,
        },
    )
    return Request(OPERATION, target)


def parse(response: Response) -> GetMaskLayersResponse200:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(GetMaskLayersResponse200.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, filename: str) -> GetMaskLayersResponse200:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(filename=filename)))


async def asyncio(client: AsyncClient, *, filename: str) -> GetMaskLayersResponse200:
    """The async form of `sync`."""
    return parse(await client.send(build(filename=filename)))
