# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""POST /api/v2/assets: Upload a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.asset import Asset
from ...models.post_assets_body import PostAssetsBody
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    form_parts,
)

OPERATION = Operation(
    "postAssets",
    "POST",
    "/api/v2/assets",
    "optional",
)


def build(*, body: PostAssetsBody | Mapping[str, Any]) -> Request:
    """Upload a file.

    Stores a file, sent in one request as a form, and returns its new asset. The service hashes what
    arrives; content that it has already is not stored twice. The asset can be used at once, while a
    scan of the content may still run. Around 100 MB is the largest file that one request should
    carry.

    Args:
        body: The form: the model, or a mapping with its JSON names. Files are `File`, bytes or open
            files.
    """
    target = "/api/v2/assets"
    return Request(OPERATION, target, parts=form_parts(body))


def parse(response: Response) -> Asset:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200 or status == 201:
        return decode_model(Asset.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, body: PostAssetsBody | Mapping[str, Any]) -> Asset:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(body=body)))


async def asyncio(client: AsyncClient, *, body: PostAssetsBody | Mapping[str, Any]) -> Asset:
    """The async form of `sync`."""
    return parse(await client.send(build(body=body)))
