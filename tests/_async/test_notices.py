"""A warning names the line of the program that asked, however deep in the library it was noticed."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from comfy_cloud import AsyncComfyCloud
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

from .clients import PICTURE


async def test_the_place_of_a_warning_is_the_callers(
    start_emulator: Callable[..., Emulator], time: FakeTime
) -> None:
    emulator = start_emulator(quirks="comfyui")
    faulty = {**PICTURE, "8": {"class_type": "ImageInvert", "inputs": {}}}
    faulty["9"] = {"class_type": "PreviewImage", "inputs": {"images": ["8", 0]}}
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        async with AsyncComfyCloud(base_url=emulator.url, runtime=time.async_runtime()) as cloud:
            job = await cloud.submit(faulty)
            async for _ in job.events():
                pass
            assert [entry async for entry in cloud.history]
            assert await cloud.jobs.list()
    assert len(told) == 4
    assert {each.filename for each in told} == {__file__}
    assert len({each.lineno for each in told}) == 4
