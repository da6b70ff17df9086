# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/history: List finished jobs on a self-hosted server."""

from __future__ import annotations

from typing import Any

from ...client import AsyncClient, Client
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    with_query,
)

OPERATION = Operation(
    "getHistoryV1",
    "GET",
    "/api/history",
    "required",
)


def build(*, max_items: int | None = None, offset: int | None = None) -> Request:
    """List finished jobs on a self-hosted server.

    Returns finished jobs as an object from identifier to record, the oldest first. In a record
    `prompt` is a list of number, identifier, graph, `extra_data` and output nodes. The cloud does
    not have this route and returns 404.

    Args:
        max_items: How many records to return at most.
        offset: How many records to skip.
    """
    target = with_query(
        "/api/history",
        {
            "max_items": max_items,
            "offset": offset,
        },
    )
    return Request(OPERATION, target)


def parse(response: Response) -> dict[str, Any]:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, max_items: int | None = None, offset: int | None = None) -> dict[str, Any]:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(max_items=max_items, offset=offset)))


async def asyncio(
    client: AsyncClient, *, max_items: int | None = None, offset: int | None = None
) -> dict[str, Any]:
    """The async form of `sync`."""
    return parse(await client.send(build(max_items=max_items, offset=offset)))
