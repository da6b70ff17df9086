"""Generated responses of realistic size: a history page, a jobs page, object_info."""

from __future__ import annotations

import json
import random
import uuid
from typing import Any

IMAGE = {"subfolder": "", "type": "output"}


def history_page(entries: int = 1000, seed: int = 1) -> bytes:
    """GET /api/history_v2 with entries of about 3 KB."""
    rng = random.Random(seed)
    return json.dumps({"history": [_entry(rng, number) for number in range(entries)]}).encode()


def jobs_page(jobs: int = 1000, seed: int = 1) -> bytes:
    """GET /api/jobs; one job in ten failed and has its error."""
    rng = random.Random(seed)
    listed = [_job(rng, number) for number in range(jobs)]
    pagination = {"offset": 0, "limit": jobs, "total": jobs * 3, "has_more": True, "next_cursor": "abc"}
    return json.dumps({"jobs": listed, "pagination": pagination}).encode()


def object_info(nodes: int = 700, seed: int = 1) -> bytes:
    """GET /api/object_info of about 4.6 MB: node classes, some with long lists of file names."""
    rng = random.Random(seed)
    files = [f"{_hex(rng, 12)}-model-{number}.safetensors" for number in range(4000)]
    return json.dumps({f"Node{number}": _node(rng, number, files) for number in range(nodes)}).encode()


def _entry(rng: random.Random, number: int) -> dict[str, Any]:
    created = 1_795_000_000_000 - number * 60_000
    prompt_id = _uuid(rng)
    nodes = [str(rng.randrange(1, 90)) for _ in range(8)]
    messages = [
        ["execution_start", {"prompt_id": prompt_id, "timestamp": created + 900}],
        ["execution_cached", {"nodes": nodes, "prompt_id": prompt_id, "timestamp": created + 950}],
        ["execution_success", {"prompt_id": prompt_id, "timestamp": created + 19_000}],
    ]
    outputs = {
        node: {
            "images": [
                {"filename": f"{_hex(rng, 64)}.png", "display_name": f"out_{i}.png", **IMAGE}
                for i in range(2)
            ]
        }
        for node in nodes[:6]
    }
    meta = {n: {"node_id": n, "display_node": n, "parent_node": None, "real_node_id": n} for n in nodes}
    return {
        "prompt_id": prompt_id,
        "create_time": created,
        "workflow_id": _uuid(rng),
        "prompt": {
            "priority": float(number),
            "prompt_id": prompt_id,
            "extra_data": {"client_id": _uuid(rng), "comfy_usage_source": "bench", "extra_pnginfo": {}},
        },
        "outputs": outputs,
        "status": {"status_str": "success", "completed": True, "messages": messages},
        "meta": meta,
    }


def _job(rng: random.Random, number: int) -> dict[str, Any]:
    created = 1_795_000_000_000 - number * 60_000
    job: dict[str, Any] = {
        "id": _uuid(rng),
        "status": "completed",
        "create_time": created,
        "execution_start_time": created + 900,
        "execution_end_time": created + 19_000,
        "workflow_id": _uuid(rng),
        "outputs_count": 2,
        "preview_output": {"filename": f"{_hex(rng, 64)}.png", "nodeId": "9", "mediaType": "images", **IMAGE},
    }
    if number % 10 == 0:
        job["status"] = "failed"
        job["execution_error"] = {
            "node_id": "3",
            "node_type": "KSampler",
            "exception_message": "CUDA out of memory",
            "exception_type": "OOMError",
            "traceback": ['  File "execution.py", line 515, in execute\n'] * 4,
            "current_inputs": {"seed": [str(rng.randrange(2**63))], "steps": ["20"]},
            "current_outputs": {},
        }
    return job


def _node(rng: random.Random, number: int, files: list[str]) -> dict[str, Any]:
    required: dict[str, Any] = {
        f"input_{i}": ["INT", {"default": i, "min": 0, "max": 2**63, "step": 1, "tooltip": "How much of it."}]
        for i in range(rng.randrange(2, 9))
    }
    required["model"] = ["MODEL"]
    if number % 8 == 0:
        start = rng.randrange(2500)
        required["file"] = [files[start : start + 1000], {"tooltip": "Which file."}]
    return {
        "input": {"required": required, "optional": {"mask": ["MASK"]}, "hidden": {"unique_id": "UNIQUE_ID"}},
        "input_order": {"required": list(required), "optional": ["mask"], "hidden": ["unique_id"]},
        "output": ["IMAGE", "MASK"],
        "output_is_list": [False, False],
        "output_name": ["IMAGE", "MASK"],
        "name": f"Node{number}",
        "display_name": f"Node number {number}",
        "description": "Does something to an image, and to its mask where there is one.",
        "python_module": "nodes",
        "category": "image/transform",
        "output_node": False,
        "output_tooltips": ["The image.", "The mask."],
        "deprecated": False,
        "experimental": False,
        "api_node": False,
    }


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _hex(rng: random.Random, length: int) -> str:
    return f"{rng.getrandbits(length * 4):0{length}x}"
