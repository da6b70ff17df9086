# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""POST /api/upload/image: Upload an image for use in workflows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.upload_image_body import UploadImageBody
from ...models.upload_image_response_200 import UploadImageResponse200
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    form_parts,
)

OPERATION = Operation(
    "uploadImage",
    "POST",
    "/api/upload/image",
    "required",
)


def build(*, body: UploadImageBody | Mapping[str, Any]) -> Request:
    """Upload an image for use in workflows.

    Stores an image and returns the name to put into a LoadImage node. On the cloud that name is a
    content hash, not the name of the file sent, and equal content always gets an equal name. An
    image may have up to 50 MB, 16,384 pixels per edge and 67,108,864 pixels in all; a larger one is
    refused with 400.

    Args:
        body: The image and, for self-hosted servers, where to put it.
    """
    target = "/api/upload/image"
    return Request(OPERATION, target, parts=form_parts(body))


def parse(response: Response) -> UploadImageResponse200:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(UploadImageResponse200.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, body: UploadImageBody | Mapping[str, Any]) -> UploadImageResponse200:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(body=body)))


async def asyncio(
    client: AsyncClient, *, body: UploadImageBody | Mapping[str, Any]
) -> UploadImageResponse200:
    """The async form of `sync`."""
    return parse(await client.send(build(body=body)))
