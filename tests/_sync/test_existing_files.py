# Made from tests/_async/test_existing_files.py by `make unasync`. Do not edit.
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

from comfy_cloud import ComfyCloud, ComfyCloudWarning, ConfigurationError
from comfy_cloud._http.concurrency import run_concurrently
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


def test_the_same_download_twice(
    empty_emulator: Emulator, time: FakeTime, folder: Any, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = outputs(empty_emulator, "a.png", "b.png")
    caplog.set_level(logging.INFO, "comfy_cloud")
    with client(empty_emulator, time) as cloud:
        first = cloud.files.download_all(wanted, folder, if_exists="skip")
        assert first.outcomes == ["saved", "saved"]
        assert first.skipped == []
        requests = len(empty_emulator.requests)
        again = cloud.files.download_all(wanted, folder, if_exists="skip")
    assert list(again) == list(first)
    assert again.outcomes == ["skipped", "skipped"]
    assert again.skipped == list(first)
    assert len(empty_emulator.requests) == requests  # the hash decides: nothing is requested
    assert files_in(folder) == {"a.png": CONTENT, "b.png": CONTENT}
    assert sum("skipped: it has the same content" in text for text in caplog.messages) == 2


def test_skip_never_takes_other_content(empty_emulator: Emulator, time: FakeTime, folder: Any) -> None:
    (wanted,) = outputs(empty_emulator, "a.png")
    write(folder, "a.png", OTHER)  # of the same size
    with client(empty_emulator, time) as cloud:
        with pytest.raises(FileExistsError, match=r'has other content.*"rename"'):
            cloud.files.download_all([wanted], folder, if_exists="skip")
        with pytest.raises(FileExistsError, match=r'has other content.*"rename"'):
            cloud.files.download(wanted, f"{folder}/", if_exists="skip")
        write(folder, "a.png", CONTENT[:-1])
        with pytest.raises(FileExistsError, match=r"2999999 bytes instead of 3000000"):
            cloud.files.download(wanted, f"{folder}/", if_exists="skip", verify=False)
    assert files_in(folder) == {"a.png": CONTENT[:-1]}


def test_sizes_are_compared_where_no_hash_is_known(
    empty_emulator: Emulator, time: FakeTime, folder: Any
) -> None:
    (wanted,) = outputs(empty_emulator, "a.png")
    write(folder, "a.png", OTHER)
    with client(empty_emulator, time) as cloud:
        with pytest.warns(ComfyCloudWarning, match="by its size alone") as warnings:
            saved = cloud.files.download_all([wanted], folder, if_exists="skip", verify=False)
        cloud.files.download(wanted, f"{folder}/", if_exists="skip", verify=False)  # warns once
    assert [warning.filename for warning in warnings] == [__file__]
    assert saved.outcomes == ["skipped"]
    assert files_in(folder) == {"a.png": OTHER}


def test_a_smaller_image_is_compared_by_its_size(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    with client(empty_emulator, time) as cloud:
        job = cloud.run(IMAGE_GRAPH)
        target = tmp_path / "small.jpg"
        cloud.files.download(job.outputs[0], target, res=64, if_exists="skip")
        content = target.read_bytes()
        with pytest.warns(ComfyCloudWarning, match="by its size alone"):
            cloud.files.download(job.outputs[0], target, res=64, if_exists="skip")
        target.write_bytes(content + b"x")
        with pytest.raises(FileExistsError):
            cloud.files.download(job.outputs[0], target, res=64, if_exists="skip")


@pytest.mark.parametrize("if_exists", ["error", "skip", "overwrite"])
def test_a_folder_of_that_name_is_named_as_one(
    empty_emulator: Emulator, time: FakeTime, folder: Any, if_exists: Any
) -> None:
    write(folder, "seed", b"")
    write(folder / "a.png" if isinstance(folder, Path) else folder, "b.png", b"")
    if not isinstance(folder, Path):
        MemoryFileSystem().pipe("/out/a.png/b.png", b"mine")
    with client(empty_emulator, time) as cloud:
        (output,) = outputs(empty_emulator, "a.png")
        kind = IsADirectoryError if if_exists == "overwrite" else FileExistsError
        with pytest.raises(kind, match="A folder has this name; choose another name") as raised:
            cloud.files.download_all([output], folder, if_exists=if_exists)
        assert "overwrite" not in str(raised.value)
        cloud.files.download_all([output], folder, if_exists="rename")


def test_rename_keeps_both(empty_emulator: Emulator, time: FakeTime, folder: Any) -> None:
    wanted = outputs(empty_emulator, "a.png", "b.png")
    write(folder, "a.png", OTHER)
    write(folder, "a_2.png", OTHER)
    with client(empty_emulator, time) as cloud:
        saved = cloud.files.download_all(wanted, folder, if_exists="rename")
        again = cloud.files.download(wanted[0], f"{folder}/", if_exists="rename")
    assert [str(path).rpartition("/")[2] for path in saved] == ["a_3.png", "b.png"]
    assert saved.outcomes == ["renamed", "saved"]
    assert str(again).endswith("a_4.png")
    assert files_in(folder) == {
        "a.png": OTHER, "a_2.png": OTHER, "a_3.png": CONTENT, "a_4.png": CONTENT, "b.png": CONTENT
    }  # fmt: skip


def renamed(cloud: ComfyCloud, output: Output, target: str, _: object) -> None:
    cloud.files.download(output, target, if_exists="rename")


def test_renamed_downloads_do_not_take_each_others_name(
    empty_emulator: Emulator, time: FakeTime, folder: Any
) -> None:
    contents = [os.urandom(1000) for _ in range(12)]
    one_of_each = [outputs(empty_emulator, "a.png", content=content)[0] for content in contents]
    with client(empty_emulator, time) as cloud:
        run_concurrently([partial(renamed, cloud, one, f"{folder}/") for one in one_of_each], limit=12)
    found = files_in(folder)
    assert sorted(found.values()) == sorted(contents)
    assert set(found) == {"a.png", *(f"a_{number}.png" for number in range(2, 13))}


def test_overwrite_is_the_same_as_before(empty_emulator: Emulator, time: FakeTime, folder: Any) -> None:
    (wanted,) = outputs(empty_emulator, "a.png")
    with client(empty_emulator, time) as cloud:
        for arguments in ({"overwrite": True}, {"if_exists": "overwrite"}):
            write(folder, "a.png", OTHER)
            options: Any = arguments
            saved = cloud.files.download_all([wanted], folder, **options)
            assert saved.outcomes == ["saved"]
            assert files_in(folder) == {"a.png": CONTENT}
        for options in ({}, {"if_exists": "error"}, {"overwrite": False}):
            with pytest.raises(FileExistsError, match='if_exists="overwrite"'):
                cloud.files.download_all([wanted], folder, **options)


def test_arguments_that_are_not_valid(empty_emulator: Emulator, time: FakeTime, tmp_path: Path) -> None:
    (wanted,) = outputs(empty_emulator, "a.png")
    wrong: Any
    with client(empty_emulator, time) as cloud:
        for wrong in ("replace", True, ""):
            with pytest.raises(ConfigurationError, match="'skip'"):
                cloud.files.download(wanted, tmp_path, if_exists=wrong)
        for wrong in ("skip", "error"):
            with pytest.raises(ConfigurationError, match="contradict"):
                cloud.files.download_all([wanted], tmp_path, if_exists=wrong, overwrite=True)
    assert empty_emulator.requests == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_same", [True, False])
def test_a_file_that_appears_during_the_download(
    empty_emulator: Emulator, time: FakeTime, folder: Any, is_same: bool
) -> None:
    (wanted,) = outputs(empty_emulator, "a.png")
    content = CONTENT if is_same else OTHER

    def appear(*_: object) -> None:
        write(folder, "a.png", content)

    with client(empty_emulator, time) as cloud:
        if is_same:
            cloud.files.download(wanted, f"{folder}/", if_exists="skip", progress=appear)
        else:
            with pytest.raises(FileExistsError, match="has other content"):
                cloud.files.download(wanted, f"{folder}/", if_exists="skip", progress=appear)
    assert files_in(folder) == {"a.png": content}


def test_assets_and_single_outputs(empty_emulator: Emulator, time: FakeTime, folder: Any) -> None:
    with client(empty_emulator, time) as cloud:
        asset = cloud.assets.upload(CONTENT, name="a.png")
        job = cloud.run(IMAGE_GRAPH)
        output: Any = job.outputs[0]
        for save in (
            lambda **options: cloud.assets.download(asset, f"{folder}/", **options),
            lambda **options: output.save(f"{folder}/", **options),
            lambda **options: job.download(folder, name="{job}{ext}", **options),
        ):
            first = save()
            assert save(if_exists="skip") == first
            assert save(if_exists="rename") != first
            with pytest.raises(FileExistsError):
                save()
    assert len(files_in(folder)) == 6


def test_skip_does_not_follow_a_link_out_of_the_folder(
    empty_emulator: Emulator, time: FakeTime, tmp_path: Path
) -> None:
    (wanted,) = outputs(empty_emulator, "a.png")
    outside = tmp_path / "outside.png"
    outside.write_bytes(CONTENT)
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "a.png").symlink_to(outside)
    with client(empty_emulator, time) as cloud:
        with pytest.raises(PermissionError, match="leads out"):
            cloud.files.download_all([wanted], folder, if_exists="skip")
        (folder / "a.png").unlink()
        (folder / "a.png").mkdir()
        with pytest.raises(FileExistsError, match="A folder has this name"):
            cloud.files.download_all([wanted], folder, if_exists="skip")
        (folder / "a.png").rmdir()
        (folder / "a.png").symlink_to(folder / "nothing")
        with pytest.raises(FileExistsError, match="its size is not known"):
            cloud.files.download_all([wanted], folder, if_exists="skip")
        saved = cloud.files.download_all([wanted], folder, if_exists="rename")
    assert saved == [folder / "a_2.png"]
