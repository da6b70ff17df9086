# Made from tests/_async/test_selfhosted_030.py by `make unasync`. Do not edit.
"""Responses as a real ComfyUI 0.30.0 sends them, beyond what the contract describes.

What needs a running server is tested elsewhere over the emulator: previews of lists, interruptions
that take effect later, names with folders, several users.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from comfy_cloud import (
    BadRequest,
    ComfyCloud,
    ComfyCloudError,
    Forbidden,
    InvalidWorkflow,
    JobErrored,
    NodesProgress,
    NotFound,
)
from comfy_cloud._jobs.event_reader import read_event

from .clients import IMAGE_GRAPH

NODE = {
    "input": {"required": {"images": ["IMAGE", {}], "filename_prefix": ["STRING", {"default": "ComfyUI"}]}},
    "input_order": {"required": ["images", "filename_prefix"]},
    "is_input_list": False,
    "output": ["IMAGE"], "output_is_list": [False], "output_name": ["IMAGE"],
    "name": "SaveImage", "display_name": None, "description": "", "python_module": "nodes",
    "category": "image", "output_node": True, "has_intermediate_output": False,
    "search_aliases": ["save"], "essentials_category": "Basics", "output_tooltips": [None],
}  # fmt: skip


class Server:
    """Responses by method and path; the requests so far."""

    def __init__(self) -> None:
        self.responses: dict[tuple[str, str], httpx.Response] = {}
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.responses.get((request.method, request.url.path), httpx.Response(404))

    def sends(self, method: str, path: str, status: int = 200, **content: Any) -> None:
        self.responses[method, path] = httpx.Response(status, **content)

    def client(self) -> ComfyCloud:
        own = httpx.Client(transport=httpx.MockTransport(self))
        return ComfyCloud(base_url="http://localhost:8188", http_client=own, retry=1)


def test_node_classes_have_more_fields() -> None:
    server = Server()
    server.sends("GET", "/api/object_info", json={"SaveImage": NODE})
    with server.client() as cloud:
        node = cloud.nodes.get("SaveImage")
    assert node.output == ["IMAGE"]
    assert node["search_aliases"] == ["save"]
    assert (node["is_input_list"], node["essentials_category"]) == (False, "Basics")


def test_features_and_model_folders_have_more_fields() -> None:
    server = Server()
    server.sends(
        "GET",
        "/api/features",
        json={
            "supports_preview_metadata": True,
            "max_upload_size": 104857600.0,
            "extension": {"manager": {"supports_v4": True}},
            "node_replacements": True,
            "supports_model_type_tags": True,
        },
    )
    folder = {"name": "checkpoints", "folders": ["/models"], "extensions": [".safetensors"]}
    server.sends("GET", "/api/experiment/models", json=[folder])
    with server.client() as cloud:
        features = cloud.system.features()
        (found,) = cloud.models.folders()
    assert (features.supports_preview_metadata, features["supports_model_type_tags"]) == (True, True)
    assert features["extension"] == {"manager": {"supports_v4": True}}
    assert (found.name, found["extensions"]) == ("checkpoints", [".safetensors"])


def test_a_subgraph_is_sent_whole_and_an_unknown_one_as_null() -> None:
    server = Server()
    whole = {"source": "custom_node", "name": "x", "info": {"node_pack": "p"}, "data": "{}", "nodes": [{}]}
    server.sends("GET", "/api/global_subgraphs/a", json=whole)
    server.sends("GET", "/api/global_subgraphs/b", content=b"null")
    with server.client() as cloud:
        assert (cloud.workflows.subgraph("a"))["nodes"] == [{}]
        with pytest.raises(NotFound):
            cloud.workflows.subgraph("b")


def test_a_mask_for_an_image_that_is_gone_succeeds() -> None:
    server = Server()
    server.sends("POST", "/api/upload/mask", json={"name": "mask.png", "subfolder": "", "type": "input"})
    with server.client() as cloud:
        found = cloud.files.upload_mask(b"\x89PNG\r\n\x1a\n", "gone.png")
    assert (found.name, found.metadata) == ("mask.png", None)
    assert b'filename="file.png"' in server.requests[0].content


REFUSALS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "cycle": (
        {
            "error": {
                "type": "prompt_outputs_failed_validation",
                "message": "Prompt outputs failed validation",
                "details": "",
                "extra_info": {},
            },
            "node_errors": {
                "2": {
                    "errors": [
                        {
                            "type": "dependency_cycle",
                            "message": "Dependency cycle detected",
                            "details": "2 -> 1 -> 2",
                            "extra_info": {"node_id": "2", "cycle_nodes": ["2", "1", "2"]},
                        }
                    ],
                    "dependent_outputs": ["2"],
                    "class_type": "SaveImage",
                }
            },
        },
        ["node 2 (SaveImage)", "cycle", "2 -> 1 -> 2"],
    ),
    "unknown class": (
        {
            "error": {
                "type": "missing_node_type",
                "message": "Node 'Nice' not found",
                "details": "Node ID '#7'",
                "extra_info": {"node_id": "7", "class_type": "NoSuch", "node_title": "Nice"},
            },
            "node_errors": {},
        },
        ["Nice", "#7"],
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refused_graphs_name_the_node(name: str) -> None:
    body, parts = REFUSALS[name]
    server = Server()
    server.sends("POST", "/api/prompt", 400, json=body)
    with server.client() as cloud:
        with pytest.raises(InvalidWorkflow) as caught:
            cloud.submit(IMAGE_GRAPH)
    for part in parts:
        assert part in str(caught.value)
    assert caught.value.node_errors == body["node_errors"]


def test_an_editors_graph_is_never_sent_since_the_server_crashes_on_it() -> None:
    server = Server()
    server.sends("GET", "/api/object_info", 404)
    server.sends("POST", "/api/prompt", 500, text="500 Internal Server Error")
    with server.client() as cloud:
        with pytest.raises(ComfyCloudError):
            cloud.submit({"nodes": [{"id": 1, "type": "SaveImage"}], "links": [], "version": 0.4})
    assert [request.url.path for request in server.requests] == ["/api/object_info"]


def test_errors_without_a_body_or_with_only_a_text() -> None:
    server = Server()
    server.sends("GET", "/api/queue", 403)  # the origin of the request is foreign
    server.sends("POST", "/api/jobs/cancel", 400, json={"error": "job_ids is missing"})
    with server.client() as cloud:
        with pytest.raises(Forbidden):
            cloud.queue.get()
        with pytest.raises(BadRequest, match="job_ids is missing"):
            cloud.request("POST", "/api/jobs/cancel")


def test_progress_is_a_float_and_comes_after_cached_nodes_too() -> None:
    event = read_event(
        '{"type": "progress_state", "data": {"prompt_id": "p", "nodes": {"4": '
        '{"value": 2.0, "max": 20.0, "state": "finished", "node_id": "4", "prompt_id": "p"}}}}'
    )
    assert isinstance(event, NodesProgress)
    assert (event.nodes["4"].value, event.nodes["4"].max, event.nodes["4"].state) == (2, 20, "finished")


def test_a_failed_node_lists_what_was_made_so_far() -> None:
    event = read_event(
        '{"type": "execution_error", "data": {"prompt_id": "p", "node_id": "4", "node_type": "KSampler", '
        '"executed": ["1"], "exception_message": "no\\n", "exception_type": "RuntimeError", '
        '"traceback": [], "current_inputs": {"seed": ["1"]}, "current_outputs": ["1", "2"]}}'
    )
    assert isinstance(event, JobErrored)
    assert event.raw["current_outputs"] == ["1", "2"]
