# Made from tests/_async/test_notices.py by `make unasync`. Do not edit.
"""A warning points at the caller's line, however deep in the library it is issued."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from comfy_cloud import ComfyCloud
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH


def test_a_warning_points_at_the_callers_line(
    start_emulator: Callable[..., Emulator], time: FakeTime
) -> None:
    emulator = start_emulator(quirks="comfyui")
    faulty = {**IMAGE_GRAPH, "8": {"class_type": "ImageInvert", "inputs": {}}}
    faulty["9"] = {"class_type": "PreviewImage", "inputs": {"images": ["8", 0]}}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with ComfyCloud(base_url=emulator.url, runtime=time.runtime()) as cloud:
            job = cloud.submit(faulty)
            for _ in job.events():
                pass
            assert [entry for entry in cloud.history]
            assert cloud.jobs.list()
    assert len(caught) == 4
    assert {each.filename for each in caught} == {__file__}
    assert len({each.lineno for each in caught}) == 4
