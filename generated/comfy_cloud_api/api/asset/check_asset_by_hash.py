# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""HEAD /api/assets/hash/{hash}: Check whether content is already stored."""

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
    "checkAssetByHash",
    "HEAD",
    "/api/assets/hash/{hash}",
    "required",
)


def build(hash_: str) -> Request:
    """Check whether content is already stored.

    The status alone says whether the service has content with this hash; there is never a body.
    Check before an upload: when the content is there, `POST /api/assets/from-hash` saves sending
    it.

    Args:
        hash_: BLAKE3 hash of the content: `blake3:` and 64 lower-case hex digits.
    """
    target = f"/api/assets/hash/{path_segment(hash_)}"
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
