"""Cancelling the task of `run`, in asyncio and anyio: its job is cancelled in a bounded time."""

from __future__ import annotations

import asyncio

import anyio
import pytest

from comfy_cloud import AsyncComfyCloud, Event, JobStatus
from comfy_cloud._http.concurrency import async_shielded, shielded
from comfy_cloud_emulator import Emulator, Fault

GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 255}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "plain"}},
}


def client(emulator: Emulator) -> AsyncComfyCloud:
    return AsyncComfyCloud(api_key=emulator.key, base_url=emulator.url)


async def test_cancelling_the_task_cancels_the_job(empty_emulator: Emulator) -> None:
    """In real time, while the emulator's time stands still: the run waits until it is cancelled."""
    running = asyncio.Event()

    def on_event(event: Event) -> None:
        running.set()

    async with client(empty_emulator) as cloud:
        other = await cloud.submit(GRAPH)
        task = asyncio.create_task(cloud.run(GRAPH, on_event=on_event))
        await running.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (_, ours) = empty_emulator.submissions
        assert await cloud.jobs.status(ours.prompt_id) is JobStatus.CANCELLED
        assert await cloud.jobs.status(other.id) is JobStatus.PENDING


async def test_a_scope_that_ends_cancels_the_job(empty_emulator: Emulator) -> None:
    async with client(empty_emulator) as cloud:
        with anyio.CancelScope() as scope:
            await cloud.run(GRAPH, on_event=lambda event: scope.cancel())
        assert scope.cancelled_caught
        (ours,) = empty_emulator.submissions
        assert await cloud.jobs.status(ours.prompt_id) is JobStatus.CANCELLED


async def test_cancelling_takes_a_bounded_time(
    empty_emulator: Emulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("comfy_cloud._async._submission.interruption.CANCEL_SECONDS", 0.05)
    empty_emulator.faults.add(
        Fault("accepted_then", method="POST", path="/api/jobs/*/cancel", then="silence")
    )
    async with client(empty_emulator) as cloud:
        with anyio.CancelScope() as scope:
            await cloud.run(GRAPH, on_event=lambda event: scope.cancel())
    assert "it may still be running" in caplog.text


async def test_shielded_work_is_finished_or_given_up() -> None:
    async def quick() -> None:
        await anyio.lowlevel.checkpoint()

    assert await async_shielded(quick, 1)
    assert not await async_shielded(anyio.sleep_forever, 0.01)


def test_shielded_work_in_a_thread() -> None:
    from threading import Event as Gate

    gate = Gate()
    assert shielded(lambda: None, 5)
    assert not shielded(gate.wait, 0.01)
    gate.set()
