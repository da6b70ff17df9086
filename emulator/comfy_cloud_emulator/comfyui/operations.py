"""From the cloud's operations to those of a self-hosted ComfyUI, as the quirks say.

Each quirk replaces the cloud's responses by those of one module; `comfyui_routes` drops the
operations that this server lacks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from comfy_cloud_emulator.engine.job_engine import JobEngine
from comfy_cloud_emulator.http.access import LocalOnly
from comfy_cloud_emulator.http.addresses import Addresses
from comfy_cloud_emulator.http.error_forms import V2_PATHS
from comfy_cloud_emulator.http.responses import ApiProblem
from comfy_cloud_emulator.http.routing import ExceptionHandlers, Operation
from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.state.store import Store

from . import frontend_routes, history, info, jobs, prompt, queue, responses, uploads, userdata, view
from .middleware import BoundedBody, SameOrigin

_FILE: Final = "/api/userdata/{file:userdata_path}"
OPERATIONS: Final = frozenset(
    {
        ("GET", "/api/prompt"),
        ("POST", "/api/prompt"),
        ("GET", "/api/object_info"),
        ("GET", "/api/features"),
        ("GET", "/api/workflow_templates"),
        ("GET", "/api/experiment/models"),
        ("GET", "/api/experiment/models/{folder}"),
        ("GET", "/api/experiment/models/preview/{folder}/{path_index}/{filename}"),
        ("POST", "/api/history"),
        ("GET", "/api/view"),
        ("GET", "/api/queue"),
        ("POST", "/api/queue"),
        ("POST", "/api/interrupt"),
        ("GET", "/api/userdata"),
        ("GET", _FILE),
        ("POST", _FILE),
        ("DELETE", _FILE),
        ("POST", "/api/upload/image"),
        ("POST", "/api/upload/mask"),
        ("GET", "/api/system_stats"),
    }
)
"""The cloud's operations that a ComfyUI 0.3.64 has."""
_ASSET_PATHS: Final = ("/api/assets", "/api/tags")
_NEVER: Final = frozenset({"/api/assets/remote-metadata", "/api/assets/download"})


def with_quirks(cloud: Iterable[Operation], store: Store, engine: JobEngine) -> list[Operation]:
    """The operations to serve. A later operation on the same method and path wins."""
    quirks = engine.quirks
    served = list(cloud)
    if not quirks.published_refusals:
        served += history.missing_routes()
    if quirks.comfyui_routes:
        served = [each for each in served if _exists(each, quirks)] + info.extra_routes(store)
        served += frontend_routes.routes(store, quirks)
    if quirks.history_v1:
        served += history.routes(store, engine)
    if quirks.bare_errors:
        served += history.deletion_routes(store)
    if quirks.comfyui_prompt:
        served += prompt.routes(store, engine)
    if quirks.comfyui_queue:
        served += queue.routes(store, engine)
    if quirks.comfyui_files:
        served += [*view.routes(store), *uploads.routes(store)]
    if quirks.comfyui_userdata or quirks.multi_user:
        served += userdata.routes(store, quirks)
    if quirks.comfyui_info:
        served += info.routes(store, engine.catalogue, quirks)
    if quirks.comfyui_jobs:
        served += jobs.routes(store, engine)
    if quirks.newer_comfyui and quirks.comfyui_routes:
        # That server takes the last segment for an asset id, which must be a UUID.
        served += [Operation("GET", path, _not_found) for path in sorted(_NEVER)]
    if quirks.assets_disabled:
        served = [_disabled(each) if _is_asset(each.path) else each for each in served]
    if quirks.v1_gone:
        served = [each if V2_PATHS.fullmatch(each.path) else each._replace(handler=_gone) for each in served]
    if quirks.comfyui_routes:
        served += [each._replace(path=each.path.removeprefix("/api")) for each in served]
    return served


def remove_unshown_seed_jobs(store: Store, quirks: Quirks) -> None:
    """Remove seeded jobs that this server would not have: those that never end or never started."""
    if quirks.comfyui_queue:
        unfinished = [job.id for job in store.jobs("pending", "in_progress")]
        never_began = [job.id for job in store.jobs("failed", "cancelled") if job.start_time is None]
        store.delete(*unfinished, *never_began)


def exception_handlers(quirks: Quirks) -> ExceptionHandlers:
    """The handlers of errors whose form is not the cloud's."""
    found: ExceptionHandlers = {
        responses.InternalError: responses.on_internal_error,
        responses.BadJson: responses.on_bad_json,
    }
    if quirks.bare_errors:
        found |= {ApiProblem: responses.on_problem, Exception: responses.on_internal_error}
    if quirks.comfyui_routes:
        missing = responses.on_missing_newer if quirks.newer_comfyui else responses.on_missing
        found |= {404: missing, 405: missing}
    return found


def guarded(app: ASGIApp, quirks: Quirks, addresses: Addresses) -> ASGIApp:
    """The application behind the checks that precede every operation."""
    if not quirks.bare_errors:
        return LocalOnly(app, addresses=addresses)
    app = BoundedBody(app, info.largest_body(quirks))
    if quirks.newer_comfyui:
        # Outermost, so that a foreign origin gets this server's refusal, which has no body.
        return SameOrigin(LocalOnly(app, addresses=addresses))
    return LocalOnly(SameOrigin(app), addresses=addresses)


def _exists(operation: Operation, quirks: Quirks) -> bool:
    method, path, _ = operation
    if (method, path) in OPERATIONS:
        return True
    if not quirks.newer_comfyui:
        return False
    return _is_asset(path) or path.startswith("/api/global_subgraphs")


def _is_asset(path: str) -> bool:
    return path.startswith(_ASSET_PATHS) and path not in _NEVER


async def _not_found(request: Request) -> Response:
    return await responses.on_missing(request, LookupError())


async def _gone(request: Request) -> Response:
    raise ApiProblem(410, "version 1 of the API is gone; use API v2")


def _disabled(operation: Operation) -> Operation:
    async def refuse(request: Request) -> Response:
        error = {"code": "SERVICE_DISABLED", "message": "assets are disabled on this server", "details": {}}
        return responses.json_response({"error": error}, 503)

    return operation._replace(handler=refuse)
