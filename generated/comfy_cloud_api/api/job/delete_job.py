# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""DELETE /api/jobs/{job_id}: Delete a finished job and its files."""

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
    "deleteJob",
    "DELETE",
    "/api/jobs/{job_id}",
    "required",
)


def build(job_id: str) -> Request:
    """Delete a finished job and its files.

    Removes a job that has ended, and the assets it produced. A waiting or running job is left
    alone: cancel it first. If one of the assets is used elsewhere, the response is 409, and some of
    the others may be gone already.

    Args:
        job_id: UUID of the job.
    """
    target = f"/api/jobs/{path_segment(job_id)}"
    return Request(OPERATION, target)


def parse(response: Response) -> None:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 204:
        return None
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, job_id: str) -> None:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(job_id)))


async def asyncio(client: AsyncClient, job_id: str) -> None:
    """The async form of `sync`."""
    return parse(await client.send(build(job_id)))
