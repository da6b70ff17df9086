"""Where a download goes: what is a path of this machine, what is a URL, and what cannot be used."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

import fsspec
import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud._files.destinations import LocalPlace, place_of, places_below
from comfy_cloud._files.remote_file import is_url, open_remote


@pytest.mark.parametrize(
    "target",
    ["s3://bucket/a", "memory://a", "file:///a", "simplecache::s3://bucket/a", "S3://b", "a+b.c-d://x"],
)
def test_urls(target: str) -> None:
    assert is_url(target)


@pytest.mark.parametrize(
    "target",
    ["out", "out/", "/out", "C:\\out", "C:/out", "C://out", "c:out", "//server/share", "\\\\server\\share", "a:b",
     "a::b", "~/out", "://x", "1://x", "", "a b://c", "folder/s3://x", Path("out")],
)  # fmt: skip
def test_paths_of_this_machine(target: Any) -> None:
    assert not is_url(target)
    assert isinstance(place_of(target, "name"), LocalPlace)
    assert isinstance(places_below(target, [PurePath("a")])[0], LocalPlace)


def save(place: Any, content: bytes = b"abc", *, overwrite: bool = False) -> object:
    partial = place.partial(overwrite=overwrite)
    try:
        partial.write_at(0, content)
        return partial.publish()
    finally:
        partial.discard()


def test_a_file_url_is_a_path_of_this_machine(tmp_path: Path) -> None:
    folder = tmp_path / "with space"
    place = place_of(f"file://{folder}/", "a.png")
    assert isinstance(place, LocalPlace)
    assert save(place) == f"file://{folder}/a.png"
    assert (folder / "a.png").read_bytes() == b"abc"
    with fsspec.open(f"file://{folder}/a.png") as file:
        assert file.read() == b"abc"
    (below,) = places_below(f"file://{folder}", [PurePath("j/b.png")])
    assert save(below) == f"file://{folder}/j/b.png"
    with pytest.raises(FileExistsError):
        below.refuse_existing()
    (folder / "link").symlink_to(tmp_path)
    (leaving,) = places_below(f"file://{folder}", [PurePath("link/b.png")])
    with pytest.raises(PermissionError):
        save(leaving)
    assert place_of("file:///C:/out/", "a")._path == Path("C:/out/a")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("target", "advice"),
    [
        ("nosuch://bucket/a", "no file system that fsspec knows"),
        ("wandb://user:secret@host/a", "another package"),
    ],
)
def test_urls_that_lead_nowhere(target: str, advice: str) -> None:
    for call in (lambda: place_of(target, "a"), lambda: places_below(target, [PurePath("a")])):
        with pytest.raises(ConfigurationError, match=advice) as caught:
            call()
        assert "secret" not in str(caught.value)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = builtins.__import__

    def without(name: str, *arguments: Any) -> Any:
        if name.partition(".")[0] == "fsspec":
            raise ImportError(name)
        return real(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without)
    for call in (lambda: place_of("s3://bucket/a", "a"), lambda: open_remote("s3://bucket/a")):
        with pytest.raises(ConfigurationError, match=r'pip install "comfy-cloud\[fsspec\]"'):
            call()


def test_a_file_system_that_is_none() -> None:
    with pytest.raises(ConfigurationError, match=r"fsspec\.filesystem"):
        place_of("a", "b", "memory")
    assert str(place_of("", "a", fsspec.filesystem("memory"))) == "memory:///a"
