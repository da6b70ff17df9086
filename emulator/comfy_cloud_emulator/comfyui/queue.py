"""The queue of a self-hosted ComfyUI, and interrupting: `/api/queue`, `/api/interrupt`.

Responses to changes are empty and do not show whether anything changed. A deleted job leaves no
trace.
"""

from __future__ import annotations

import heapq

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.http.responses import json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.jobs.job import Job
from comfy_cloud_emulator.state.json_values import is_array, is_object
from comfy_cloud_emulator.state.store import Store

from . import responses
from .documents import queue_item


def routes(store: Store, engine: JobEngine) -> list[Operation]:
    """The operations of this module over a store and its engine."""

    async def get_queue(request: Request) -> Response:
        hidden = store.hidden.ids(store.now())
        running, pending = (
            [job for job in reversed(store.jobs(status)) if job.id not in hidden]
            for status in ("in_progress", "pending")
        )
        return json_response(
            {
                "queue_running": [queue_item(job, engine) for job in running],
                "queue_pending": [queue_item(job, engine) for job in _heap(pending, engine)],
            }
        )

    async def manage_queue(request: Request) -> Response:
        data = await responses.read_object(request)
        if data.get("clear"):
            for job in store.jobs("pending"):
                engine.withdraw(job.id)
        ids = data.get("delete", [])
        if not is_array(ids):
            raise responses.InternalError
        for id in ids:
            if isinstance(id, str):
                engine.withdraw(id)
        return responses.empty_response(200)

    async def interrupt_job(request: Request) -> Response:
        try:
            data = read_json(await request.body())
        except JsonRefused:
            data = {}
        if not is_object(data):
            raise responses.InternalError
        wanted = data.get("prompt_id")
        for job in store.jobs("in_progress"):
            if not wanted or job.id == wanted:
                engine.cancel(job.id)
        return responses.empty_response(200)

    return [
        Operation("GET", "/api/queue", get_queue),
        Operation("POST", "/api/queue", manage_queue),
        Operation("POST", "/api/interrupt", interrupt_job),
    ]


def _heap(jobs: list[Job], engine: JobEngine) -> list[Job]:
    """The jobs in heap order: the next job first, the rest as they were pushed."""
    heap: list[tuple[float, str]] = []
    for job in jobs:
        heapq.heappush(heap, (engine.number(job), job.id))
    by_id = {job.id: job for job in jobs}
    return [by_id[id] for _, id in heap]
