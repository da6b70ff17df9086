# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/job/{job_id}/status: Read the raw state of a job."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.job_status_response import JobStatusResponse
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    path_segment,
)

OPERATION = Operation(
    "getJobStatus",
    "GET",
    "/api/job/{job_id}/status",
    "required",
)


def build(job_id: str) -> Request:
    """Read the raw state of a job.

    Returns the state of a job without its content. The states are those of the scheduler and not
    the five of `GET /api/jobs/{job_id}`: in practice a job that went well ends here as `success`,
    one that went wrong as `error` or `non_retryable_error`. Prefer the other route.

    Args:
        job_id: UUID of the job; the same value that submission returned as `prompt_id`.
    """
    target = f"/api/job/{path_segment(job_id)}/status"
    return Request(OPERATION, target)


def parse(response: Response) -> JobStatusResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(JobStatusResponse.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, job_id: str) -> JobStatusResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(job_id)))


async def asyncio(client: AsyncClient, job_id: str) -> JobStatusResponse:
    """The async form of `sync`."""
    return parse(await client.send(build(job_id)))
