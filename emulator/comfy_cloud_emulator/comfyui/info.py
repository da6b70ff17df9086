"""How a self-hosted ComfyUI describes itself: node classes, features, system, models, settings.

The node classes and models are the emulator's; only their forms differ.
"""

from __future__ import annotations

from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from comfy_cloud_emulator.http.routing import Operation
from comfy_cloud_emulator.nodes import newer_classes
from comfy_cloud_emulator.nodes.catalogue import Catalogue, NodeClass
from comfy_cloud_emulator.quirks import Quirks
from comfy_cloud_emulator.state.assets.models import MODELS
from comfy_cloud_emulator.state.json_values import Json
from comfy_cloud_emulator.state.store import Store

from . import responses
from .frontend_routes import MODELS_ROOT

LARGEST_BODY: Final = 52_428_800
"""Largest request body in bytes; larger ones are a 413."""
NEWER_LARGEST_BODY: Final = 104_857_600
"""The same in newer versions: the default, which nobody set on the command line."""
_SETTINGS: Final = "comfy.settings.json"
_SYSTEM: Final[Json] = {
    "os": "posix",
    "ram_total": 33_554_432_000,
    "ram_free": 21_474_836_480,
    "comfyui_version": "0.3.64",
    "required_frontend_version": "1.27.10",
    "installed_templates_version": None,
    "required_templates_version": "0.1.94",
    "python_version": "3.12.11 (main, Jul  1 2025, 05:32:21) [GCC 12.2.0]",
    "pytorch_version": "2.8.0+cpu",
    "embedded_python": False,
    "argv": ["main.py", "--cpu"],
}
_NEWER: Final[Json] = {
    "os": "linux",
    "comfyui_version": "0.38.1",
    "installed_templates_version": "0.11.27",
    "required_templates_version": "0.11.27",
    "required_frontend_version": "1.47.12",
    "comfy_package_versions": [
        {"name": "comfyui-frontend-package", "installed": "1.47.12", "required": "1.47.12"},
        {"name": "comfyui-workflow-templates", "installed": "0.11.27", "required": "0.11.27"},
    ],
    "deploy_environment": "local-git",
}
_MODEL_EXTENSIONS: Final = (".bin", ".ckpt", ".pkl", ".pt", ".pt2", ".pth", ".safetensors", ".sft")
_ANY_EXTENSION: Final = "datasets"
"""A folder of newer versions whose files may have any extension."""
_DEVICE: Final[Json] = {
    "name": "cpu",
    "type": "cpu",
    "index": None,
    "vram_total": 33_554_432_000,
    "vram_free": 21_474_836_480,
    "torch_vram_total": 33_554_432_000,
    "torch_vram_free": 21_474_836_480,
}


def features(quirks: Quirks) -> Json:
    """The server's features. A limit set on its command line is a float, the default an integer."""
    if not quirks.newer_comfyui:
        return {"supports_preview_metadata": True, "max_upload_size": float(LARGEST_BODY)}
    return {
        "supports_preview_metadata": True,
        "supports_model_type_tags": True,
        "max_upload_size": NEWER_LARGEST_BODY,
        "extension": {"manager": {"supports_v4": True}},
        "node_replacements": True,
        "assets": not quirks.assets_disabled,
    }


def largest_body(quirks: Quirks) -> int:
    """The largest request body in bytes."""
    return NEWER_LARGEST_BODY if quirks.newer_comfyui else LARGEST_BODY


def routes(store: Store, catalogue: Catalogue, quirks: Quirks) -> list[Operation]:
    """The operations of this module."""
    kept: list[bytes] = []
    described = _described_newer if quirks.newer_comfyui else _described

    async def get_node_info(request: Request) -> Response:
        if not kept and catalogue.document is not None:
            kept.append(catalogue.document)
        if not kept:
            kept.append(orjson.dumps({each.name: described(each) for each in catalogue}))
        reply = Response(kept[0])
        reply.headers["content-type"] = responses.JSON_TYPE
        return reply

    async def get_node_class(request: Request) -> Response:
        name = request.path_params["name"]
        found = catalogue.get(name)
        return responses.json_response({} if found is None else {name: described(found)})

    async def get_features(request: Request) -> Response:
        return responses.json_response(features(quirks))

    async def get_system_stats(request: Request) -> Response:
        system = _SYSTEM | _NEWER if quirks.newer_comfyui else _SYSTEM
        return responses.json_response({"system": system, "devices": [_DEVICE]})

    async def get_folders(request: Request) -> Response:
        described = [{"name": folder, "folders": [f"{MODELS_ROOT}/{folder}"]} for folder in MODELS]
        if quirks.newer_comfyui:
            described = [folder | {"extensions": _MODEL_EXTENSIONS} for folder in described]
            anything = {"name": _ANY_EXTENSION, "folders": [f"{MODELS_ROOT}/{_ANY_EXTENSION}"]}
            described.append(anything | {"extensions": []})
        return responses.json_response(described)

    async def get_models(request: Request) -> Response:
        names = MODELS.get(request.path_params["folder"])
        if names is None:
            return responses.empty_response(404)
        return responses.json_response([{"name": name, "pathIndex": 0} for name in names])

    return [
        Operation("GET", "/api/object_info", get_node_info),
        Operation("GET", "/api/object_info/{name}", get_node_class),
        Operation("GET", "/api/features", get_features),
        Operation("GET", "/api/system_stats", get_system_stats),
        Operation("GET", "/api/experiment/models", get_folders),
        Operation("GET", "/api/experiment/models/{folder}", get_models),
    ]


def extra_routes(store: Store) -> list[Operation]:
    """Operations that only this server has, as far as clients use them."""

    async def get_model_folders(request: Request) -> Response:
        return responses.json_response(list(MODELS))

    async def get_model_names(request: Request) -> Response:
        names = MODELS.get(request.path_params["folder"])
        return responses.empty_response(404) if names is None else responses.json_response(list(names))

    async def get_embeddings(request: Request) -> Response:
        return responses.json_response([name.rpartition(".")[0] for name in MODELS["embeddings"]])

    async def get_nothing(request: Request) -> Response:
        return responses.json_response([])

    async def free(request: Request) -> Response:
        await responses.read_object(request)
        return responses.empty_response(200)

    def settings() -> dict[str, Any]:
        kept: dict[str, Any] = orjson.loads(store.userdata.read(_SETTINGS) or b"{}")
        return kept

    async def get_settings(request: Request) -> Response:
        return responses.json_response(settings())

    async def get_setting(request: Request) -> Response:
        return responses.json_response(settings().get(request.path_params["id"]))

    async def set_settings(request: Request) -> Response:
        return _set(await responses.read_object(request))

    async def set_setting(request: Request) -> Response:
        return _set({request.path_params["id"]: await responses.read_json(request)})

    def _set(changed: dict[str, Any]) -> Response:
        store.userdata.write(_SETTINGS, orjson.dumps(settings() | changed))
        return responses.empty_response(200)

    return [
        Operation("GET", "/api/models", get_model_folders),
        Operation("GET", "/api/models/{folder}", get_model_names),
        Operation("GET", "/api/embeddings", get_embeddings),
        Operation("GET", "/api/extensions", get_nothing),
        Operation("POST", "/api/free", free),
        Operation("GET", "/api/settings", get_settings),
        Operation("GET", "/api/settings/{id}", get_setting),
        Operation("POST", "/api/settings", set_settings),
        Operation("POST", "/api/settings/{id}", set_setting),
    ]


def _described(node_class: NodeClass) -> Json:
    """A class in this server's form. Classes of its newer API have no title and null tooltips."""
    info = node_class.info
    if node_class.is_foreign or info["display_name"] is not None:
        return info
    return info | {
        "output_tooltips": [None] * len(node_class.outputs),
        "deprecated": False,
        "experimental": False,
        "api_node": False,
    }


def _described_newer(node_class: NodeClass) -> Json:
    """A class in the form of newer versions, which have more fields."""
    if node_class.is_foreign:
        return node_class.info
    more = {"is_input_list": False, "has_intermediate_output": False, "search_aliases": []}
    return _described(node_class) | more | newer_classes.more_info(node_class.name)
