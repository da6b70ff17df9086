"""Shared by these tests: clients in fake time, and an old and a newer self-hosted ComfyUI."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from comfy_cloud import AsyncComfyCloud
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

from .clients import client, keyless
from .shared_servers import SharedServers


@pytest.fixture(params=["comfyui", "comfyui_new"])
def comfyui(request: pytest.FixtureRequest, start_emulator: Callable[..., Emulator]) -> Emulator:
    """A self-hosted ComfyUI without jobs."""
    return start_emulator(quirks=request.param)


@pytest.fixture
async def cloud(request: pytest.FixtureRequest, time: FakeTime) -> AsyncIterator[AsyncComfyCloud]:
    """A client of the server that the test asks for beside it, by default of `empty_emulator`."""
    name = next((each for each in ("emulator", "comfyui") if each in request.fixturenames), "empty_emulator")
    server = request.getfixturevalue(name)
    async with keyless(server, time) if name == "comfyui" else client(server, time) as found:
        yield found


@pytest.fixture(scope="module")
def shared_servers() -> Iterator[SharedServers]:
    """Servers that are stopped after the last test of a module."""
    servers = SharedServers()
    yield servers
    for emulator in servers.started:
        emulator.stop()
