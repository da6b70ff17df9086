"""`cloud.tasks`: lists, single tasks, following one to its end, cancelling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comfy_cloud import (
    AsyncComfyCloud,
    ConfigurationError,
    Conflict,
    NotFound,
    NotSupported,
    TaskFailed,
    WaitTimeout,
)
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

NOBODY = "00000000-0000-4000-8000-000000000000"


def model(number: int, name: str = "nice") -> str:
    return f"https://huggingface.co/me/loras/resolve/main/{name}-{number}.safetensors"


async def start_import(cloud: Any, number: int, name: str = "nice") -> str:
    """Start an import; returns the id of its task."""
    body = {"source_url": model(number, name), "tags": ["models", "loras"]}
    task_id: str = (await cloud.request("POST", "/api/assets/download", json=body)).json()["task_id"]
    return task_id


async def test_lists_and_single_tasks(cloud: AsyncComfyCloud, time: FakeTime) -> None:
    ids = []
    for number in range(5):
        ids.append(await start_import(cloud, number))
        time.advance(2)
    listed = await cloud.tasks.list(limit=2, offset=1)
    everything = [task.id async for task in cloud.tasks]
    first = [task.id async for task in cloud.tasks.iter(page_size=2, limit=3)]
    oldest = [task.id async for task in cloud.tasks.iter(page_size=2, sort_order="asc")]
    assert [task async for task in cloud.tasks.iter(limit=0)] == []
    one = await cloud.tasks.get(ids[0])
    assert [task.id for task in listed] == ids[3:1:-1]
    assert everything == ids[::-1]
    assert first == ids[:1:-1]
    assert oldest == ids
    assert one.id == ids[0]
    assert one.status == "completed"
    assert one.result is not None
    assert one.create_time == time.now() - timedelta(seconds=10)
    assert one.completed_at is not None
    assert one.completed_at.tzinfo is UTC


async def test_filters(cloud: AsyncComfyCloud, time: FakeTime) -> None:
    old = await start_import(cloud, 1)
    time.advance(3600)
    new = await start_import(cloud, 2)

    async def found(**filters: Any) -> list[str | None]:
        listed = [task.id for task in await cloud.tasks.list(**filters)]
        assert [task.id async for task in cloud.tasks.iter(**filters)] == listed
        return listed

    assert await found(status="completed") == [old]
    assert await found(status=["created", "running"]) == [new]
    assert await found(created_after="30 minutes ago") == [new]
    assert await found(created_before=time.now() - timedelta(minutes=30)) == [old]
    assert await found(idempotency_key=model(2)) == [new]
    assert await found(task_name="nothing") == []


@pytest.mark.parametrize(
    "options",
    [
        {"limit": 0}, {"limit": 101}, {"offset": -1}, {"status": "finished"}, {"status": ["completed", 7]},
        {"sort_order": "down"}, {"created_after": "soon"}, {"created_before": 7}, {"name": "x"},
    ],
)  # fmt: skip
async def test_arguments_that_are_not_valid(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, options: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError):
        await cloud.tasks.list(**options)
    for page_size in (0, 101):
        with pytest.raises(ConfigurationError, match="page_size"):
            assert [task async for task in cloud.tasks.iter(page_size=page_size)]
    for method in (cloud.tasks.get, cloud.tasks.cancel, cloud.tasks.wait):
        with pytest.raises(ConfigurationError, match="task id"):
            await method(" ")
    assert empty_emulator.requests == []


TASK = "0aa57c75-8b51-4e2f-9d0c-3f1f6f5d7a10"


async def test_times_in_all_forms(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    body = {
        "id": TASK, "status": "running", "create_time": 1_795_435_200_000,
        "update_time": "2026-11-23T13:00:00+01:00", "started_at": "some day",
    }  # fmt: skip
    empty_emulator.faults.add(
        Fault("status", status=200, body=body, path="/api/tasks/*"),
        Fault("status", status=200, body={"tasks": [body]}, path="/api/tasks"),
    )
    for task in (await cloud.tasks.get(TASK), *await cloud.tasks.list()):
        assert task.create_time == task.update_time == datetime(2026, 11, 23, 12, tzinfo=UTC)
        assert task.started_at == "some day"  # a value that is not valid is kept
        assert task.completed_at is None


async def test_following_a_task(cloud: AsyncComfyCloud) -> None:
    fine = await start_import(cloud, 1)
    gated = await start_import(cloud, 2, "gated")
    with pytest.raises(WaitTimeout):
        await cloud.tasks.wait(fine, timeout=0.5)
    assert (await cloud.tasks.wait(fine)).status == "completed"
    with pytest.raises(TaskFailed):
        await cloud.tasks.wait(gated)
    with pytest.raises(NotFound):
        await cloud.tasks.wait(NOBODY)


async def test_cancelling_a_task(cloud: AsyncComfyCloud) -> None:
    task_id = await start_import(cloud, 1)
    await cloud.tasks.cancel(task_id)
    assert (await cloud.tasks.get(task_id)).status == "cancelled"
    with pytest.raises(Conflict):
        await cloud.tasks.cancel(task_id)
    with pytest.raises(NotFound):
        await cloud.tasks.cancel(NOBODY)
    with pytest.raises(TaskFailed) as caught:
        await cloud.tasks.wait(task_id)
    assert caught.value.status == "cancelled"


async def test_a_server_without_tasks(cloud: AsyncComfyCloud, empty_emulator: Emulator) -> None:
    empty_emulator.faults.add(Fault("status", status=404, body=b"", path="/api/tasks*", times=None))
    with pytest.raises(NotSupported, match="listTasks"):
        await cloud.tasks.list()
