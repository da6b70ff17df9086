# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/jobs: List jobs in any state."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.jobs_list_response import JobsListResponse
from ...models.list_jobs_output_type import ListJobsOutputType
from ...models.list_jobs_sort_by import ListJobsSortBy
from ...models.list_jobs_sort_order import ListJobsSortOrder
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_page,
    with_query,
)

OPERATION = Operation(
    "listJobs",
    "GET",
    "/api/jobs",
    "required",
)


def build(
    *,
    status: str | None = None,
    workflow_id: str | None = None,
    output_type: ListJobsOutputType | str | None = None,
    sort_by: ListJobsSortBy | str | None = None,
    sort_order: ListJobsSortOrder | str | None = None,
    offset: int | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Request:
    """List jobs in any state.

    Returns a page of the caller's jobs, waiting and running ones included, without graphs and full
    outputs. Narrow it by state, workflow or kind of output, and choose the order. Unlike the
    history, it reports how many jobs match and whether more follow. For everything about a single
    job use `GET /api/jobs/{job_id}`.

    Args:
        status: One or more of pending, in_progress, completed, failed and cancelled, joined by
            commas. Without it jobs in every state are listed.
        workflow_id: Keep only jobs that ran the saved workflow with exactly this identifier.
        output_type: Keep only completed jobs that produced a file of this kind.
        sort_by: What decides the order: `create_time` is the moment of submission, `execution_time`
            how long the run took.
        sort_order: `desc` puts the newest or longest first, `asc` the oldest or shortest.
        offset: How many matching jobs to skip, counted in the chosen order.
        limit: How many jobs a page may hold.
        after: Cursor from `pagination.next_cursor` of the previous page. Opaque; has no effect when
            sorting by execution time.
    """
    target = with_query(
        "/api/jobs",
        {
            "status": status,
            "workflow_id": workflow_id,
            "output_type": output_type,
            "sort_by": sort_by,
            "sort_order": sort_order,
            "offset": offset,
            "limit": limit,
            "after": after,
        },
    )
    return Request(OPERATION, target)


def parse(response: Response) -> JobsListResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_page(JobsListResponse, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(
    client: Client,
    *,
    status: str | None = None,
    workflow_id: str | None = None,
    output_type: ListJobsOutputType | str | None = None,
    sort_by: ListJobsSortBy | str | None = None,
    sort_order: ListJobsSortOrder | str | None = None,
    offset: int | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> JobsListResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(
        client.send(
            build(
                status=status,
                workflow_id=workflow_id,
                output_type=output_type,
                sort_by=sort_by,
                sort_order=sort_order,
                offset=offset,
                limit=limit,
                after=after,
            )
        )
    )


async def asyncio(
    client: AsyncClient,
    *,
    status: str | None = None,
    workflow_id: str | None = None,
    output_type: ListJobsOutputType | str | None = None,
    sort_by: ListJobsSortBy | str | None = None,
    sort_order: ListJobsSortOrder | str | None = None,
    offset: int | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> JobsListResponse:
    """The async form of `sync`."""
    return parse(
        await client.send(
            build(
                status=status,
                workflow_id=workflow_id,
                output_type=output_type,
                sort_by=sort_by,
                sort_order=sort_order,
                offset=offset,
                limit=limit,
                after=after,
            )
        )
    )
