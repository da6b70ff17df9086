# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/tasks/{task_id}: Fetch one background task."""

from __future__ import annotations

from ...client import AsyncClient, Client
from ...models.task import Task
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_model,
    path_segment,
)

OPERATION = Operation(
    "getTask",
    "GET",
    "/api/tasks/{task_id}",
    "required",
)


def build(task_id: str) -> Request:
    """Fetch one background task.

    Returns the state of a task with its input and, once it has ended, its result or error.

    Args:
        task_id: UUID of the task.
    """
    target = f"/api/tasks/{path_segment(task_id)}"
    return Request(OPERATION, target)


def parse(response: Response) -> Task:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_model(Task.from_dict, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(client: Client, task_id: str) -> Task:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(client.send(build(task_id)))


async def asyncio(client: AsyncClient, task_id: str) -> Task:
    """The async form of `sync`."""
    return parse(await client.send(build(task_id)))
