"""`/api/jobs` as newer versions of ComfyUI have it.

It differs from the cloud's in the names of orders, in its errors, and in that a list has no maximum
length. Cancelling never fails: a job that is over or unknown is simply not cancelled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.http.request_reading import is_uuid
from comfy_cloud_emulator.http.responses import ApiProblem
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.jobs.job import Job
from comfy_cloud_emulator.state.jobs.statuses import STATUSES
from comfy_cloud_emulator.state.json_values import is_array, is_object
from comfy_cloud_emulator.state.store import Store

from . import responses
from .documents import job_entry, workflow_id

_ORDERS: Final[dict[str, Callable[[Job], int]]] = {
    "created_at": lambda job: job.create_time,
    "execution_duration": lambda job: (
        (job.end_time - job.start_time) if job.end_time and job.start_time else 0
    ),
}


def routes(store: Store, engine: JobEngine) -> list[Operation]:
    """The operations of this module over a store and its engine."""

    async def list_jobs(request: Request) -> Response:
        query = request.query_params
        statuses = [status.strip().lower() for status in query.get("status", "").split(",") if status.strip()]
        unknown = [status for status in statuses if status not in STATUSES]
        if unknown:
            return _refused(f"there is no status {', '.join(unknown)}; known are {', '.join(STATUSES)}")
        sort_by, order = query.get("sort_by", "created_at").lower(), query.get("sort_order", "desc").lower()
        if sort_by not in _ORDERS:
            return _refused(f"sort_by must be one of {', '.join(_ORDERS)}")
        if order not in ("asc", "desc"):
            return _refused("sort_order must be asc or desc")
        limit, offset = _integer(query.get("limit")), max(0, _integer(query.get("offset")) or 0)
        if limit is not None and limit <= 0:
            return _refused("limit must be above zero")
        hidden = store.hidden.ids(store.now())
        jobs = [
            job for job in store.jobs() if job.id not in hidden and (not statuses or job.status in statuses)
        ]
        wanted = query.get("workflow_id")
        jobs = [job for job in jobs if not wanted or workflow_id(job) == wanted]
        jobs.sort(key=_ORDERS[sort_by], reverse=order == "desc")
        page = jobs[offset:] if limit is None else jobs[offset : offset + limit]
        pagination = {
            "offset": offset,
            "limit": limit,
            "total": len(jobs),
            "has_more": offset + len(page) < len(jobs),
        }
        return responses.json_response(
            {"jobs": [job_entry(job, engine) for job in page], "pagination": pagination}
        )

    async def get_job(request: Request) -> Response:
        job = store.get(request.path_params["job_id"])
        if job is None:
            return _refused("there is no such job", 404)
        return responses.json_response(job_entry(job, engine, is_detail=True))

    async def cancel_job(request: Request) -> Response:
        return responses.json_response({"cancelled": cancelled(request.path_params["job_id"])})

    async def cancel_jobs(request: Request) -> Response:
        try:
            data = await responses.read_json(request)
        except responses.InternalError:
            return _refused("the body must be JSON")
        ids = data.get("job_ids") if is_object(data) else None
        if not is_array(ids):
            return _refused("job_ids must be a list")
        texts = [id if isinstance(id, str) else repr(id) for id in ids]
        invalid = [id for id in texts if not is_uuid(id)]
        if invalid:
            return responses.json_response(
                {"error": "job_ids contains invalid ids", "invalid_ids": invalid}, 400
            )
        done = [cancelled(id) for id in ids]
        return responses.json_response({"cancelled": any(done)})

    def cancelled(id: str) -> bool:
        job = store.get(id)
        if job is None or job.terminal:
            return False
        return engine.withdraw(id) or engine.cancel(id)

    return [
        Operation("GET", "/api/jobs", list_jobs),
        Operation("GET", "/api/jobs/{job_id}", get_job),
        Operation("POST", "/api/jobs/cancel", cancel_jobs),
        Operation("POST", "/api/jobs/{job_id}/cancel", cancel_job),
    ]


def _refused(message: str, status: int = 400) -> Response:
    return responses.json_response({"error": message}, status)


def _integer(text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError as error:
        raise ApiProblem(400, "limit and offset must be whole numbers") from error
