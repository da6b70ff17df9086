"""Small workflows for the emulator's tests, and an emulator whose time stands still."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

Json = dict[str, Any]
Submit = Callable[..., str]


def picture(seed: int = 7, text: str = "a lighthouse", steps: int = 20) -> Json:
    """A picture from words. The nodes run as 4, 5, 6, 7, 3, 8, 9."""
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
    """A picture of one colour, which needs no model."""
    return {
        "1": {
            "class_type": "EmptyImage",
            "inputs": {"width": width, "height": height, "batch_size": 1, "color": color},
        },
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "plain"}},
    }


def submit(client: httpx.Client, graph: Json | None = None, **fields: Any) -> str:
    """Submit a workflow that is accepted; the id of its job."""
    answer = client.post("/api/prompt", json={"prompt": plain() if graph is None else graph, **fields})
    assert answer.status_code == 200, answer.text
    assert answer.json()["node_errors"] == {}
    return str(answer.json()["prompt_id"])


def job(client: httpx.Client, id: str) -> Json:
    """What GET /api/jobs/{id} tells."""
    answer = client.get(f"/api/jobs/{id}")
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


def raw_state(client: httpx.Client, id: str) -> str:
    """The scheduler's word for the state of a job."""
    return str(client.get(f"/api/job/{id}/status").json()["status"])
