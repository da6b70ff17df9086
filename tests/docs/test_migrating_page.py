"""docs/migrating.md: its programs run, and what it says of titles, classes and methods is so.

Its blocks `py` are the programs of before: they need other clients, and are not run.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

import comfy_cloud
from comfy_cloud import ComfyCloud, ConfigurationError, Workflow
from comfy_cloud_emulator import Emulator
from scripts.project.checkout import ROOT

from .programs import blocks, run

PAGE = (ROOT / "docs/migrating.md").read_text(encoding="utf-8")
REQUESTS, SOCKET, SDK, SIMPLIFIED = blocks(PAGE, "python")


def node(name: str, title: str = "", **inputs: Any) -> dict[str, Any]:
    return {"class_type": name, "inputs": inputs, "_meta": {"title": title or name}}


GRAPH = {
    "3": node(
        "KSampler", model=["4", 0], positive=["6", 0], negative=["7", 0], latent_image=["5", 0], seed=1,
        steps=2, cfg=7.0, sampler_name="euler", scheduler="normal", denoise=1.0,
    ),
    "4": node("CheckpointLoaderSimple", ckpt_name="sd_xl_base_1.0.safetensors"),
    "5": node("EmptyLatentImage", "Empty Latent Image", width=64, height=64, batch_size=1),
    "6": node("CLIPTextEncode", "Positive", text="", clip=["4", 1]),
    "7": node("CLIPTextEncode", "Negative", text="blurry", clip=["4", 1]),
    "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
    "9": node("SaveImage", "Save Image", images=["8", 0], filename_prefix="plain"),
}  # fmt: skip
PHOTO = {
    "10": node("LoadImage", image="photo.png"),
    "9": node("SaveImage", images=["10", 0], filename_prefix="p"),
}


@pytest.fixture
def cloud(start_emulator: Callable[..., Emulator]) -> Emulator:
    """An emulator a hundred times as fast as real time."""
    return start_emulator(clock=None, sleep=asyncio.sleep, speed=100)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "workflow_api.json").write_text(json.dumps(GRAPH), encoding="utf-8")
    return tmp_path


def test_from_requests(cloud: Emulator, folder: Path) -> None:
    (path,) = run("-c", REQUESTS, emulator=cloud, folder=folder).split()
    assert (folder / path).read_bytes().startswith(b"\x89PNG")
    (submission,) = cloud.submissions
    assert submission.graph["6"]["inputs"]["text"] == "a lighthouse"


def test_from_a_websocket_script(cloud: Emulator, folder: Path) -> None:
    shown = run("-c", SOCKET, emulator=cloud, folder=folder)
    assert re.search(r"\['\w+\.png'\]$", shown.strip())


def test_from_comfy_sdk(cloud: Emulator, folder: Path) -> None:
    (folder / "workflow_api.json").write_text(json.dumps(PHOTO), encoding="utf-8")
    Image.new("RGB", (8, 8), (1, 2, 3)).save(folder / "photo.png")
    (folder / "out").mkdir()
    (path,) = run("-c", SDK, emulator=cloud, folder=folder).split()
    with Image.open(folder / path) as image:
        assert image.size == (8, 8)


def test_from_comfy_api_simplified(cloud: Emulator, folder: Path) -> None:
    paths = run("-c", SIMPLIFIED, emulator=cloud, folder=folder).split()
    assert len({(folder / path).name for path in paths}) == len(paths) >= 1
    graph = cloud.submissions[0].graph
    assert graph["5"]["inputs"]["batch_size"] == 2
    assert graph["6"]["inputs"]["text"] == "a lighthouse"


def test_two_nodes_of_one_title_are_refused() -> None:
    graph = {**GRAPH, "7": {**GRAPH["7"], "_meta": {"title": "Positive"}}}
    with pytest.raises(ConfigurationError, match="6") as refused:
        Workflow.load(graph).set_inputs({"Positive.text": "a lighthouse"})
    assert "7" in str(refused.value)


def test_basic_auth() -> None:
    sent = []

    def server(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["authorization"])
        return httpx.Response(200, json={"queue_running": [], "queue_pending": []})

    assert 'http_client=httpx.Client(auth=("user", "password"))' in PAGE
    with (
        httpx.Client(auth=("user", "password"), transport=httpx.MockTransport(server)) as client,
        ComfyCloud(base_url="http://127.0.0.1:8188", http_client=client) as cloud,
    ):
        cloud.queue.get()
    assert sent == ["Basic dXNlcjpwYXNzd29yZA=="]


def test_the_names_exist() -> None:
    for name in re.findall(r"`(JobFailed|InvalidWorkflow|UnknownEvent|Preview|AsyncComfyCloud)`", PAGE):
        assert name in comfy_cloud.__all__
    with ComfyCloud(api_key="comfyui-nothing-is-sent") as cloud:
        for noun, method in re.findall(r"`cloud\.(\w+)\.(\w+)\(", PAGE):
            assert callable(getattr(getattr(cloud, noun), method))
        for method in re.findall(r"`cloud\.(\w+)\(", PAGE):
            assert callable(getattr(cloud, method))


def test_each_section_has_a_program_of_before() -> None:
    assert len(blocks(PAGE, "py")) == len(blocks(PAGE, "python")) == 4
    for block in blocks(PAGE, "py"):
        compile(block, "<page>", "exec")
