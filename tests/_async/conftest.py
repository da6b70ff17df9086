"""What the tests on a self-hosted ComfyUI share: the server, in an old and in a newer version."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from comfy_cloud_emulator import Emulator


@pytest.fixture(params=["comfyui", "comfyui_new"])
def comfyui(request: pytest.FixtureRequest, start_emulator: Callable[..., Emulator]) -> Emulator:
    """A self-hosted ComfyUI, empty."""
    return start_emulator(quirks=request.param)
