# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""DELETE /api/tasks/{task_id}: Cancel a background task."""

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
    "cancelTask",
    "DELETE",
    "/api/tasks/{task_id}",
    "required",
)


def build(task_id: str) -> Request:
    """Cancel a background task.

    Stops a task that has not ended.

    Args:
        task_id: UUID of the task.
    """
    target = f"/api/tasks/{path_segment(task_id)}"
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


def sync(client: Client, task_id: str) -> None:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(task_id)))


async def asyncio(client: AsyncClient, task_id: str) -> None:
    """The async form of `sync`."""
    return parse(await client.send(build(task_id)))
