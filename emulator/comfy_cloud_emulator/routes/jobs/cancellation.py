"""Ending jobs: cancelling one or several, interrupting, and deleting a job.

Removing jobs from the queue is in `queue`.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.http.request_reading import is_uuid, json_object, strings
from comfy_cloud_emulator.http.responses import ApiProblem, json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.assets.usage import needed_elsewhere
from comfy_cloud_emulator.state.jobs.job import Job
from comfy_cloud_emulator.state.json_values import is_object
from comfy_cloud_emulator.state.store import Store

MOST_AT_ONCE: Final = 100
"""Most jobs that one request may cancel."""


def routes(store: Store, engine: JobEngine) -> list[Operation]:
    """The operations of this module over a store and its engine."""

    def found(id: str) -> Job:
        job = store.get(id)
        if job is None:
            raise ApiProblem(404, f"no job {id}")
        return job

    async def cancel_job(request: Request) -> Response:
        id = request.path_params["job_id"]
        if not is_uuid(id.lower()):
            raise ApiProblem(400, f"job_id: expected a UUID, got {id[:40]!r}")
        return json_response({"cancelled": engine.cancel(found(id).id)})

    async def cancel_jobs(request: Request) -> Response:
        data = await json_object(request, ("job_ids",))
        ids = list(dict.fromkeys(strings(data, "job_ids")))
        if not 1 <= len(ids) <= MOST_AT_ONCE:
            raise ApiProblem(400, f"job_ids: expected 1 to {MOST_AT_ONCE} ids, got {len(ids)}")
        for id in ids:
            if not is_uuid(id.lower()):
                raise ApiProblem(400, f"job_ids: expected UUIDs, got {id[:40]!r}")
        for id in ids:
            found(id)
        # Only after all checks: one unknown id must leave all others alone.
        return json_response({"cancelled": [id for id in ids if engine.cancel(id)]})

    async def delete_job(request: Request) -> Response:
        job = found(request.path_params["job_id"])
        if job.terminal:
            user = needed_elsewhere(store, job.id)
            if user is not None:
                raise ApiProblem(409, f"a file of the job is in use by {user}", code="ASSET_IN_USE")
            store.delete_with_files(job.id)
        return Response(status_code=204)

    async def interrupt_job(request: Request) -> Response:
        id = _job_id_in(await request.body())
        if id is not None:
            engine.cancel(found(id).id)
            return Response(status_code=200)
        running = [job.id for job in reversed(store.jobs("in_progress"))]
        if engine.quirks.interrupt_all:
            chosen = running
        else:
            waiting = [job.id for job in reversed(store.jobs("pending"))]
            chosen = [*running, *waiting][:1]
        for each in chosen:
            engine.cancel(each)
        return Response(status_code=200)

    operations = [Operation("POST", "/api/interrupt", interrupt_job)]
    if not engine.quirks.no_cancel_routes:
        operations += [
            Operation("POST", "/api/jobs/cancel", cancel_jobs),
            Operation("POST", "/api/jobs/{job_id}/cancel", cancel_job),
            Operation("DELETE", "/api/jobs/{job_id}", delete_job),
        ]
    return operations


def _job_id_in(body: bytes) -> str | None:
    """The job that an interruption names, or None. An invalid body names none: never a 400."""
    try:
        data = read_json(body)
    except JsonRefused:
        return None
    id = data.get("prompt_id") if is_object(data) else None
    return id if isinstance(id, str) else None
