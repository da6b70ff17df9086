"""The jobs: `/api/jobs`, one job, and the old status route.

Reading only; cancelling and deleting are not offered here.
"""

from __future__ import annotations

from typing import Final, cast

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.reading import bounded, choice, choices_list
from comfy_cloud_emulator.replies import ApiProblem, json_bytes_reply, json_reply
from comfy_cloud_emulator.routing import Operation
from comfy_cloud_emulator.state import documents, listing
from comfy_cloud_emulator.state.jobs import Job
from comfy_cloud_emulator.state.states import STATUSES, JobStatus
from comfy_cloud_emulator.state.store import Store

OUTPUT_TYPES: Final = ("image", "video", "audio", "3d")


def routes(store: Store) -> list[Operation]:
    """The operations of this module over a store."""

    def found(request: Request) -> Job:
        job_id = request.path_params["job_id"]
        job = store.get(job_id)
        if job is None:
            raise ApiProblem(404, f"no job {job_id}")
        return job

    async def list_jobs(request: Request) -> Response:
        try:
            page = listing.page(store, _query(request))
        except listing.BadCursor as error:
            raise ApiProblem(400, str(error), code="INVALID_CURSOR") from error
        pagination = documents.written(page.pagination)
        return json_bytes_reply(
            b'{"jobs":[' + b",".join(page.entries) + b'],"pagination":' + pagination + b"}"
        )

    async def get_job(request: Request) -> Response:
        job = found(request)
        reason, position = _queue_place(store, job)
        return json_reply(documents.job_detail(job, queue_reason=reason, queue_position=position))

    async def get_job_status(request: Request) -> Response:
        return json_reply(documents.job_status(found(request)))

    return [
        Operation("GET", "/api/jobs", list_jobs),
        Operation("GET", "/api/jobs/{job_id}", get_job),
        Operation("GET", "/api/job/{job_id}/status", get_job_status),
    ]


def _query(request: Request) -> listing.JobQuery:
    return listing.JobQuery(
        statuses=cast("tuple[JobStatus, ...]", tuple(choices_list(request, "status", STATUSES))),
        workflow_id=request.query_params.get("workflow_id"),
        output_type=choice(request, "output_type", OUTPUT_TYPES),
        sort_by=cast(
            "listing.SortKey", choice(request, "sort_by", ("create_time", "execution_time")) or "create_time"
        ),
        descending=choice(request, "sort_order", ("asc", "desc")) != "asc",
        limit=bounded(request, "limit", listing.DEFAULT_LIMIT, least=1, most=listing.MAX_LIMIT),
        offset=bounded(request, "offset", 0, least=0),
        after=request.query_params.get("after"),
    )


def _queue_place(store: Store, job: Job) -> tuple[str | None, int | None]:
    """Why a job waits and where: behind the account's own running jobs, or for a machine."""
    if job.status != "pending" or not store.count("in_progress"):
        return None, None
    ahead = [pending.number for pending in store.jobs("pending") if pending.number < job.number]
    return "concurrency_limit", len(ahead) + 1
