"""Small workflows for the emulator's tests, and what they submit and read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

Json = dict[str, Any]
Submit = Callable[..., str]


def text_to_image(seed: int = 7, text: str = "a lighthouse", steps: int = 20) -> Json:
    """An image from a prompt. The nodes run as 4, 5, 6, 7, 3, 8, 9."""
    return {
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "dreamshaper_8.safetensors"}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 96, "height": 64, "batch_size": 1}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": text, "clip": ["4", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
        "3": {
            "class_type": "KSampler",
            "inputs": {
                "model": ["4", 0],
                "positive": ["6", 0],
                "negative": ["7", 0],
                "latent_image": ["5", 0],
                "seed": seed,
                "steps": steps,
                "cfg": 7.0,
                "sampler_name": "euler",
                "scheduler": "normal",
                "denoise": 1.0,
            },
        },
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "test"}},
    }


def plain(color: int = 255, width: int = 8, height: int = 4) -> Json:
    """An image of one colour, which needs no model."""
    return {
        "1": {
            "class_type": "EmptyImage",
            "inputs": {"width": width, "height": height, "batch_size": 1, "color": color},
        },
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "plain"}},
    }


def submit(client: httpx.Client, graph: Json | None = None, **fields: Any) -> str:
    """Submit a workflow and return the id of its job."""
    response = client.post("/api/prompt", json={"prompt": plain() if graph is None else graph, **fields})
    assert response.status_code == 200, response.text
    assert response.json()["node_errors"] == {}
    return str(response.json()["prompt_id"])


def job(client: httpx.Client, id: str) -> Json:
    """The response of GET /api/jobs/{id}."""
    response = client.get(f"/api/jobs/{id}")
    assert response.status_code == 200, response.text
    data: Json = response.json()
    return data


def raw_state(client: httpx.Client, id: str) -> str:
    """The scheduler's raw state of a job."""
    return str(client.get(f"/api/job/{id}/status").json()["status"])
