# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""POST /api/jobs/{job_id}/cancel: Cancel one job."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.job_cancel_response import JobCancelResponse
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    path_segment,
)

OPERATION = Operation(
    "cancelJob",
    "POST",
    "/api/jobs/{job_id}/cancel",
    "required",
)


def build(job_id: str) -> Request:
    """Cancel one job.

    Cancels a job that waits or runs. It may be repeated without harm: for a job that has ended or
    is being cancelled the result is `false`.

    Args:
        job_id: UUID of the job.
    """
    target = f"/api/jobs/{path_segment(job_id)}/cancel"
    return Request(OPERATION, target)


def parse(response: Response) -> JobCancelResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(JobCancelResponse.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, job_id: str) -> JobCancelResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(job_id)))


async def asyncio(client: AsyncClient, job_id: str) -> JobCancelResponse:
    """The async form of `sync`."""
    return parse(await client.send(build(job_id)))
