"""Values in {"__value__": ...}, as editors write lists: the value in it counts."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest
from PIL import Image

from comfy_cloud_emulator import Emulator

from ..workflows import Json, job, plain, submit


@pytest.fixture(params=[None, "comfyui", "comfyui_new"])
def start(request: pytest.FixtureRequest) -> Callable[[], Emulator]:
    return lambda: Emulator(time="virtual", **({"quirks": request.param} if request.param else {}))


def graph(**changes: Any) -> Json:
    made = plain()
    for node in made.values():
        for name in changes.keys() & node["inputs"].keys():
            node["inputs"][name] = changes[name]
    return made


@pytest.mark.parametrize(
    "changes",
    [
        {"width": {"__value__": 32}},
        {"filename_prefix": {"__value__": "own"}},
        {"width": {"__value__": "32"}, "height": {"__value__": 48}},
    ],
)
def test_the_value_counts(start: Callable[[], Emulator], changes: Json) -> None:
    with start() as emulator:
        with httpx.Client(base_url=emulator.url, headers={"X-API-Key": emulator.key}) as client:
            id = submit(client, graph(**changes))
        emulator.time.advance(600)
        assert [(found.id, found.status) for found in emulator.store.jobs()] == [(id, "completed")]


def test_a_wrong_value_is_a_fault_of_the_graph() -> None:
    with Emulator(time="virtual") as emulator:
        with httpx.Client(base_url=emulator.url, headers={"X-API-Key": emulator.key}) as client:
            id = submit(client, graph(width={"__value__": "many"}))
            emulator.time.advance(600)
            assert job(client, id)["status"] == "failed"


KEPT = {
    "width": ({"__value__": "16"}, 16),
    "height": ("8", 8),
    "batch_size": ({"__value__": 1.0}, 1),
    "color": (3.7, 3),
}


@pytest.mark.parametrize("quirks", ["comfyui", "comfyui_new"])
def test_a_self_hosted_server_keeps_the_converted_values(quirks: str) -> None:
    sent = {
        "1": {"class_type": "EmptyImage", "inputs": {name: value for name, (value, _) in KEPT.items()}},
        "2": {
            "class_type": "SaveImage",
            "inputs": {"images": ["1", 0], "filename_prefix": {"__value__": [1]}},
        },
        # Only one wrapping is taken off; a wrapped link is one.
        "3": {"class_type": "PreviewAny", "inputs": {"source": {"__value__": {"__value__": [2, {"a": 1}]}}}},
        "4": {"class_type": "PreviewAny", "inputs": {"source": {"__value__": ["1", 0]}}},
        "5": {"class_type": "EmptyImage", "inputs": {"width": {"__value__": 9}}},
    }
    with Emulator(time="virtual", quirks=quirks) as emulator:
        with httpx.Client(base_url=emulator.url) as client:
            id = submit(client, sent)
            (queued,) = client.get("/api/queue").json()["queue_pending"]
            emulator.time.advance(600)
            entry = client.get(f"/api/history/{id}").json()[id]
            item = entry["outputs"]["2"]["images"][0]
            content = client.get("/api/view", params=item).content
    kept = {node_id: node["inputs"] for node_id, node in entry["prompt"][2].items()}
    assert kept == {
        "1": {name: value for name, (_, value) in KEPT.items()},
        "2": {"images": ["1", 0], "filename_prefix": "[1]"},
        "3": {"source": {"__value__": [2, {"a": 1}]}},
        "4": {"source": ["1", 0]},
        "5": {"width": {"__value__": 9}},
    }
    assert queued[2] == entry["prompt"][2]
    with Image.open(io.BytesIO(content)) as image:
        assert orjson.loads(image.info["prompt"]) == entry["prompt"][2]
    assert item["filename"].startswith("[1]_")
    assert orjson.loads(entry["outputs"]["3"]["text"][0]) == {"__value__": [2, {"a": 1}]}
    assert entry["outputs"]["4"]["text"] == ["1 x 16 x 8 pixels"]


def test_a_doubly_wrapped_number_is_a_fault_of_the_graph() -> None:
    with Emulator(time="virtual", quirks="comfyui_new") as emulator:
        with httpx.Client(base_url=emulator.url) as client:
            prompt = graph(width={"__value__": {"__value__": 8}})
            body = client.post("/api/prompt", json={"prompt": prompt}).json()
    ((error,),) = (found["errors"] for found in body["node_errors"].values())
    assert error["type"] == "invalid_input_type"
