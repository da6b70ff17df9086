"""Models, subgraphs and templates: `/api/experiment/models`, `/api/global_subgraphs`.

Folders contain the public models and what the account has imported.
"""

from __future__ import annotations

from blake3 import blake3
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.responses import ApiProblem, json_response
from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.media import images
from comfy_cloud_emulator.state.assets.models import MODELS, SUBGRAPHS, folder_named
from comfy_cloud_emulator.state.store import Store


def routes(store: Store) -> list[Operation]:
    """The operations of this module over a store."""

    def names_in(folder: str) -> list[str]:
        """The models of a folder, sorted by name."""
        store.tasks.settle()
        imported = store.assets.select(
            "NOT is_public AND number IN (SELECT number FROM asset_tags WHERE tag = 'models')"
            " AND number IN (SELECT number FROM asset_tags WHERE tag = ?)",
            (folder,),
        )
        return sorted({*MODELS.get(folder, ()), *(asset.name for asset in imported)})

    async def get_folders(request: Request) -> Response:
        return json_response([{"name": folder, "folders": [folder]} for folder in MODELS])

    async def get_models(request: Request) -> Response:
        folder = folder_named(request.path_params["folder"])
        names = names_in(folder) if folder in MODELS else []
        if not names:
            raise ApiProblem(404, f"no models in the folder {folder}", code="folder_not_found")
        return json_response([{"name": name, "pathIndex": 0} for name in names])

    async def get_preview(request: Request) -> Response:
        params = request.path_params
        folder, name = folder_named(params["folder"]), params["filename"]
        # Only checkpoints have a preview.
        if folder != "checkpoints" or params["path_index"] != "0" or name not in names_in(folder):
            raise ApiProblem(404, "there is no preview")
        image = await run_in_threadpool(images.color_preview, blake3(name.encode()).digest())
        return Response(image, media_type="image/webp")

    async def get_subgraphs(request: Request) -> Response:
        return json_response({subgraph.id: subgraph.described for subgraph in SUBGRAPHS})

    async def get_subgraph(request: Request) -> Response:
        id = request.path_params["id"]
        found = next((subgraph for subgraph in SUBGRAPHS if subgraph.id == id), None)
        if found is None:
            raise ApiProblem(404, f"no subgraph {id}")
        return json_response(found.described | {"data": found.data})

    async def get_templates(request: Request) -> Response:
        return json_response({})

    return [
        Operation("GET", "/api/experiment/models", get_folders),
        Operation("GET", "/api/experiment/models/{folder}", get_models),
        Operation("GET", "/api/experiment/models/preview/{folder}/{path_index}/{filename}", get_preview),
        Operation("GET", "/api/global_subgraphs", get_subgraphs),
        Operation("GET", "/api/global_subgraphs/{id}", get_subgraph),
        Operation("GET", "/api/workflow_templates", get_templates),
    ]
