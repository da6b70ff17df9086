# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/jobs/{job_id}: Fetch everything about one job."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.job_detail_response import JobDetailResponse
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    path_segment,
)

OPERATION = Operation(
    "getJobDetail",
    "GET",
    "/api/jobs/{job_id}",
    "required",
)


def build(job_id: str) -> Request:
    """Fetch everything about one job.

    Returns the state of a job and, as far as they exist yet, its graph, outputs, error and node
    metadata. It works for jobs in every state and is the right route to poll while waiting for a
    result. Outputs and error appear once the job has ended.

    Args:
        job_id: UUID of the job; the same value that submission returned as `prompt_id`.
    """
    target = f"/api/jobs/{path_segment(job_id)}"
    return Request(OPERATION, target)


def parse(response: Response) -> JobDetailResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(JobDetailResponse.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, job_id: str) -> JobDetailResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(job_id)))


async def asyncio(client: AsyncClient, job_id: str) -> JobDetailResponse:
    """The async form of `sync`."""
    return parse(await client.send(build(job_id)))
