# Made from tests/_async/clients.py by `make unasync`. Do not edit.
"""What the tests of jobs share: a client of an emulator in the tests' own time, and graphs that run there."""

from __future__ import annotations

from typing import Any

from comfy_cloud import ComfyCloud
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

# Half a second of work, without a sampler.
PICTURE: dict[str, Any] = {
    "1": {
        "class_type": "EmptyImage",
        "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 255},
    },
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "plain"}},
}


def client(emulator: Emulator, time: FakeTime, **options: Any) -> ComfyCloud:
    """A client whose waiting moves the tests' clock, and with it the emulator's jobs."""
    options = {"api_key": emulator.key, "base_url": emulator.url, "runtime": time.runtime(), **options}
    return ComfyCloud(**options)


def posts(emulator: Emulator, path: str = "/api/prompt") -> int:
    """How many times something was posted to a path."""
    return sum(request.method == "POST" and request.path == path for request in emulator.requests)


def coloured(number: int) -> dict[str, Any]:
    """The graph with a colour of its own, so that it is not answered from the cache."""
    first = {**PICTURE["1"], "inputs": {**PICTURE["1"]["inputs"], "color": number}}
    return {**PICTURE, "1": first}
