# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""POST /api/v2/jobs/{id}/cancel: Cancel a job."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.job import Job
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
    "cancelJob",
    "POST",
    "/api/v2/jobs/{id}/cancel",
    "optional",
    (Credential("header", "Authorization", "Bearer "),),
)


def build(id: str) -> Request:
    """Cancel a job.

    Asks for the end of a job and returns it as it is now: `canceling` until its node can be
    stopped. A job that has ended stays as it is. The request may be repeated. A deployment charges
    for the time until the job stops.

    Args:
        id: Identifier of the job.
    """
    target = f"/api/v2/jobs/{path_segment(id)}/cancel"
    return Request(OPERATION, target)


def parse(response: Response) -> Job:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(Job.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, id: str) -> Job:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(id)))


async def asyncio(client: AsyncClient, id: str) -> Job:
    """The async form of `sync`."""
    return parse(await client.send(build(id)))
