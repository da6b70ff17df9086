# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""GET /api/v2/jobs/{id}/workflow: Read the workflow of a job."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.job_workflow_response import JobWorkflowResponse
from ...types import (
    Credential,
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    path_segment,
)

OPERATION = Operation(
    "getJobWorkflow",
    "GET",
    "/api/v2/jobs/{id}/workflow",
    "optional",
    (Credential("header", "Authorization", "Bearer "),),
)


def build(id: str) -> Request:
    """Read the workflow of a job.

    Returns what the job ran, in one of two forms; `format` names it. `save` is the workflow as the
    editor saved it, for jobs that belong to a saved version which the caller can still read. `api`
    is the graph that was executed, for all others, and so for every job submitted with `POST
    /api/v2/jobs`. Keys in `extra_data` are never part of it. It is kept as long as the job.

    Args:
        id: Identifier of the job.
    """
    target = f"/api/v2/jobs/{path_segment(id)}/workflow"
    return Request(OPERATION, target)


def parse(response: Response) -> JobWorkflowResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(JobWorkflowResponse.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, id: str) -> JobWorkflowResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(id)))


async def asyncio(client: AsyncClient, id: str) -> JobWorkflowResponse:
    """The async form of `sync`."""
    return parse(await client.send(build(id)))
