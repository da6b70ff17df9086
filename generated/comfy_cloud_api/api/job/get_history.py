# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/history_v2: List finished jobs with their outputs."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.history_response import HistoryResponse
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_page,
    with_query,
)

OPERATION = Operation(
    "getHistory",
    "GET",
    "/api/history_v2",
    "required",
)


def build(*, max_items: int | None = None, offset: int | None = None) -> Request:
    """List finished jobs with their outputs.

    Returns a slice of the caller's finished jobs, newest first, with outputs, status and node
    metadata. The graph itself is left out; read it from `GET /api/jobs/{job_id}`. The body has
    neither a total nor an end marker: continue until a slice is empty. Entries are counted from the
    newest, so a job that finishes between two calls shifts all others by one. Deprecated by the
    service in favour of `GET /api/jobs`, without a date for its removal.

    Args:
        max_items: How many entries to return at most. No upper limit is known; several hundred at a
            time work well.
        offset: How many of the newest entries to skip.
    """
    target = with_query(
        "/api/history_v2",
        {
            "max_items": max_items,
            "offset": offset,
        },
    )
    return Request(OPERATION, target)


def parse(response: Response) -> HistoryResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_page(HistoryResponse, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, max_items: int | None = None, offset: int | None = None) -> HistoryResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(max_items=max_items, offset=offset)))


async def asyncio(
    client: AsyncClient, *, max_items: int | None = None, offset: int | None = None
) -> HistoryResponse:
    """The async form of `sync`."""
    return parse(await client.send(build(max_items=max_items, offset=offset)))
