# Made from tests/_async/test_system.py by `make unasync`. Do not edit.
"""`cloud.system` over real sockets."""

from __future__ import annotations

from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import client


def test_stats_need_no_key(empty_emulator: Emulator, time: FakeTime) -> None:
    with client(empty_emulator, time, api_key=None) as cloud:
        stats = cloud.system.stats()
    assert stats.system is not None
    assert stats.devices is not None
    assert "x-api-key" not in empty_emulator.requests[0].headers


def test_features_keep_what_is_not_documented(empty_emulator: Emulator, time: FakeTime) -> None:
    flags = {"supports_preview_metadata": True, "max_upload_size": 52428800.0, "new_flag": [1]}
    with client(empty_emulator, time) as cloud:
        assert (cloud.system.features()).max_upload_size
        empty_emulator.faults.add(Fault("status", status=200, body=flags))
        features = cloud.system.features()
    assert features.max_upload_size == 52428800
    assert features["new_flag"] == [1]
