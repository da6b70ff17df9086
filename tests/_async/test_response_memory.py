"""A response is freed when its last user lets it go, not only when garbage is collected."""

from __future__ import annotations

import gc
import weakref

from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

from .clients import client


async def test_a_response_is_freed_with_its_last_reference(empty_emulator: Emulator, time: FakeTime) -> None:
    async with client(empty_emulator, time) as cloud:
        response = await cloud.request("GET", "/api/history_v2")
        assert response.json()
        gc.collect()
        gc.disable()
        try:
            freed = weakref.ref(response)
            del response
            assert freed() is None
        finally:
            gc.enable()
