# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""POST /api/v2/assets/from-hash: Make an asset of content that is stored already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.asset import Asset
from ...models.asset_from_hash_body import AssetFromHashBody
from ...types import (
    Credential,
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    to_json,
)

OPERATION = Operation(
    "assetFromHash",
    "POST",
    "/api/v2/assets/from-hash",
    "optional",
    (Credential("header", "Authorization", "Bearer "),),
)


def build(*, body: AssetFromHashBody | Mapping[str, Any]) -> Request:
    """Make an asset of content that is stored already.

    Makes an asset without sending the content. Only content that this account may use counts; that
    of others looks as if it were not there.

    Args:
        body: The JSON object: the model, or a mapping with its JSON names.
    """
    target = "/api/v2/assets/from-hash"
    return Request(OPERATION, target, json=to_json(body))


def parse(response: Response) -> Asset:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200 or status == 201:
        return decode_model(Asset.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, body: AssetFromHashBody | Mapping[str, Any]) -> Asset:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(body=body)))


async def asyncio(client: AsyncClient, *, body: AssetFromHashBody | Mapping[str, Any]) -> Asset:
    """The async form of `sync`."""
    return parse(await client.send(build(body=body)))
