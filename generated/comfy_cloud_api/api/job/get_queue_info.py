# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/queue: Show running and waiting jobs."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.queue_info import QueueInfo
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
)

OPERATION = Operation(
    "getQueueInfo",
    "GET",
    "/api/queue",
    "required",
)


def build() -> Request:
    """Show running and waiting jobs.

    Returns the caller's running and waiting jobs as tuples in the layout that ComfyUI programs
    expect. `GET /api/jobs` with `status=pending,in_progress` contains the same in a form that is
    easier to read.
    """
    target = "/api/queue"
    return Request(OPERATION, target)


def parse(response: Response) -> QueueInfo:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(QueueInfo.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client) -> QueueInfo:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build()))


async def asyncio(client: AsyncClient) -> QueueInfo:
    """The async form of `sync`."""
    return parse(await client.send(build()))
