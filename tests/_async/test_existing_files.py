"""What downloads do where a file exists already: `if_exists`, and `overwrite` as its older form."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from comfy_cloud import AsyncComfyCloud, ComfyCloudWarning, ConfigurationError
from comfy_cloud._http.concurrency import async_run_concurrently
from comfy_cloud._jobs.outputs import Output
from comfy_cloud_emulator import Emulator
from tests.clock import FakeTime

from .clients import IMAGE_GRAPH, client

CONTENT = os.urandom(3_000_000)
OTHER = os.urandom(3_000_000)


@pytest.fixture(params=["folder", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A local folder, and one on an fsspec file system."""
    if request.param == "folder":
        yield tmp_path / "out"
        return
    MemoryFileSystem.store.clear()
    yield "memory://out"
    MemoryFileSystem.store.clear()


def files_in(folder: Any) -> dict[str, bytes]:
    if isinstance(folder, Path):
        return {path.name: path.read_bytes() for path in folder.iterdir()}
    memory = MemoryFileSystem()
    return {path.rpartition("/")[2]: memory.cat(path) for path in memory.find("/out")}


def write(folder: Any, name: str, content: bytes) -> None:
    if isinstance(folder, Path):
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    else:
        MemoryFileSystem().pipe(f"/out/{name}", content)


def outputs(emulator: Emulator, *names: str, content: bytes = CONTENT) -> list[Output]:
    return [
        Output({"filename": emulator.store.files.put(content, "png"), "display_name": name}, str(number))
        for number, name in enumerate(names)
    ]


async def test_the_same_download_twice(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, folder: Any, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = outputs(empty_emulator, "a.png", "b.png")
    caplog.set_level(logging.INFO, "comfy_cloud")
    first = await cloud.files.download_all(wanted, folder, if_exists="skip")
    assert first.outcomes == ["saved", "saved"]
    assert first.skipped == []
    requests = len(empty_emulator.requests)
    again = await cloud.files.download_all(wanted, folder, if_exists="skip")
    assert list(again) == list(first)
    assert again.outcomes == ["skipped", "skipped"]
    assert again.skipped == list(first)
    assert len(empty_emulator.requests) == requests  # the hash decides: nothing is requested
    assert files_in(folder) == {"a.png": CONTENT, "b.png": CONTENT}
    assert sum("skipped: it has the same content" in text for text in caplog.messages) == 2


async def test_skip_never_takes_other_content(empty_emulator: Emulator, time: FakeTime, folder: Any) -> None:
    (wanted,) = outputs(empty_emulator, "a.png")
    write(folder, "a.png", OTHER)  # of the same size
    async with client(empty_emulator, time) as cloud:
        with pytest.raises(FileExistsError, match=r'has other content.*"rename"'):
            await cloud.files.download_all([wanted], folder, if_exists="skip")
        with pytest.raises(FileExistsError, match=r'has other content.*"rename"'):
            await cloud.files.download(wanted, f"{folder}/", if_exists="skip")
        write(folder, "a.png", CONTENT[:-1])
        with pytest.raises(FileExistsError, match=r"2999999 bytes instead of 3000000"):
            await cloud.files.download(wanted, f"{folder}/", if_exists="skip", verify=False)
    assert files_in(folder) == {"a.png": CONTENT[:-1]}


async def test_sizes_are_compared_where_no_hash_is_known(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, folder: Any
) -> None:
    (wanted,) = outputs(empty_emulator, "a.png")
    write(folder, "a.png", OTHER)
    with pytest.warns(ComfyCloudWarning, match="by its size alone") as warnings:
        saved = await cloud.files.download_all([wanted], folder, if_exists="skip", verify=False)
    await cloud.files.download(wanted, f"{folder}/", if_exists="skip", verify=False)  # warns once
    assert [warning.filename for warning in warnings] == [__file__]
    assert saved.outcomes == ["skipped"]
    assert files_in(folder) == {"a.png": OTHER}


async def test_a_smaller_image_is_compared_by_its_size(cloud: AsyncComfyCloud, tmp_path: Path) -> None:
    job = await cloud.run(IMAGE_GRAPH)
    target = tmp_path / "small.jpg"
    await cloud.files.download(job.outputs[0], target, res=64, if_exists="skip")
    content = target.read_bytes()
    with pytest.warns(ComfyCloudWarning, match="by its size alone"):
        await cloud.files.download(job.outputs[0], target, res=64, if_exists="skip")
    target.write_bytes(content + b"x")
    with pytest.raises(FileExistsError):
        await cloud.files.download(job.outputs[0], target, res=64, if_exists="skip")


@pytest.mark.parametrize("if_exists", ["error", "skip", "overwrite"])
async def test_a_folder_of_that_name_is_named_as_one(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, folder: Any, if_exists: Any
) -> None:
    write(folder, "seed", b"")
    write(folder / "a.png" if isinstance(folder, Path) else folder, "b.png", b"")
    if not isinstance(folder, Path):
        MemoryFileSystem().pipe("/out/a.png/b.png", b"mine")
    (output,) = outputs(empty_emulator, "a.png")
    kind = IsADirectoryError if if_exists == "overwrite" else FileExistsError
    with pytest.raises(kind, match="A folder has this name; choose another name") as raised:
        await cloud.files.download_all([output], folder, if_exists=if_exists)
    assert "overwrite" not in str(raised.value)
    await cloud.files.download_all([output], folder, if_exists="rename")


async def test_rename_keeps_both(cloud: AsyncComfyCloud, empty_emulator: Emulator, folder: Any) -> None:
    wanted = outputs(empty_emulator, "a.png", "b.png")
    write(folder, "a.png", OTHER)
    write(folder, "a_2.png", OTHER)
    saved = await cloud.files.download_all(wanted, folder, if_exists="rename")
    again = await cloud.files.download(wanted[0], f"{folder}/", if_exists="rename")
    assert [str(path).rpartition("/")[2] for path in saved] == ["a_3.png", "b.png"]
    assert saved.outcomes == ["renamed", "saved"]
    assert str(again).endswith("a_4.png")
    assert files_in(folder) == {
        "a.png": OTHER, "a_2.png": OTHER, "a_3.png": CONTENT, "a_4.png": CONTENT, "b.png": CONTENT
    }  # fmt: skip


async def renamed(cloud: AsyncComfyCloud, output: Output, target: str, _: object) -> None:
    await cloud.files.download(output, target, if_exists="rename")


async def test_renamed_downloads_do_not_take_each_others_name(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, folder: Any
) -> None:
    contents = [os.urandom(1000) for _ in range(12)]
    one_of_each = [outputs(empty_emulator, "a.png", content=content)[0] for content in contents]
    await async_run_concurrently(
        [partial(renamed, cloud, one, f"{folder}/") for one in one_of_each], limit=12
    )
    found = files_in(folder)
    assert sorted(found.values()) == sorted(contents)
    assert set(found) == {"a.png", *(f"a_{number}.png" for number in range(2, 13))}


async def test_overwrite_is_the_same_as_before(empty_emulator: Emulator, time: FakeTime, folder: Any) -> None:
    (wanted,) = outputs(empty_emulator, "a.png")
    async with client(empty_emulator, time) as cloud:
        for arguments in ({"overwrite": True}, {"if_exists": "overwrite"}):
            write(folder, "a.png", OTHER)
            options: Any = arguments
            saved = await cloud.files.download_all([wanted], folder, **options)
            assert saved.outcomes == ["saved"]
            assert files_in(folder) == {"a.png": CONTENT}
        for options in ({}, {"if_exists": "error"}, {"overwrite": False}):
            with pytest.raises(FileExistsError, match='if_exists="overwrite"'):
                await cloud.files.download_all([wanted], folder, **options)


async def test_arguments_that_are_not_valid(empty_emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    (wanted,) = outputs(empty_emulator, "a.png")
    wrong: Any
    async with client(empty_emulator, time) as cloud:
        for wrong in ("replace", True, ""):
            with pytest.raises(ConfigurationError, match="'skip'"):
                await cloud.files.download(wanted, tmp_path, if_exists=wrong)
        for wrong in ("skip", "error"):
            with pytest.raises(ConfigurationError, match="contradict"):
                await cloud.files.download_all([wanted], tmp_path, if_exists=wrong, overwrite=True)
    assert empty_emulator.requests == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_same", [True, False])
async def test_a_file_that_appears_during_the_download(
    empty_emulator: Emulator, time: FakeTime, folder: Any, is_same: bool
) -> None:
    (wanted,) = outputs(empty_emulator, "a.png")
    content = CONTENT if is_same else OTHER

    def appear(*_: object) -> None:
        write(folder, "a.png", content)

    async with client(empty_emulator, time) as cloud:
        if is_same:
            await cloud.files.download(wanted, f"{folder}/", if_exists="skip", progress=appear)
        else:
            with pytest.raises(FileExistsError, match="has other content"):
                await cloud.files.download(wanted, f"{folder}/", if_exists="skip", progress=appear)
    assert files_in(folder) == {"a.png": content}


async def test_assets_and_single_outputs(cloud: AsyncComfyCloud, folder: Any) -> None:
    asset = await cloud.assets.upload(CONTENT, name="a.png")
    job = await cloud.run(IMAGE_GRAPH)
    output: Any = job.outputs[0]
    for save in (
        lambda **options: cloud.assets.download(asset, f"{folder}/", **options),
        lambda **options: output.save(f"{folder}/", **options),
        lambda **options: job.download(folder, name="{job}{ext}", **options),
    ):
        first = await save()
        assert await save(if_exists="skip") == first
        assert await save(if_exists="rename") != first
        with pytest.raises(FileExistsError):
            await save()
    assert len(files_in(folder)) == 6


async def test_skip_does_not_follow_a_link_out_of_the_folder(
    cloud: AsyncComfyCloud, empty_emulator: Emulator, tmp_path: Path
) -> None:
    (wanted,) = outputs(empty_emulator, "a.png")
    outside = tmp_path / "outside.png"
    outside.write_bytes(CONTENT)
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "a.png").symlink_to(outside)
    with pytest.raises(PermissionError, match="leads out"):
        await cloud.files.download_all([wanted], folder, if_exists="skip")
    (folder / "a.png").unlink()
    (folder / "a.png").mkdir()
    with pytest.raises(FileExistsError, match="A folder has this name"):
        await cloud.files.download_all([wanted], folder, if_exists="skip")
    (folder / "a.png").rmdir()
    (folder / "a.png").symlink_to(folder / "nothing")
    with pytest.raises(FileExistsError, match="its size is not known"):
        await cloud.files.download_all([wanted], folder, if_exists="skip")
    saved = await cloud.files.download_all([wanted], folder, if_exists="rename")
    assert saved == [folder / "a_2.png"]
