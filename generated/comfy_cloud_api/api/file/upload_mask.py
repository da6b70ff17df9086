# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""POST /api/upload/mask: Upload a mask for a stored image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.upload_mask_body import UploadMaskBody
from ...models.upload_mask_response_200 import UploadMaskResponse200
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    form_parts,
)

OPERATION = Operation(
    "uploadMask",
    "POST",
    "/api/upload/mask",
    "required",
)


def build(*, body: UploadMaskBody | Mapping[str, Any]) -> Request:
    """Upload a mask for a stored image.

    Applies the transparency of the sent image to an image that is already stored, and keeps the
    result as a new file. The limits for images (50 MB, 16,384 pixels per edge, 67,108,864 pixels in
    all) hold for both, and an image beyond them is refused with 400.

    Args:
        body: The mask, and which image it is for.
    """
    target = "/api/upload/mask"
    return Request(OPERATION, target, parts=form_parts(body))


def parse(response: Response) -> UploadMaskResponse200:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(UploadMaskResponse200.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, body: UploadMaskBody | Mapping[str, Any]) -> UploadMaskResponse200:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(body=body)))


async def asyncio(client: AsyncClient, *, body: UploadMaskBody | Mapping[str, Any]) -> UploadMaskResponse200:
    """The async form of `sync`."""
    return parse(await client.send(build(body=body)))
