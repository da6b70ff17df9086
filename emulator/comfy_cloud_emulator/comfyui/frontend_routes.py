"""What only ComfyUI's own frontend asks a self-hosted server for: logs, folders, blueprints.

Their content is the emulator's: the log has the two lines that a server writes about each job.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.state.assets.models import MODELS, SUBGRAPHS
from comfy_cloud_emulator.state.files.named_files import KINDS
from comfy_cloud_emulator.state.json_values import Json
from comfy_cloud_emulator.state.store import Store

from . import responses

MODELS_ROOT: Final = "/srv/comfyui/models"
MOST_LINES: Final = 300
"""Lines of the log that a server keeps."""
_SIZE: Final = {"cols": 80, "rows": 24}


def routes(store: Store, quirks: Quirks) -> list[Operation]:
    """The operations of this module over a store."""

    async def get_translations(request: Request) -> Response:
        return responses.json_response({})

    async def get_folder_paths(request: Request) -> Response:
        return responses.json_response({folder: [f"{MODELS_ROOT}/{folder}"] for folder in MODELS})

    async def get_log(request: Request) -> Response:
        return responses.json_response("".join(f"{line['t']} - {line['m']}" for line in _lines(store)))

    async def get_log_lines(request: Request) -> Response:
        return responses.json_response({"entries": _lines(store), "size": _SIZE})

    async def subscribe_log(request: Request) -> Response:
        wanted = await responses.read_object(request)
        if "clientId" not in wanted or "enabled" not in wanted:
            raise responses.InternalError
        return responses.empty_response(200)

    async def get_files(request: Request) -> Response:
        kind = request.path_params["kind"]
        if kind not in KINDS:
            return responses.json_response({"error": "Invalid directory type"}, 400)
        found = [f"{name} [{kind}]" for name in store.folders.newest_names(kind)]
        return responses.json_response([name for name in found if not name.startswith(".")])

    async def get_subgraph(request: Request) -> Response:
        id = request.path_params["id"]
        found = next((subgraph for subgraph in SUBGRAPHS if subgraph.id == id), None)
        return responses.json_response(None if found is None else found.described | {"data": found.data})

    async def get_replacements(request: Request) -> Response:
        return responses.json_response({})

    operations = [
        Operation("GET", "/api/i18n", get_translations),
        Operation("GET", "/internal/folder_paths", get_folder_paths),
        Operation("GET", "/internal/logs", get_log),
        Operation("GET", "/internal/logs/raw", get_log_lines),
        Operation("PATCH", "/internal/logs/subscribe", subscribe_log),
        Operation("GET", "/internal/files/{kind}", get_files),
    ]
    if quirks.newer_comfyui:
        operations += [
            Operation("GET", "/api/global_subgraphs/{id}", get_subgraph),
            Operation("GET", "/api/node_replacements", get_replacements),
        ]
    return operations


def _lines(store: Store) -> list[Json]:
    """The last lines of the log, oldest first: `t` is the time, `m` the text."""
    written: list[tuple[int, str]] = []
    for job in store.jobs("pending", "in_progress", "completed", "failed", "cancelled"):
        written.append((job.create_time, "got prompt\n"))
        if job.end_time is not None and job.start_time is not None:
            seconds = (job.end_time - job.start_time) / 1000
            written.append((job.end_time, f"Prompt executed in {seconds:.2f} seconds\n"))
    return [_line(*each) for each in sorted(written)[-MOST_LINES:]]


def _line(milliseconds: int, text: str) -> dict[str, Any]:
    instant = datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None)
    return {"t": instant.isoformat(timespec="microseconds"), "m": text}
