# Made from openapi-v2.yaml and openapi-overlay-v2.yaml by `make generate`. Do not edit.
"""GET /api/v2/jobs/{id}/events: Follow a job as server-sent events."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...types import (
    Credential,
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    path_segment,
)

OPERATION = Operation(
    "getJobEvents",
    "GET",
    "/api/v2/jobs/{id}/events",
    "optional",
    (Credential("header", "Authorization", "Bearer "),),
)


def build(id: str) -> Request:
    """Follow a job as server-sent events.

    The stream begins with the present state: a `status`, the latest `progress`, and the latest
    `preview` if there is one. Changes follow, until the `status` that ends the job ends the stream.
    Events have no id and are not sent again: after a break, connect anew or read the job. The
    fields of each kind are those of the schema that `x-sse-events` names.

    Args:
        id: Identifier of the job.
    """
    target = f"/api/v2/jobs/{path_segment(id)}/events"
    return Request(OPERATION, target)


def parse(response: Response) -> str:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return response.content.decode("utf-8", "replace")
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, id: str) -> str:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(id)))


async def asyncio(client: AsyncClient, id: str) -> str:
    """The async form of `sync`."""
    return parse(await client.send(build(id)))
