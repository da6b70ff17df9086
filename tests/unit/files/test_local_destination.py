"""Saving to the local disk: a file gets its name only when it is complete."""

from __future__ import annotations

import errno
import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud._files.local_destination import (
    LocalDestination,
    LocalPartialFile,
    local_path,
    refuse_existing,
)


def no_links(*_: object) -> None:
    raise OSError("no links here")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_published(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.bin"
    with LocalPartialFile(target, overwrite=False) as partial:
        partial.write_at(0, b"abcdef")
        assert not target.exists()
        assert partial.publish() == target
    assert target.read_bytes() == b"abcdef"
    assert names(target.parent) == ["a.bin"]


def test_what_is_behind_the_offset_is_dropped(tmp_path: Path) -> None:
    with LocalPartialFile(tmp_path / "a", overwrite=False) as partial:
        partial.write_at(0, b"abcdef")
        partial.write_at(0, b"xy")
        partial.write_at(2, b"z")
        partial.publish()
    assert (tmp_path / "a").read_bytes() == b"xyz"


def test_nothing_is_left_without_publishing(tmp_path: Path) -> None:
    with LocalPartialFile(tmp_path / "a", overwrite=False) as partial:
        partial.write_at(0, b"abc")
        assert len(names(tmp_path)) == 1
    assert names(tmp_path) == []


def test_folders_are_created_for_a_file_and_deleted_without_it(tmp_path: Path) -> None:
    kept, path = tmp_path / "kept", tmp_path / "new" / "deep" / "a.bin"
    kept.mkdir()
    for target in (path, kept / "a.bin"):
        with LocalPartialFile(target, overwrite=False):
            assert target.parent.is_dir()
    assert list(tmp_path.iterdir()) == [kept]
    with LocalPartialFile(path, overwrite=False) as partial:
        partial.write_at(0, b"content")
        partial.publish()
    with LocalPartialFile(path.with_name("b.bin"), overwrite=False):
        pass
    assert [each.name for each in path.parent.iterdir()] == ["a.bin"]


def test_a_folder_that_another_download_deletes_is_created_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new" / "a.bin"
    create, calls = Path.mkdir, []

    def create_and_lose_the_first(folder: Path, *arguments: Any, **options: Any) -> None:
        create(folder, *arguments, **options)
        calls.append(folder)
        if len(calls) == 1:
            folder.rmdir()

    monkeypatch.setattr(Path, "mkdir", create_and_lose_the_first)
    with LocalPartialFile(path, overwrite=False) as partial:
        partial.publish()
    assert path.exists()
    assert len(calls) == 2


def test_an_existing_file_stays(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"mine")
    with pytest.raises(FileExistsError, match='if_exists="overwrite"'):
        LocalPartialFile(target, overwrite=False)
    with LocalPartialFile(target, overwrite=True) as partial:
        partial.write_at(0, b"new")
        assert target.read_bytes() == b"mine"
        partial.publish()
    assert target.read_bytes() == b"new"
    assert names(tmp_path) == ["a"]


def test_a_file_that_appears_during_the_download_stays(tmp_path: Path) -> None:
    target = tmp_path / "a"
    with LocalPartialFile(target, overwrite=False) as partial:
        target.write_bytes(b"mine")
        with pytest.raises(FileExistsError):
            partial.publish()
    assert target.read_bytes() == b"mine"
    assert names(tmp_path) == ["a"]


def test_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", no_links)
    target = tmp_path / "a"
    with LocalPartialFile(target, overwrite=False) as partial:
        partial.write_at(0, b"abc")
        partial.publish()
    assert target.read_bytes() == b"abc"
    target.unlink()
    with LocalPartialFile(target, overwrite=False) as partial:
        target.write_bytes(b"mine")
        with pytest.raises(FileExistsError):
            partial.publish()
    assert target.read_bytes() == b"mine"


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"untouched")
    link = tmp_path / "link"
    link.symlink_to(outside)
    with pytest.raises(FileExistsError):
        refuse_existing(link)
    with LocalPartialFile(link, overwrite=True) as partial:
        partial.write_at(0, b"new")
        partial.publish()
    assert outside.read_bytes() == b"untouched"
    assert not link.is_symlink()


def test_a_folder_cannot_be_overwritten(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        LocalPartialFile(tmp_path, overwrite=True)


def test_a_file_where_a_folder_is_needed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(NotADirectoryError, match="give the path of a folder"):
        LocalPartialFile(tmp_path / "file" / "a.png", overwrite=True).create()


def test_a_folder_or_a_file_as_target(tmp_path: Path) -> None:
    assert local_path(tmp_path, "a.png") == tmp_path / "a.png"
    assert local_path(f"{tmp_path}/new/", "a.png") == tmp_path / "new" / "a.png"
    assert local_path(tmp_path / "b.png", "a.png") == tmp_path / "b.png"


def test_folders_and_dangling_links_are_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    for name in ("folder", "dangling"):
        with pytest.raises(FileExistsError):
            LocalPartialFile(tmp_path / name, overwrite=False)
    with LocalPartialFile(tmp_path / "dangling", overwrite=True) as partial:
        partial.publish()
    assert not (tmp_path / "nothing").exists()
    assert names(tmp_path) == ["dangling", "folder"]


@pytest.mark.parametrize("step", ["link", "link/new/er"])
def test_a_link_that_leaves_the_folder_is_not_followed(tmp_path: Path, step: str) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (folder / "link").symlink_to(outside)
    with pytest.raises(PermissionError, match="leads out"):
        LocalPartialFile(folder / step / "a", overwrite=True, within=folder)
    assert names(outside) == []


def test_links_that_stay_and_the_folder_itself_may_be_links(tmp_path: Path) -> None:
    real = tmp_path / "real"
    (real / "inner").mkdir(parents=True)
    (real / "link").symlink_to("inner")
    folder = tmp_path / "folder"
    folder.symlink_to(real)
    with LocalPartialFile(folder / "link" / "a", overwrite=False, within=folder) as partial:
        partial.publish()
    assert names(real / "inner") == ["a"]


@pytest.mark.parametrize("is_link", [True, False])
def test_a_folder_that_is_replaced_during_the_download(tmp_path: Path, is_link: bool) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    (folder / "job").mkdir(parents=True)
    outside.mkdir()
    with LocalPartialFile(
        folder / "job" / "a", overwrite=True, within=folder if is_link else None
    ) as partial:
        partial.write_at(0, b"abc")
        (folder / "job").rename(tmp_path / "aside")
        if is_link:
            (folder / "job").symlink_to(outside)
        else:
            (folder / "job").mkdir()
        with pytest.raises(PermissionError, match=r"nothing was saved"):
            partial.publish()
    assert names(outside) == []
    if not is_link:
        assert names(folder / "job") == []


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.FileIO):
        def write(self, content: object) -> int:
            if self.tell() >= 4:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(memoryview(content)[:4])  # type: ignore[arg-type]

    monkeypatch.setattr(
        "comfy_cloud._files.local_destination.open",
        lambda path, mode, buffering: Full(path, "x"),
        raising=False,
    )
    with (
        pytest.raises(OSError, match="No space") as caught,
        LocalPartialFile(tmp_path / "a", overwrite=False) as partial,
    ):
        partial.write_at(0, b"abcdefgh")
    assert caught.value.errno == errno.ENOSPC
    assert names(tmp_path) == []


def test_a_short_write_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(io.FileIO):
        def write(self, content: object) -> int:
            return super().write(memoryview(content)[:3])  # type: ignore[arg-type]

    monkeypatch.setattr(
        "comfy_cloud._files.local_destination.open",
        lambda path, mode, buffering: Slow(path, "x"),
        raising=False,
    )
    with LocalPartialFile(tmp_path / "a", overwrite=False) as partial:
        partial.write_at(0, b"abcdefgh")
        partial.publish()
    assert (tmp_path / "a").read_bytes() == b"abcdefgh"


def test_two_at_once_make_one_file(tmp_path: Path) -> None:
    target = tmp_path / "a"
    with LocalPartialFile(target, overwrite=False) as one, LocalPartialFile(target, overwrite=False) as other:
        one.write_at(0, b"one")
        other.write_at(0, b"other")
        other.publish()
        with pytest.raises(FileExistsError):
            one.publish()
    assert target.read_bytes() == b"other"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("has_links", [True, False])
def test_renamed_files_get_the_first_free_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    target = tmp_path / "a.b.png"
    for content in (b"one", b"two", b"three"):
        with LocalPartialFile(target, overwrite=False, rename=True) as partial:
            partial.write_at(0, content)
            partial.publish()
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert found == {"a.b.png": b"one", "a.b_2.png": b"two", "a.b_3.png": b"three"}


@pytest.mark.parametrize("has_links", [True, False])
def test_files_of_many_threads_never_replace_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    files = [LocalPartialFile(tmp_path / "a", overwrite=False, rename=True) for _ in range(24)]
    for number, partial in enumerate(files):
        partial.create()
        partial.write_at(0, str(number).encode())
    with ThreadPoolExecutor(12) as pool:
        published = list(pool.map(LocalPartialFile.publish, files))
    for partial in files:
        partial.discard()
    assert {path.read_bytes() for path in published} == {str(number).encode() for number in range(24)}
    assert len(names(tmp_path)) == 24


def test_a_name_that_was_claimed_in_vain_is_free_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(os, "replace", full)
    with (
        LocalPartialFile(tmp_path / "a", overwrite=False) as partial,
        pytest.raises(OSError, match="no space"),
    ):
        partial.publish()
    assert names(tmp_path) == []


def nothing() -> None:
    """Go on."""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
def test_a_named_pipe_that_has_replaced_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    destination = LocalDestination(tmp_path / "a", tmp_path)
    assert destination.existing_size() is None
    with ThreadPoolExecutor(1) as pool:
        compared = pool.submit(destination.existing_hash, nothing)
        try:
            error = compared.exception(timeout=5)
        except TimeoutError:
            (tmp_path / "a").write_bytes(b"")  # lets the thread end
            raise
    assert isinstance(error, FileExistsError)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
@pytest.mark.parametrize("name", ["pipe", "link"])
def test_a_pipe_or_a_device_is_never_replaced(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    with pytest.raises(FileExistsError, match="a device, a pipe or a socket"):
        LocalPartialFile(tmp_path / name, overwrite=True)
    assert (tmp_path / name).is_fifo()


def test_a_link_that_has_replaced_a_file_is_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "other").write_bytes(b"content")
    destination = LocalDestination(folder / "a", folder)
    (folder / "a").write_bytes(b"content")
    assert destination.existing_size() == 7
    (folder / "a").unlink()
    (folder / "a").symlink_to(tmp_path / "other")
    with pytest.raises(PermissionError):
        destination.existing_hash(nothing)


@pytest.mark.parametrize("size", [10, 2_000_000])
def test_a_file_that_grows_is_not_compared_to_its_end(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(size))
    checks = 0

    def grow() -> None:
        nonlocal checks
        checks += 1
        with path.open("ab") as file:
            file.write(bytes(size))
        assert checks < 5

    with pytest.raises(FileExistsError, match="changes while it is compared"):
        LocalDestination(path).existing_hash(grow)


def test_a_file_that_is_replaced_while_it_is_opened_is_not_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"content")
    (tmp_path / "b").write_bytes(b"content")
    opened = os.open

    def open_then_replace(path: str, flags: int, mode: int = 0o777) -> int:
        found = opened(path, flags, mode)
        os.replace(tmp_path / "b", tmp_path / "a")
        return found

    monkeypatch.setattr(os, "open", open_then_replace)
    with pytest.raises(FileExistsError, match="was replaced"):
        LocalDestination(tmp_path / "a").existing_hash(nothing)
