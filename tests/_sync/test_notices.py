# Made from tests/_async/test_notices.py by `make unasync`. Do not edit.
"""A warning names the line of the program that asked, however deep in the library it was noticed."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from comfy_cloud import ComfyCloud
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

from .clients import PICTURE


def test_the_place_of_a_warning_is_the_callers(
    start_emulator: Callable[..., Emulator], time: FakeTime
) -> None:
    emulator = start_emulator(quirks="comfyui")
    faulty = {**PICTURE, "8": {"class_type": "ImageInvert", "inputs": {}}}
    faulty["9"] = {"class_type": "PreviewImage", "inputs": {"images": ["8", 0]}}
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with ComfyCloud(base_url=emulator.url, runtime=time.runtime()) as cloud:
            job = cloud.submit(faulty)
            for _ in job.events():
                pass
            assert [entry for entry in cloud.history]
            assert cloud.jobs.list()
    assert len(told) == 4
    assert {each.filename for each in told} == {__file__}
    assert len({each.lineno for each in told}) == 4
