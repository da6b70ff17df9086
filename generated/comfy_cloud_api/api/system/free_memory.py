# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""POST /api/free: Free memory of the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...client import AsyncClient, Client
from ...models.free_memory_request import FreeMemoryRequest
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    to_json,
)

OPERATION = Operation(
    "freeMemory",
    "POST",
    "/api/free",
    "required",
)


def build(*, body: FreeMemoryRequest | Mapping[str, Any] | None = None) -> Request:
    """Free memory of the server.

    Asks a self-hosted server to unload models and to free memory when the current job has ended.
    Without effect on the cloud.

    Args:
        body: The JSON object: the model, or a mapping with its JSON names.
    """
    target = "/api/free"
    if body is None:
        return Request(OPERATION, target)
    return Request(OPERATION, target, json=to_json(body))


def parse(response: Response) -> None:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return None
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, body: FreeMemoryRequest | Mapping[str, Any] | None = None) -> None:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(body=body)))


async def asyncio(client: AsyncClient, *, body: FreeMemoryRequest | Mapping[str, Any] | None = None) -> None:
    """The async form of `sync`."""
    return parse(await client.send(build(body=body)))
