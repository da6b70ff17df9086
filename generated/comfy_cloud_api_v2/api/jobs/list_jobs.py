# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""GET /api/v2/jobs: List jobs."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.job_list import JobList
from ...types import (
    Credential,
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    with_query,
)

OPERATION = Operation(
    "listJobs",
    "GET",
    "/api/v2/jobs",
    "optional",
    (Credential("header", "Authorization", "Bearer "),),
)


def build(*, limit: int | None = None, cursor: str | None = None) -> Request:
    """List jobs.

    Returns the caller's jobs, newest first, a page at a time: each page has the cursor of the next.

    Args:
        limit: How many jobs a page has at most.
        cursor: `next_cursor` of the page before.
    """
    target = with_query(
        "/api/v2/jobs",
        {
            "limit": limit,
            "cursor": cursor,
        },
    )
    return Request(OPERATION, target)


def parse(response: Response) -> JobList:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(JobList.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, *, limit: int | None = None, cursor: str | None = None) -> JobList:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(limit=limit, cursor=cursor)))


async def asyncio(client: AsyncClient, *, limit: int | None = None, cursor: str | None = None) -> JobList:
    """The async form of `sync`."""
    return parse(await client.send(build(limit=limit, cursor=cursor)))
