"""`cloud.system` over real sockets."""

from __future__ import annotations

from comfy_cloud import AsyncComfyCloud
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client


async def test_stats_need_no_key(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time, api_key=None) as cloud:
        stats = await cloud.system.stats()
    assert stats.system is not None
    assert stats.devices is not None
    assert "x-api-key" not in empty_emulator.requests[0].headers


async def test_features_keep_what_is_not_documented(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    flags = {"supports_preview_metadata": True, "max_upload_size": 52428800.0, "new_flag": [1]}
    assert (await cloud.system.features()).max_upload_size
    empty_emulator.faults.add(Fault("status", status=200, body=flags))
    features = await cloud.system.features()
    assert features.max_upload_size == 52428800
    assert features["new_flag"] == [1]
