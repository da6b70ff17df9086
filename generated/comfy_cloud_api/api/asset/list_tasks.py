# Made from openapi-cloud.yaml and openapi-overlay.yaml by `make generate`. Do not edit.
"""GET /api/tasks: List background tasks."""

from __future__ import annotations

from datetime import datetime

from ...client import AsyncClient, Client
from ...models.list_tasks_response import ListTasksResponse
from ...models.list_tasks_sort_order import ListTasksSortOrder
from ...types import (
    Operation,
    Request,
    Response,
    UnexpectedStatus,
    decode_page,
    with_query,
)

OPERATION = Operation(
    "listTasks",
    "GET",
    "/api/tasks",
    "required",
)


def build(
    *,
    task_name: str | None = None,
    idempotency_key: str | None = None,
    status: str | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    sort_order: ListTasksSortOrder | str | None = None,
    offset: int | None = None,
    limit: int | None = None,
) -> Request:
    """List background tasks.

    Returns a page of the caller's background tasks, such as imports of model files, the newest
    first unless asked otherwise.

    Args:
        task_name: Keep only tasks of this kind.
        idempotency_key: Keep only the task that was made with this key.
        status: Keep only tasks in one of these states, joined by commas.
        created_after: Keep only tasks made after this instant.
        created_before: Keep only tasks made before this instant.
        sort_order: `desc` puts the newest first, `asc` the oldest.
        offset: How many matching tasks to skip.
        limit: How many tasks a page may hold.
    """
    target = with_query(
        "/api/tasks",
        {
            "task_name": task_name,
            "idempotency_key": idempotency_key,
            "status": status,
            "created_after": created_after,
            "created_before": created_before,
            "sort_order": sort_order,
            "offset": offset,
            "limit": limit,
        },
    )
    return Request(OPERATION, target)


def parse(response: Response) -> ListTasksResponse:
    """The value of a successful response.

    Raises UnexpectedStatus for every status that is not a success of this operation, and
    UnreadableBody when the body is not what the contract defines.
    """
    status = response.status_code
    if status == 200:
        return decode_page(ListTasksResponse, response)
    raise UnexpectedStatus(OPERATION, status, response.content)


def sync(
    client: Client,
    *,
    task_name: str | None = None,
    idempotency_key: str | None = None,
    status: str | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    sort_order: ListTasksSortOrder | str | None = None,
    offset: int | None = None,
    limit: int | None = None,
) -> ListTasksResponse:
    """Call the operation. Parameters are those of `build`, result and errors those of `parse`."""
    return parse(
        client.send(
            build(
                task_name=task_name,
                idempotency_key=idempotency_key,
                status=status,
                created_after=created_after,
                created_before=created_before,
                sort_order=sort_order,
                offset=offset,
                limit=limit,
            )
        )
    )


async def asyncio(
    client: AsyncClient,
    *,
    task_name: str | None = None,
    idempotency_key: str | None = None,
    status: str | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    sort_order: ListTasksSortOrder | str | None = None,
    offset: int | None = None,
    limit: int | None = None,
) -> ListTasksResponse:
    """The async form of `sync`."""
    return parse(
        await client.send(
            build(
                task_name=task_name,
                idempotency_key=idempotency_key,
                status=status,
                created_after=created_after,
                created_before=created_before,
                sort_order=sort_order,
                offset=offset,
                limit=limit,
            )
        )
    )
