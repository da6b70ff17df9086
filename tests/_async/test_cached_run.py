"""What a `run` costs whose result the service has: three requests, and the websocket."""

from __future__ import annotations

from comfy_cloud import AsyncComfyCloud
from comfy_cloud_emulator import Emulator

from .clients import IMAGE_GRAPH

WEBSOCKET = "/ws"


async def test_a_cached_run_is_three_requests_and_the_websocket(
    cloud: AsyncComfyCloud, empty_emulator: Emulator
) -> None:
    first = await cloud.run(IMAGE_GRAPH)
    empty_emulator.clear_requests()
    cached = await cloud.run(IMAGE_GRAPH)
    assert cached.id != first.id
    assert cached.outputs
    sent = [f"{request.method} {request.path}" for request in empty_emulator.requests]
    assert sent.count("POST /api/prompt") == 1
    assert set(sent) <= {"POST /api/prompt", f"GET /api/jobs/{cached.id}", f"GET {WEBSOCKET}"}
    assert len([request for request in sent if not request.endswith(WEBSOCKET)]) <= 3
