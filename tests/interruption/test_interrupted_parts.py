"""Ctrl-C, a cancelled task and a kill during a download in parts: it is continued, not repeated."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from comfy_cloud import AsyncComfyCloud, ComfyCloud
from comfy_cloud._async._files import saving as async_saving
from comfy_cloud._files import range_plan
from comfy_cloud._sync._files import saving
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime
from tests.forking import Forking
from tests.interruption.killed_download import AT, PART, POINTS

CONTENT = os.urandom(3_000_000)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (saving, async_saving):
        monkeypatch.setattr(module, "LEAST_LEFT", 1)
        monkeypatch.setattr(module, "is_worth_it", lambda left, received, seconds: True)
    monkeypatch.setattr(range_plan, "_SMALLEST_PART", PART)


def options(emulator: Emulator, runtime: Any) -> dict[str, Any]:
    return {"api_key": emulator.key, "base_url": emulator.url, "runtime": runtime}


def check_rest(emulator: Emulator, time: FakeTime, folder: Path, name: str) -> list[str]:
    """The next download receives only what is missing. Returns the ranges that it asks for.

    The emulator's log may have late requests of a process that was killed.
    """
    assert sorted(path.suffix for path in folder.iterdir()) == [".part", ".ranges"]
    seen: list[int] = []
    requests: list[httpx.Request] = []
    with ComfyCloud(**options(emulator, time.runtime())) as cloud:
        hooks = cloud._session.storage.event_hooks
        cloud._session.storage.event_hooks = {**hooks, "request": [*hooks["request"], requests.append]}
        path = cloud.files.download(name, folder, progress=lambda received, _: seen.append(received))
    assert path.read_bytes() == CONTENT
    assert [left.name for left in folder.iterdir()] == [name]
    assert 0 < seen[0] < len(CONTENT)
    assert requests
    return [request.headers["range"] for request in requests]


def test_after_ctrl_c_it_is_continued(empty_emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    name = empty_emulator.store.files.put(CONTENT, "mp4")

    def interrupt(received: int, total: int | None) -> None:
        if received > 2_000_000:
            raise KeyboardInterrupt

    with ComfyCloud(**options(empty_emulator, time.runtime())) as cloud:
        with pytest.raises(KeyboardInterrupt):
            cloud.files.download(name, tmp_path, progress=interrupt)
    check_rest(empty_emulator, time, tmp_path, name)


def test_after_a_cancellation_it_is_continued(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    name = empty_emulator.store.files.put(CONTENT, "mp4")

    async def main() -> None:
        def cancel(received: int, total: int | None) -> None:
            if received > 2_000_000:
                task.cancel()

        async with AsyncComfyCloud(**options(empty_emulator, time.async_runtime())) as cloud:
            task = asyncio.ensure_future(cloud.files.download(name, tmp_path, progress=cancel))
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(main())
    check_rest(empty_emulator, time, tmp_path, name)


@pytest.fixture(scope="module")
def forking() -> Iterator[Forking]:
    """Starts downloads at little cost."""
    forking = Forking("tests.interruption.killed_download")
    yield forking
    forking.stop()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL")
@pytest.mark.parametrize("kind", ["sync", pytest.param("async", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "point", [*(pytest.param(each, marks=pytest.mark.slow) for each in POINTS[:-1]), POINTS[-1]]
)
def test_after_a_kill_it_is_continued(
    empty_emulator: Emulator, time: FakeTime, forking: Forking, tmp_path: Path, kind: str, point: str
) -> None:
    name = empty_emulator.store.files.put(CONTENT, "mp4")
    folder = tmp_path / "downloads"
    folder.mkdir()
    arguments = kind, empty_emulator.url, empty_emulator.key, str(folder), name, point
    assert forking.start(tmp_path, *arguments).wait() == (-signal.SIGKILL, "", "")
    (record,) = folder.glob(".*.ranges")
    lines = record.read_bytes().splitlines()[1:]
    assert len(lines) == AT - (point == "written")
    whole = [orjson.loads(line) for line in lines[: AT - (point != "recorded")]]
    ranges = check_rest(empty_emulator, time, folder, name)
    # What was recorded is not received again, and everything else is.
    asked = 0
    for each in ranges:
        first, last = each.removeprefix("bytes=").split("-")
        asked += int(last) + 1 - int(first)
    assert asked == len(CONTENT) - sum(end - start for start, end, _ in whole)
