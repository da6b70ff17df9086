"""Shared by the tests on a self-hosted ComfyUI: an old and a newer version of the server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from comfy_cloud_emulator import Emulator


@pytest.fixture(params=["comfyui", "comfyui_new"])
def comfyui(request: pytest.FixtureRequest, start_emulator: Callable[..., Emulator]) -> Emulator:
    """A self-hosted ComfyUI without jobs."""
    return start_emulator(quirks=request.param)
