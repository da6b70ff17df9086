"""The jobs: `/api/jobs`, one job, and the old status route.

Reading only; cancelling and deleting are in `cancellation`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

import orjson
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.request_reading import bounded, choice, choices_list
from comfy_cloud_emulator.http.responses import ApiProblem, json_bytes_response, json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.state.cursors import BadCursor
from comfy_cloud_emulator.state.jobs import documents, listing
from comfy_cloud_emulator.state.jobs.job import Job
from comfy_cloud_emulator.state.jobs.statuses import STATUSES, JobStatus
from comfy_cloud_emulator.state.json_values import Json
from comfy_cloud_emulator.state.store import Store

OUTPUT_TYPES: Final = ("image", "video", "audio", "3d")
_PUBLISHED: Final[dict[JobStatus, str]] = {
    "pending": "pending",
    "in_progress": "in_progress",
    "completed": "completed",
    "failed": "error",
    "cancelled": "cancelled",
}
"""The contract's words on the old status route."""
_QUEUED: Final = frozenset({"submitted", "queued_limited", "queued_waiting"})
_STARTING: Final = frozenset({"submitted", "allocated", "preparing", "pending_execution"})
"""States of waiting jobs that are about to start."""


def routes(store: Store, quirks: Quirks, is_foreign_job: Callable[[str], bool]) -> list[Operation]:
    """The operations of this module over a store.

    `is_foreign_job` says whether a job is another account's.
    """

    def found(request: Request) -> Job:
        job_id = request.path_params["job_id"]
        job = store.get(job_id)
        if job is None and is_foreign_job(job_id):
            raise ApiProblem(403, f"the job {job_id} was submitted by somebody else")
        if job is None:
            raise ApiProblem(404, f"no job {job_id}")
        return job

    async def list_jobs(request: Request) -> Response:
        try:
            page = listing.page(store, _query(request, quirks))
        except BadCursor as error:
            raise ApiProblem(400, str(error), code="INVALID_CURSOR") from error
        block = page.pagination
        if quirks.no_job_cursor:
            block.pop("next_cursor", None)
        pagination = documents.to_json(block)
        entries = page.entries
        if quirks.job_times_in_seconds:
            entries = [documents.to_json(_in_seconds(orjson.loads(entry))) for entry in entries]
        return json_bytes_response(b'{"jobs":[' + b",".join(entries) + b'],"pagination":' + pagination + b"}")

    async def get_job(request: Request) -> Response:
        job = found(request)
        reason, position = _queue_position(store, job)
        detail = documents.job_detail(job, queue_reason=reason, queue_position=position)
        return json_response(_in_seconds(detail) if quirks.job_times_in_seconds else detail)

    async def get_job_status(request: Request) -> Response:
        job = found(request)
        status = documents.job_status(job)
        if quirks.published_state_words:
            status["status"] = "waiting_to_dispatch" if job.state in _QUEUED else _PUBLISHED[job.status]
        return json_response(status)

    return [
        Operation("GET", "/api/jobs", list_jobs),
        Operation("GET", "/api/jobs/{job_id}", get_job),
        Operation("GET", "/api/job/{job_id}/status", get_job_status),
    ]


def _query(request: Request, quirks: Quirks) -> listing.JobQuery:
    output_types = [kind for kind in OUTPUT_TYPES if kind != "3d" or not quirks.no_3d_output_type]
    return listing.JobQuery(
        statuses=cast("tuple[JobStatus, ...]", tuple(choices_list(request, "status", STATUSES))),
        workflow_id=request.query_params.get("workflow_id"),
        output_type=choice(request, "output_type", output_types),
        sort_by=cast(
            "listing.SortKey", choice(request, "sort_by", ("create_time", "execution_time")) or "create_time"
        ),
        descending=choice(request, "sort_order", ("asc", "desc")) != "asc",
        limit=bounded(request, "limit", listing.DEFAULT_LIMIT, least=1, most=listing.MAX_LIMIT),
        offset=bounded(request, "offset", 0, least=0),
        after=None if quirks.no_job_cursor else request.query_params.get("after"),
    )


def _queue_position(store: Store, job: Job) -> tuple[str | None, int | None]:
    """Why a job waits, and its position: behind the account's own jobs, or for a machine."""
    if job.status != "pending" or job.state in _STARTING:
        return None, None
    waiting = [other for other in store.jobs("pending") if other.state not in _STARTING]
    if len(waiting) == store.count("pending", "in_progress"):
        # None of the account's jobs runs or is about to.
        return None, None
    return "concurrency_limit", sum(other.number <= job.number for other in waiting)


def _in_seconds(entry: Json) -> Json:
    """An entry with create and update time in seconds, as the contract says."""
    return entry | {name: entry[name] // 1000 for name in ("create_time", "update_time") if name in entry}
