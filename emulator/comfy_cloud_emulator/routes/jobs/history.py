"""The current history: `/api/history_v2`, and changes by `POST /api/history`.

It contains finished jobs only, newest first.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.request_reading import flag, json_object, readable_integer, strings
from comfy_cloud_emulator.http.responses import (
    ApiProblem,
    json_bytes_response,
    json_response,
    large_json_response,
)
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.jobs import documents
from comfy_cloud_emulator.state.store import MOST_AT_ONCE, Store


def routes(store: Store) -> list[Operation]:
    """The operations of this module over a store."""

    async def get_history(request: Request) -> Response:
        # As in ComfyUI, negative numbers mean no limit and no offset. The contract has no error
        # here, so values that are not numbers are ignored.
        limit, offset = readable_integer(request, "max_items"), readable_integer(request, "offset")

        def page() -> bytes:
            return b'{"history":[' + b",".join(store.history_page(limit, offset or 0)) + b"]}"

        if limit is not None and 0 <= limit <= MOST_AT_ONCE:
            return json_bytes_response(page())
        # The whole history may be large: it is read in a thread and sent in chunks.
        return large_json_response(await run_in_threadpool(page))

    async def get_history_for_prompt(request: Request) -> Response:
        prompt_id = request.path_params["prompt_id"]
        job = store.get(prompt_id)
        if job is None or not job.terminal:
            raise ApiProblem(404, f"no history for {prompt_id}; unfinished jobs have none")
        return json_response(documents.history_detail(job))

    async def manage_history(request: Request) -> Response:
        data = await json_object(request, ("delete", "clear"))
        ids, clear = strings(data, "delete"), flag(data, "clear")
        store.delete_from_history(ids)
        if clear:
            store.clear_history()
        return Response(status_code=200)

    return [
        Operation("GET", "/api/history_v2", get_history),
        Operation("GET", "/api/history_v2/{prompt_id}", get_history_for_prompt),
        Operation("POST", "/api/history", manage_history),
    ]
