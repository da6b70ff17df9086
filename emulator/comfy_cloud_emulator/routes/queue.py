"""The queue: what waits and runs, and taking jobs out of it.

Deleting follows the newer behaviour of the service: it cancels running jobs too. Clearing cancels what waits.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.reading import flag, json_object, strings
from comfy_cloud_emulator.replies import json_reply
from comfy_cloud_emulator.routing import Operation
from comfy_cloud_emulator.state import documents
from comfy_cloud_emulator.state.store import Store


def routes(store: Store) -> list[Operation]:
    """The operations of this module over a store."""

    async def get_queue(request: Request) -> Response:
        # Oldest first: the order in which jobs will start.
        running, pending = (
            [documents.queue_item(job) for job in reversed(store.jobs(status))]
            for status in ("in_progress", "pending")
        )
        return json_reply({"queue_running": running, "queue_pending": pending})

    async def manage_queue(request: Request) -> Response:
        told = await json_object(request, ("delete", "clear"))
        ids, clear = strings(told, "delete"), flag(told, "clear")
        deleted = store.cancel(ids)
        if clear:
            store.cancel_pending()
        return json_reply({"deleted": deleted, "cleared": clear})

    async def get_prompt_info(request: Request) -> Response:
        remaining = store.count("pending", "in_progress")
        return json_reply({"exec_info": {"queue_remaining": remaining}})

    return [
        Operation("GET", "/api/queue", get_queue),
        Operation("POST", "/api/queue", manage_queue),
        Operation("GET", "/api/prompt", get_prompt_info),
    ]
