# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""HEAD /api/v2/assets/by-hash/{hash}: Ask whether content is stored."""

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
    "headAssetByHash",
    "HEAD",
    "/api/v2/assets/by-hash/{hash}",
    "optional",
    (Credential("header", "Authorization", "Bearer "),),
)


def build(hash_: str) -> Request:
    """Ask whether content is stored.

    Whether an asset can be made of this content without sending it, by the same rules as in `POST
    /api/v2/assets/from-hash`.

    Args:
        hash_: blake3 hash of the content, as `blake3:` and hexadecimal digits.
    """
    target = f"/api/v2/assets/by-hash/{path_segment(hash_)}"
    return Request(OPERATION, target)


def parse(response: Response) -> bool:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return True
    if status == 404:
        return False
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, hash_: str) -> bool:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(hash_)))


async def asyncio(client: AsyncClient, hash_: str) -> bool:
    """The async form of `sync`."""
    return parse(await client.send(build(hash_)))
