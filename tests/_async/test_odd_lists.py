"""A server that sends something else where a list belongs: never an error of Python's own."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, SubmissionUncertain, UnexpectedResponse
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client

ODD = [5, True, "abc", {"a": 1}]
CALLS = {
    "jobs": ("/api/jobs", lambda cloud: cloud.jobs.list()),
    "history": ("/api/history_v2", lambda cloud: cloud.history.list()),
    "tasks": ("/api/tasks", lambda cloud: cloud.tasks.list()),
    "assets": ("/api/assets", lambda cloud: cloud.assets.list()),
    "tags": ("/api/tags", lambda cloud: cloud.assets.tags()),
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", CALLS)
async def test_a_list_that_is_none(empty_emulator: Emulator, time: FakeTime, name: str, odd: Any) -> None:
    path, call = CALLS[name]
    empty_emulator.faults.add(Fault("garbage", path=path, body={name: odd}, times=None))
    async with client(empty_emulator, time) as cloud:
        with pytest.raises(UnexpectedResponse, match="not a list"):
            await call(cloud)


@pytest.mark.parametrize("name", CALLS)
async def test_items_that_are_no_objects_are_left_out(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, name: str
) -> None:
    path, call = CALLS[name]
    empty_emulator.faults.add(Fault("garbage", path=path, body={name: [1, "a", None, [2]]}, times=None))
    assert await call(cloud) == []


@pytest.mark.parametrize("odd", [5, "abc", [3, None], {"jobs": 5}, {"jobs": [5, [None]]}])
async def test_a_lost_submission_stays_uncertain_whatever_the_lists_are(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, odd: Any
) -> None:
    for path in ("/api/jobs", "/api/history_v2", "/api/queue"):
        empty_emulator.faults.add(Fault("garbage", method="GET", path=path, body=odd, times=None))
    empty_emulator.faults.add(Fault("accepted_then", status=504))
    with pytest.raises(SubmissionUncertain) as raised:
        await cloud.submit(IMAGE_GRAPH)
    assert raised.value.nonce
    assert len(empty_emulator.submissions) == 1
