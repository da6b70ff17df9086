"""`cloud.models` over real sockets."""

from __future__ import annotations

import pytest

from comfy_cloud import AsyncComfyCloud, NotFound
from comfy_cloud_emulator import Emulator, Fault


async def test_folders_and_their_models(cloud: AsyncComfyCloud) -> None:
    folders = {folder.name for folder in await cloud.models.folders()}
    models = await cloud.models.list("checkpoints")
    with pytest.raises(NotFound):
        await cloud.models.list("no_such_folder")
    assert {"checkpoints", "loras"} <= folders
    assert models
    assert all(model.name and model.path_index is not None for model in models)


async def test_a_preview(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    empty_emulator.faults.add(Fault("status", status=200, body=b"RIFF", content_type="image/webp"))
    assert await cloud.models.preview("loras", "in a folder/nice.safetensors", 2) == b"RIFF"
    with pytest.raises(NotFound):
        await cloud.models.preview("loras", "missing.safetensors")
    path = "/api/experiment/models/preview/loras/2/in%20a%20folder%2Fnice.safetensors"
    assert empty_emulator.requests[0].raw_path == path
