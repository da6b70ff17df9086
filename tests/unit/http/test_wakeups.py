"""Calls that wake a thread or a task, and those that come while nobody waits."""

from __future__ import annotations

from comfy_cloud._http.wakeups import AsyncWakeup, Wakeup


def test_calls_that_nobody_waits_for_are_kept_once() -> None:
    wakeup = Wakeup()
    assert not wakeup.wait(0)
    wakeup.call()
    wakeup.call()
    assert [wakeup.wait(0), wakeup.wait(0)] == [True, False]
    wakeup.call()
    assert wakeup.wait(-1)


async def test_a_task_has_them_once_as_well() -> None:
    wakeup = AsyncWakeup()
    assert not await wakeup.wait(0)
    wakeup.call()
    wakeup.call()
    assert [await wakeup.wait(0), await wakeup.wait(0)] == [True, False]
    wakeup.call()
    assert await wakeup.wait(-1)
