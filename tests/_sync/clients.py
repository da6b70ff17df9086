# Made from tests/_async/clients.py by `make unasync`. Do not edit.
"""Shared by the tests of jobs: a client for an emulator in fake time, and graphs that run there."""

from __future__ import annotations

from typing import Any

from comfy_cloud import ComfyCloud
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

# Half a second of work, without a sampler.
IMAGE_GRAPH: dict[str, Any] = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 255}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "plain"}},
}
SAMPLER_GRAPH: dict[str, Any] = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd_xl_base_1.0.safetensors"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a lighthouse", "clip": ["1", 1]}},
    "3": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
    "4": {
        "class_type": "KSampler",
        "inputs": {
            "model": ["1", 0], "positive": ["2", 0], "negative": ["2", 0], "latent_image": ["3", 0],
            "seed": 1, "steps": 3, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal",
            "denoise": 1.0,
        },
    },
    "5": {"class_type": "VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
    "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0], "filename_prefix": "sampled"}},
}  # fmt: skip


def client(emulator: Emulator, time: FakeTime, **options: Any) -> ComfyCloud:
    """A client whose sleeping advances the fake clock, and with it the emulator's jobs."""
    options = {"api_key": emulator.key, "base_url": emulator.url, "runtime": time.runtime(), **options}
    return ComfyCloud(**options)


def keyless(emulator: Emulator, time: FakeTime, **options: Any) -> ComfyCloud:
    """A client without a key, for a self-hosted ComfyUI."""
    return ComfyCloud(base_url=emulator.url, runtime=time.runtime(), **options)


def posts(emulator: Emulator, path: str = "/api/prompt") -> int:
    """The number of POST requests to a path."""
    return sum(request.method == "POST" and request.path == path for request in emulator.requests)


def image_graph(number: int) -> dict[str, Any]:
    """The graph with this color; the emulator caches the result of each color."""
    first = {**IMAGE_GRAPH["1"], "inputs": {**IMAGE_GRAPH["1"]["inputs"], "color": number}}
    return {**IMAGE_GRAPH, "1": first}


def sampler_graph(seed: int, steps: int = 3) -> dict[str, Any]:
    """A graph with a sampler; each seed is cached separately. 200 steps take 24 seconds."""
    inputs = {**SAMPLER_GRAPH["4"]["inputs"], "seed": seed, "steps": steps}
    return {**SAMPLER_GRAPH, "4": {**SAMPLER_GRAPH["4"], "inputs": inputs}}
