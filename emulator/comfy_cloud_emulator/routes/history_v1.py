"""The history as a self-hosted ComfyUI tells it: `GET /api/history`. Served only in the dialect `history_v1`.

One object from id to entry, oldest first; an unknown id is an empty object and no error. Without the dialect both
paths answer 404, as in the cloud.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.reading import readable_integer
from comfy_cloud_emulator.replies import ApiProblem, json_reply
from comfy_cloud_emulator.routing import Operation
from comfy_cloud_emulator.state.documents import history_v1_entry
from comfy_cloud_emulator.state.store import Store


def routes(store: Store) -> list[Operation]:
    """The operations of this module over a store."""

    async def get_history(request: Request) -> Response:
        max_items, offset = readable_integer(request, "max_items"), readable_integer(request, "offset")
        jobs = store.history_jobs()
        if max_items is not None and max_items >= 0:
            # Without an offset the newest ones are meant, still told oldest first.
            start = max(0, len(jobs) - max_items) if offset is None or offset < 0 else offset
            jobs = jobs[start : start + max_items]
        elif offset is not None and offset > 0:
            jobs = jobs[offset:]
        return json_reply({job.id: history_v1_entry(job) for job in jobs})

    async def get_history_for_prompt(request: Request) -> Response:
        job = store.get(request.path_params["prompt_id"])
        shown = {} if job is None or not job.terminal else {job.id: history_v1_entry(job)}
        return json_reply(shown)

    return [
        Operation("GET", "/api/history", get_history),
        Operation("GET", "/api/history/{prompt_id}", get_history_for_prompt),
    ]


def absent() -> list[Operation]:
    """The operations of this module where the dialect is not spoken.

    They are needed since `POST /api/history` exists: without them a GET would be a wrong method, not a missing path.
    """

    async def refuse(request: Request) -> Response:
        raise ApiProblem(404, f"nothing answers GET {request.url.path}; use /api/history_v2")

    return [Operation("GET", "/api/history", refuse), Operation("GET", "/api/history/{prompt_id}", refuse)]
