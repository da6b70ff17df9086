"""`progress=` of everything that transfers files: functions, True, and lines."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import AsyncComfyCloud, ConfigurationError
from comfy_cloud._jobs.outputs import Output
from comfy_cloud_emulator import Emulator, Fault
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client

CONTENT = os.urandom(3_000_000)


async def test_every_transfer_can_show_its_progress(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async def shown(call: Any) -> str:
        capfd.readouterr()
        await call()
        return capfd.readouterr().err.splitlines()[-1]

    async with client(empty_emulator, time) as cloud:
        job = await cloud.run(IMAGE_GRAPH)
        output: Any = job.outputs[0]
        image = await output.read()
        size = f"100 % of {len(image)} B"
        asset = await cloud.assets.upload(CONTENT, name="a.bin")
        files, assets, lines = cloud.files, cloud.assets, "lines"
        options: Any = {"progress": lines}
        assert await shown(lambda: output.save(tmp_path / "1.png", **options)) == f"1.png: {size}"
        assert await shown(lambda: files.download(output, tmp_path / "2.png", **options)) == f"2.png: {size}"
        assert await shown(lambda: job.download(tmp_path, name="3{ext}", **options)) == f"3.png: {size}"
        assert await shown(lambda: assets.download(asset, tmp_path / "4", **options)) == "4: 100 % of 3.0 MB"
        assert await shown(lambda: files.upload_image(image, name="5.png", **options)) == f"5.png: {size}"
        uploaded = await files.upload_image(image, name="6.png")
        assert (
            await shown(lambda: files.upload_mask(image, str(uploaded.name), name="6.png", **options))
            == f"6.png: {size}"
        )
        assert (
            await shown(lambda: assets.upload(CONTENT[1:], name="7.bin", **options))
            == "7.bin: 100 % of 3.0 MB"
        )
        assert (
            await shown(lambda: assets.upload(CONTENT[1:], name="8.bin", **options))
            == "8.bin: already on the server"
        )


async def test_several_files_are_shown_together(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    outputs = [
        Output({"filename": empty_emulator.store.files.put(CONTENT[number:], "png")}) for number in range(3)
    ]
    seen: list[int | None] = []
    await cloud.files.download_all(outputs, tmp_path / "a", progress="lines")
    assert capfd.readouterr().err.splitlines()[-1] == "3 files: 100 % of 9.0 MB"
    await cloud.files.download_all(outputs, tmp_path / "b", progress=lambda _, total: seen.append(total))
    assert set(seen) == {None}


async def test_true_shows_nothing_without_a_terminal(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    name = empty_emulator.store.files.put(CONTENT, "png")
    await cloud.files.download(name, tmp_path, progress=True)
    wrong: Any = "bar"
    with pytest.raises(ConfigurationError, match="progress takes"):
        await cloud.files.download(name, tmp_path / "a", progress=wrong)
    assert capfd.readouterr().err == ""
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.beyond_contract  # tasks written by hand
async def test_a_task_shows_its_progress(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    for status, done in (("running", 1_000_000), ("completed", 4_000_000)):
        payload = {"bytes_downloaded": done, "bytes_total": 4_000_000}
        body = {"id": "x", "status": status, "payload": payload}
        empty_emulator.faults.add(Fault("status", status=200, body=body, path="/api/tasks/*"))
    capfd.readouterr()
    await cloud.tasks.wait("x", progress="lines")
    assert capfd.readouterr().err.splitlines() == ["task x: 25 % of 4.0 MB", "task x: 100 % of 4.0 MB"]
