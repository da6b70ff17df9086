"""Background tasks: `/api/tasks`. They begin with the import of a model file, see `creation`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.request_reading import bounded, choice, choices_list
from comfy_cloud_emulator.http.responses import ApiProblem, json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.assets import documents as asset_documents
from comfy_cloud_emulator.state.assets.tasks import STATUSES, TaskQuery
from comfy_cloud_emulator.state.store import Store

DEFAULT_LIMIT: Final = 20
MAX_LIMIT: Final = 100


def routes(store: Store) -> list[Operation]:
    """The operations of this module over a store."""

    async def list_tasks(request: Request) -> Response:
        query = TaskQuery(
            task_name=request.query_params.get("task_name"),
            idempotency_key=request.query_params.get("idempotency_key"),
            statuses=choices_list(request, "status", STATUSES),
            created_after=_instant(request, "created_after"),
            created_before=_instant(request, "created_before"),
            descending=choice(request, "sort_order", ("asc", "desc")) != "asc",
            offset=bounded(request, "offset", 0, least=0),
            limit=bounded(request, "limit", DEFAULT_LIMIT, least=1, most=MAX_LIMIT),
        )
        tasks, total = store.tasks.page(query)
        pagination = {
            "offset": query.offset,
            "limit": query.limit,
            "total": total,
            "has_more": query.offset + len(tasks) < total,
        }
        shown = [asset_documents.task(task, listed=True) for task in tasks]
        return json_response({"tasks": shown, "pagination": pagination})

    async def get_task(request: Request) -> Response:
        id = request.path_params["task_id"]
        task = store.tasks.get(id)
        if task is None:
            raise ApiProblem(404, f"no task {id}")
        return json_response(asset_documents.task(task))

    async def cancel_task(request: Request) -> Response:
        id = request.path_params["task_id"]
        cancelled = store.tasks.cancel(id)
        if cancelled is None:
            raise ApiProblem(404, f"no task {id}")
        if not cancelled:
            raise ApiProblem(409, "the task is over already")
        return Response(status_code=204)

    return [
        Operation("GET", "/api/tasks", list_tasks),
        Operation("GET", "/api/tasks/{task_id}", get_task),
        Operation("DELETE", "/api/tasks/{task_id}", cancel_task),
    ]


def _instant(request: Request, name: str) -> int | None:
    """An instant from the query in Unix milliseconds; without an offset it is UTC."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        # An unencoded plus sign arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return int(moment.timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise ApiProblem(400, f"{name}: expected an instant such as 2026-11-23T12:00:00Z") from error
