# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""POST /api/v2/assets: Upload a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.asset import Asset
from ...models.post_assets_body import PostAssetsBody
from ...types import (
    Credential,
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    form_parts,
    header_fields,
)

OPERATION = Operation(
    "postAssets",
    "POST",
    "/api/v2/assets",
    "optional",
    (Credential("header", "Authorization", "Bearer "),),
)


def build(*, body: PostAssetsBody | Mapping[str, Any], idempotency_key: str | None = None) -> Request:
    """Upload a file.

    Stores a file, sent in one request as a form, and returns its new asset. The service hashes what
    arrives; content that it has already is not stored twice. The asset can be used at once, while a
    scan of the content may still run. Around 100 MB is the largest file that one request should
    carry.

    Args:
        body: The form: the model, or a mapping with its JSON names. Files are `File`, bytes or open
            files.
        idempotency_key: A UUID that the sender makes up. It works for one request; a second one
            with it gets 422 `idempotency_key_reuse`. It is forgotten after 24 hours.
    """
    target = "/api/v2/assets"
    headers = header_fields({"Idempotency-Key": idempotency_key})
    return Request(OPERATION, target, parts=form_parts(body, repeated=["tags"]), headers=headers)


def parse(response: Response) -> Asset:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200 or status == 201:
        return decode_model(Asset.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(
    client: Client, *, body: PostAssetsBody | Mapping[str, Any], idempotency_key: str | None = None
) -> Asset:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(body=body, idempotency_key=idempotency_key)))


async def asyncio(
    client: AsyncClient, *, body: PostAssetsBody | Mapping[str, Any], idempotency_key: str | None = None
) -> Asset:
    """The async form of `sync`."""
    return parse(await client.send(build(body=body, idempotency_key=idempotency_key)))
