"""A warning points at the caller's line, however deep in the library it is issued."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from comfy_cloud import AsyncComfyCloud
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH


async def test_a_warning_points_at_the_callers_line(
    start_emulator: Callable[..., Emulator], time: FakeTime
) -> None:
    emulator = start_emulator(quirks="comfyui")
    faulty = {**IMAGE_GRAPH, "8": {"class_type": "ImageInvert", "inputs": {}}}
    faulty["9"] = {"class_type": "PreviewImage", "inputs": {"images": ["8", 0]}}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with AsyncComfyCloud(base_url=emulator.url, runtime=time.async_runtime()) as cloud:
            job = await cloud.submit(faulty)
            async for _ in job.events():
                pass
            assert [entry async for entry in cloud.history]
            assert await cloud.jobs.list()
    assert len(caught) == 4
    assert {each.filename for each in caught} == {__file__}
    assert len({each.lineno for each in caught}) == 4
