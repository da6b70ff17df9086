"""The queue: waiting and running jobs, and removing jobs from it.

Deleting cancels running jobs too, as the service does now, unless a quirk is on. Clearing cancels
waiting jobs.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.http.request_reading import flag, json_object, strings
from comfy_cloud_emulator.http.responses import json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.jobs import documents
from comfy_cloud_emulator.state.store import Store


def routes(store: Store, engine: JobEngine) -> list[Operation]:
    """The operations of this module over a store and its engine."""

    async def get_queue(request: Request) -> Response:
        # Oldest first: the order in which jobs will start.
        hidden = store.hidden.ids(store.now())
        running, pending = (
            [documents.queue_item(job) for job in reversed(store.jobs(status)) if job.id not in hidden]
            for status in ("in_progress", "pending")
        )
        return json_response({"queue_running": running, "queue_pending": pending})

    async def manage_queue(request: Request) -> Response:
        data = await json_object(request, ("delete", "clear"))
        ids, clear = strings(data, "delete"), flag(data, "clear")
        if engine.quirks.queue_deletes_pending_only:
            waiting = {job.id for job in store.jobs("pending")}
            ids = [id for id in ids if id in waiting]
        deleted = [id for id in ids if engine.cancel(id)]
        if clear:
            for job in reversed(store.jobs("pending")):
                engine.cancel(job.id)
        return json_response({"deleted": deleted, "cleared": clear})

    return [Operation("GET", "/api/queue", get_queue), Operation("POST", "/api/queue", manage_queue)]
