"""Files on fsspec file systems: in memory, below a folder, and on some that misbehave."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePath
from typing import Any

import pytest
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.implementations.zip import ZipFileSystem

from comfy_cloud import ConfigurationError
from comfy_cloud._files.destinations import destination_for, destinations_below
from comfy_cloud._files.fsspec_destination import FsspecDestination
from comfy_cloud._files.fsspec_urls import open_url

from .test_destinations import save


@pytest.fixture(params=["memory", "folder"])
def filesystem(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """An empty file system: an object store, more or less, and one with folders."""
    if request.param == "folder":
        yield DirFileSystem(path=str(tmp_path), fs=LocalFileSystem())
        return
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]
    yield MemoryFileSystem()
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


def names(filesystem: Any) -> list[str]:
    return sorted(path.lstrip("/") for path in filesystem.find(""))


def test_a_file_appears_when_it_is_published(filesystem: Any) -> None:
    destination = FsspecDestination.of("new/er/a.bin", filesystem)
    partial = destination.new_partial_file(overwrite=False)
    partial.create()
    partial.write_at(0, b"abc")
    partial.write_at(3, b"def")
    assert not filesystem.exists("new/er/a.bin")
    url = partial.publish()
    partial.discard()
    assert filesystem.cat("new/er/a.bin") == b"abcdef"
    assert names(filesystem) == ["new/er/a.bin"]
    assert url.endswith("new/er/a.bin")
    assert "://" in url


def test_nothing_is_left_without_publishing(filesystem: Any) -> None:
    partial = FsspecDestination.of("x/a", filesystem).new_partial_file(overwrite=False)
    partial.create()
    partial.write_at(0, b"abc")
    partial.discard()
    partial.discard()
    assert names(filesystem) == []


def test_a_restart_and_what_cannot_be_continued(filesystem: Any) -> None:
    partial = FsspecDestination.of("x/a", filesystem).new_partial_file(overwrite=False)
    partial.create()
    partial.write_at(0, b"abcdef")
    partial.write_at(0, b"xy")
    partial.write_at(2, b"z")
    with pytest.raises(ValueError, match="cannot be continued"):
        partial.write_at(2, b"z")
    partial.publish()
    assert filesystem.cat("x/a") == b"xyz"
    assert names(filesystem) == ["x/a"]


def test_nothing_is_overwritten_silently(filesystem: Any) -> None:
    filesystem.makedirs("x", exist_ok=True)
    filesystem.pipe("x/a", b"mine")
    destination = FsspecDestination.of("x/a", filesystem)
    for refused in (destination.refuse_existing, lambda: save(destination)):
        with pytest.raises(FileExistsError, match='if_exists="overwrite"'):
            refused()
    assert filesystem.cat("x/a") == b"mine"
    save(destination, b"new", overwrite=True)
    assert filesystem.cat("x/a") == b"new"
    meanwhile = FsspecDestination.of("x/b", filesystem).new_partial_file(overwrite=False)
    meanwhile.create()
    meanwhile.write_at(0, b"abc")
    filesystem.pipe("x/b", b"mine")
    with pytest.raises(FileExistsError):
        meanwhile.publish()
    meanwhile.discard()
    assert filesystem.cat("x/b") == b"mine"
    assert names(filesystem) == ["x/a", "x/b"]


class _Interleaved(MemoryFileSystem):  # type: ignore[misc]
    """Publishes another file in the middle of a move, as another thread could."""

    other: Any = None

    def mv(self, path1: str, path2: str, **_: object) -> None:
        other, self.other = self.other, None
        if other is not None:
            other.publish()
        self.cp_file(path1, path2)
        self.rm_file(path1)


def test_files_that_are_renamed_at_the_same_time_never_replace_each_other() -> None:
    filesystem = _Interleaved(skip_instance_cache=True)
    filesystem.store.clear()
    one, filesystem.other = (
        FsspecDestination.of("x/a.png", filesystem).new_partial_file(overwrite=False, rename=True)
        for _ in range(2)
    )
    for number, partial in enumerate((one, filesystem.other)):
        partial.create()
        partial.write_at(0, str(number).encode())
    one.publish()
    assert {name: filesystem.cat(name) for name in filesystem.find("")} == {
        "/x/a.png": b"0", "/x/a_2.png": b"1"
    }  # fmt: skip
    filesystem.store.clear()


def test_folders_and_files(filesystem: Any) -> None:
    filesystem.makedirs("there", exist_ok=True)
    filesystem.pipe("there/x", b"")
    for target in ("there", "there/", "new/"):
        assert str(destination_for(target, "a.png", filesystem)).endswith(f"{target.rstrip('/')}/a.png")
    assert str(destination_for("new", "a.png", filesystem)).endswith("/new")
    (below,) = destinations_below("there/", [PurePath("j", "a.png")], filesystem)
    assert str(below).endswith("there/j/a.png")
    assert below.name == "a.png"


def test_brackets_in_names_are_not_patterns(filesystem: Any) -> None:
    for name in ("[a] b*.png", "[x]/y?.png"):
        save(FsspecDestination.of(f"out/{name}", filesystem))
    assert names(filesystem) == ["out/[a] b*.png", "out/[x]/y?.png"]


def test_a_url_leads_back_to_the_file() -> None:
    MemoryFileSystem.store.clear()
    url = save(destination_for("memory://bucket/folder/", "a.png"))  # type: ignore[arg-type]
    assert url == "memory:///bucket/folder/a.png"
    with open_url(url) as file:
        assert file.read() == b"abc"
    MemoryFileSystem.store.clear()


# File systems that misbehave


class Odd(MemoryFileSystem):
    """A separate memory file system, which fsspec does not cache."""

    cachable = False
    store: dict[str, Any] = {}  # noqa: RUF012
    pseudo_dirs = [""]  # noqa: RUF012


@pytest.fixture(autouse=True)
def _odd_is_empty() -> None:
    Odd.store.clear()
    Odd.pseudo_dirs[:] = [""]


def test_one_that_loses_bytes() -> None:
    class Lossy(Odd):
        def info(self, path: str, **options: Any) -> Any:
            found = super().info(path, **options)
            return {**found, "size": found["size"] - 1}

    with pytest.raises(OSError, match="2 of 3 bytes"):
        save(FsspecDestination.of("a", Lossy()))
    assert Odd.store == {}


def test_one_that_cannot_move(tmp_path: Path) -> None:
    with closing(ZipFileSystem(tmp_path / "a.zip", mode="w")) as archive:
        with pytest.raises(ConfigurationError, match="cannot rename"):
            save(FsspecDestination.of("a", archive))
        assert archive.zip.namelist() == []


def test_one_that_is_read_only() -> None:
    class Read(Odd):
        def open(self, path: str, mode: str = "rb", **options: Any) -> Any:
            raise NotImplementedError

    with pytest.raises(ConfigurationError, match="is read-only"):
        save(FsspecDestination.of("a", Read()))


def test_parts_are_large_enough_for_object_stores() -> None:
    sizes: list[int] = []

    class Store(Odd):
        def open(self, path: str, mode: str = "rb", **options: Any) -> Any:
            sizes.append(options.pop("block_size"))
            return super().open(path, mode, **options)

    save(FsspecDestination.of("a", Store()))
    assert sizes == [8 * 1024 * 1024]


def test_a_misspelt_name_does_not_become_a_bucket() -> None:
    class Buckets(Odd):
        def makedirs(self, path: str, exist_ok: bool = False) -> None:
            raise AssertionError("created a bucket")

    save(FsspecDestination.of("bucket/a", Buckets()))


def test_an_error_of_the_store_is_not_hidden_by_cleaning_up() -> None:
    class Broken(Odd):
        def rm_file(self, path: str) -> None:
            raise TimeoutError

        def cp_file(self, path1: str, path2: str, **options: Any) -> None:
            raise PermissionError("no")

    with pytest.raises(PermissionError, match="no"):
        save(FsspecDestination.of("a", Broken()))
    assert "/a" not in Odd.store


def test_one_that_has_every_name() -> None:
    asked = 0

    class Full(Odd):
        def exists(self, path: str, **kwargs: Any) -> bool:
            nonlocal asked
            asked += 1
            assert asked < 20_000
            return ".part" not in path

    partial = FsspecDestination.of("a.bin", Full()).new_partial_file(overwrite=False, rename=True)
    partial.create()
    try:
        partial.write_at(0, b"abc")
        with pytest.raises(FileExistsError):
            partial.publish()
    finally:
        partial.discard()
    assert names(Full()) == []
