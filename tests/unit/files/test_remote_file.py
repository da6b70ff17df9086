"""Files on file systems of fsspec: in memory, below a folder, and on some that misbehave."""

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
from comfy_cloud._files.destinations import place_of, places_below
from comfy_cloud._files.remote_file import RemotePlace, open_remote


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


def save(place: RemotePlace, content: bytes = b"abc", *, overwrite: bool = False) -> str:
    partial = place.partial(overwrite=overwrite)
    try:
        partial.write_at(0, content)
        return partial.publish()
    finally:
        partial.discard()


def test_a_file_appears_when_it_is_published(filesystem: Any) -> None:
    place = RemotePlace.of("new/er/a.bin", filesystem)
    partial = place.partial(overwrite=False)
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
    partial = RemotePlace.of("x/a", filesystem).partial(overwrite=False)
    partial.write_at(0, b"abc")
    partial.discard()
    partial.discard()
    assert names(filesystem) == []


def test_a_restart_and_what_cannot_be_continued(filesystem: Any) -> None:
    partial = RemotePlace.of("x/a", filesystem).partial(overwrite=False)
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
    place = RemotePlace.of("x/a", filesystem)
    for refused in (place.refuse_existing, lambda: save(place)):
        with pytest.raises(FileExistsError, match="overwrite=True"):
            refused()
    assert filesystem.cat("x/a") == b"mine"
    save(place, b"new", overwrite=True)
    assert filesystem.cat("x/a") == b"new"
    meanwhile = RemotePlace.of("x/b", filesystem).partial(overwrite=False)
    meanwhile.write_at(0, b"abc")
    filesystem.pipe("x/b", b"mine")
    with pytest.raises(FileExistsError):
        meanwhile.publish()
    meanwhile.discard()
    assert filesystem.cat("x/b") == b"mine"
    assert names(filesystem) == ["x/a", "x/b"]


def test_folders_and_files(filesystem: Any) -> None:
    filesystem.makedirs("there", exist_ok=True)
    filesystem.pipe("there/x", b"")
    for target in ("there", "there/", "new/"):
        assert str(place_of(target, "a.png", filesystem)).endswith(f"{target.rstrip('/')}/a.png")
    assert str(place_of("new", "a.png", filesystem)).endswith("/new")
    (below,) = places_below("there/", [PurePath("j", "a.png")], filesystem)
    assert str(below).endswith("there/j/a.png")
    assert below.name == "a.png"


def test_brackets_in_names_are_no_patterns(filesystem: Any) -> None:
    for name in ("[a] b*.png", "[x]/y?.png"):
        save(RemotePlace.of(f"out/{name}", filesystem))
    assert names(filesystem) == ["out/[a] b*.png", "out/[x]/y?.png"]


def test_a_url_leads_back_to_the_file() -> None:
    MemoryFileSystem.store.clear()
    url = save(place_of("memory://bucket/folder/", "a.png"))  # type: ignore[arg-type]
    assert url == "memory:///bucket/folder/a.png"
    with open_remote(url) as file:
        assert file.read() == b"abc"
    MemoryFileSystem.store.clear()


# File systems that misbehave


class Odd(MemoryFileSystem):
    """A memory of its own for each test class; never remembered between tests."""

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
        save(RemotePlace.of("a", Lossy()))
    assert Odd.store == {}


def test_one_that_cannot_move(tmp_path: Path) -> None:
    with closing(ZipFileSystem(tmp_path / "a.zip", mode="w")) as archive:
        with pytest.raises(ConfigurationError, match="cannot rename"):
            save(RemotePlace.of("a", archive))
        assert archive.zip.namelist() == []


def test_one_that_can_only_be_read() -> None:
    class Read(Odd):
        def open(self, path: str, mode: str = "rb", **options: Any) -> Any:
            raise NotImplementedError

    with pytest.raises(ConfigurationError, match="only be read"):
        save(RemotePlace.of("a", Read()))


def test_a_bucket_is_not_made_of_a_slip_of_the_pen() -> None:
    class Buckets(Odd):
        def makedirs(self, path: str, exist_ok: bool = False) -> None:
            raise AssertionError("made a bucket")

    save(RemotePlace.of("bucket/a", Buckets()))


def test_an_error_of_the_store_is_not_hidden_by_cleaning_up() -> None:
    class Broken(Odd):
        def rm_file(self, path: str) -> None:
            raise TimeoutError

        def cp_file(self, path1: str, path2: str, **options: Any) -> None:
            raise PermissionError("no")

    with pytest.raises(PermissionError, match="no"):
        save(RemotePlace.of("a", Broken()))
    assert "/a" not in Odd.store
