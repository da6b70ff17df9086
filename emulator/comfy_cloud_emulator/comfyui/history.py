"""The history of a self-hosted ComfyUI: `GET /api/history`, one object from id to entry.

The job that ended first comes first; an unknown id gives an empty object and no error. In the cloud
both paths return 404.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.http.request_reading import readable_integer
from comfy_cloud_emulator.http.responses import ApiProblem, json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.state.jobs.job import Job
from comfy_cloud_emulator.state.json_values import is_array
from comfy_cloud_emulator.state.store import Store

from . import responses
from .documents import history_entry


def routes(store: Store, engine: JobEngine) -> list[Operation]:
    """The two lists, over a store and its engine."""
    # With this server's other forms, a parameter that is not a number crashes it.
    number = responses.query_integer if engine.quirks.bare_errors else readable_integer

    async def get_history(request: Request) -> Response:
        max_items, offset = number(request, "max_items"), number(request, "offset")
        jobs = _page(sorted(store.history_jobs(), key=_end), max_items, offset)
        return json_response({job.id: history_entry(job, engine) for job in jobs})

    async def get_history_for_prompt(request: Request) -> Response:
        job = store.get(request.path_params["prompt_id"])
        shown = {} if job is None or not job.terminal else {job.id: history_entry(job, engine)}
        return json_response(shown)

    return [
        Operation("GET", "/api/history", get_history),
        Operation("GET", "/api/history/{prompt_id}", get_history_for_prompt),
    ]


def deletion_routes(store: Store) -> list[Operation]:
    """Deleting from the history: always an empty response."""

    async def manage_history(request: Request) -> Response:
        data = await responses.read_object(request)
        if data.get("clear"):
            store.clear_history()
        ids = data.get("delete", [])
        if not is_array(ids):
            raise responses.InternalError
        store.delete_from_history(id for id in ids if isinstance(id, str))
        return responses.empty_response(200)

    return [Operation("POST", "/api/history", manage_history)]


def missing_routes() -> list[Operation]:
    """The two lists where they do not exist.

    Because `POST /api/history` exists, a GET would otherwise be a 405 instead of a 404.
    """

    async def refuse(request: Request) -> Response:
        raise ApiProblem(404, f"there is no operation GET {request.url.path}; use /api/history_v2")

    return [Operation("GET", "/api/history", refuse), Operation("GET", "/api/history/{prompt_id}", refuse)]


def _end(job: Job) -> int:
    return job.end_time or job.create_time


def _page(jobs: list[Job], max_items: int | None, offset: int | None) -> list[Job]:
    """Without an offset the newest `max_items`, still oldest first."""
    if max_items is None or max_items < 0:
        return jobs[max(0, offset or 0) :]
    start = max(0, len(jobs) - max_items) if offset is None or offset < 0 else offset
    return jobs[start : start + max_items]
