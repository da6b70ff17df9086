"""Jobs of API v2: the list, one job, its workflow, and cancelling."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.http.request_reading import bounded
from comfy_cloud_emulator.http.responses import ApiProblem, json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.assets.documents import instant
from comfy_cloud_emulator.state.cursors import BadCursor, decode_cursor, encode_cursor
from comfy_cloud_emulator.state.jobs.job import Job
from comfy_cloud_emulator.state.store import Store

from .documents import STATUSES, Documents
from .submitted_graphs import SubmittedGraphs

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 100


def routes(store: Store, engine: JobEngine, documents: Documents, graphs: SubmittedGraphs) -> list[Operation]:
    """The operations of this module over a store and its engine."""

    async def list_jobs(request: Request) -> Response:
        limit = bounded(request, "limit", DEFAULT_LIMIT, least=1, most=MAX_LIMIT)
        before = _position(request.query_params.get("cursor"))
        hidden = store.hidden.ids(store.now())
        conditions, parameters = ["1"], list[object](hidden)
        if hidden:
            conditions.append(f"id NOT IN ({', '.join('?' * len(hidden))})")
        if before is not None:
            conditions.append("(create_time, number) < (?, ?)")
            parameters.extend(before)
        rows = store.read(
            "SELECT id, status, create_time, update_time, number FROM jobs"  # noqa: S608
            f" WHERE {' AND '.join(conditions)} ORDER BY create_time DESC, number DESC LIMIT ?",
            [*parameters, limit + 1],
        )
        shown = rows[:limit]
        jobs = [
            {
                "id": id,
                "status": STATUSES[status],
                "create_time": instant(created),
                "update_time": instant(updated),
                "deployment_id": None,
            }
            for id, status, created, updated, _ in shown
        ]
        cursor = encode_cursor([shown[-1][2], shown[-1][4]]) if len(rows) > limit else None
        return json_response({"jobs": jobs, "next_cursor": cursor})

    async def get_job(request: Request) -> Response:
        return json_response(documents.job(job_of(store, request)))

    async def get_job_workflow(request: Request) -> Response:
        return json_response({"workflow": graphs.of(job_of(store, request)), "format": "api"})

    async def cancel_job(request: Request) -> Response:
        job = job_of(store, request)
        engine.cancel(job.id)
        return json_response(documents.job(store.get(job.id) or job))

    return [
        Operation("GET", "/api/v2/jobs", list_jobs),
        Operation("GET", "/api/v2/jobs/{id}", get_job),
        Operation("GET", "/api/v2/jobs/{id}/workflow", get_job_workflow),
        Operation("POST", "/api/v2/jobs/{id}/cancel", cancel_job),
    ]


def job_of(store: Store, request: Request) -> Job:
    """The job in the path. Raises ApiProblem with status 404."""
    id: str = request.path_params["id"]
    job = store.get(id)
    if job is None:
        raise ApiProblem(404, f"there is no job {id}")
    return job


def _position(cursor: str | None) -> tuple[int, int] | None:
    if cursor is None:
        return None
    try:
        created, number = map(int, decode_cursor(cursor))
    except (BadCursor, TypeError, ValueError) as error:
        raise ApiProblem(
            400, "cursor: use the next_cursor of an earlier page, unchanged", code="invalid_cursor"
        ) from error
    if max(abs(created), abs(number)) >= 2**63:
        raise ApiProblem(
            400, "cursor: use the next_cursor of an earlier page, unchanged", code="invalid_cursor"
        )
    return created, number
