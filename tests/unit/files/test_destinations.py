"""Where a download goes: paths on this machine, URLs, and what cannot be used."""

from __future__ import annotations

import builtins
import importlib
import sys
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

import fsspec
import pytest

from comfy_cloud import ConfigurationError
from comfy_cloud._files.destinations import destination_for, destinations_below
from comfy_cloud._files.fsspec_urls import is_url, open_url
from comfy_cloud._files.local_destination import LocalDestination


@pytest.mark.parametrize(
    "target",
    ["s3://bucket/a", "memory://a", "file:///a", "simplecache::s3://bucket/a", "S3://b", "a+b.c-d://x"],
)
def test_urls(target: str) -> None:
    assert is_url(target)


@pytest.mark.parametrize(
    "target",
    [
        "out",
        "out/",
        "/out",
        "C:\\out",
        "C:/out",
        "C://out",
        "c:out",
        "//server/share",
        "\\\\server\\share",
        "a:b",
        "a::b",
        "~/out",
        "://x",
        "1://x",
        "",
        "a b://c",
        "folder/s3://x",
        Path("out"),
    ],
)
def test_paths_on_this_machine(target: Any) -> None:
    assert not is_url(target)
    assert isinstance(destination_for(target, "name"), LocalDestination)
    assert isinstance(destinations_below(target, [PurePath("a")])[0], LocalDestination)


def save(destination: Any, content: bytes = b"abc", *, overwrite: bool = False) -> object:
    partial = destination.new_partial_file(overwrite=overwrite)
    partial.create()
    try:
        partial.write_at(0, content)
        return partial.publish()
    finally:
        partial.discard()


def test_a_file_url_is_a_path_on_this_machine(tmp_path: Path) -> None:
    folder = tmp_path / "with space"
    destination = destination_for(f"file://{folder}/", "a.png")
    assert isinstance(destination, LocalDestination)
    assert save(destination) == f"file://{folder}/a.png"
    assert (folder / "a.png").read_bytes() == b"abc"
    with fsspec.open(f"file://{folder}/a.png") as file:
        assert file.read() == b"abc"
    (below,) = destinations_below(f"file://{folder}", [PurePath("j/b.png")])
    assert save(below) == f"file://{folder}/j/b.png"
    with pytest.raises(FileExistsError):
        below.refuse_existing()
    (folder / "link").symlink_to(tmp_path)
    (leaving,) = destinations_below(f"file://{folder}", [PurePath("link/b.png")])
    with pytest.raises(PermissionError):
        save(leaving)
    assert destination_for("file:///C:/out/", "a")._path == Path("C:/out/a")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("target", "advice"),
    [
        ("nosuch://bucket/a", "fsspec has no file system for nosuch://. Check the spelling"),
        ("wandb://user:secret@host/a", "another package"),
    ],
)
def test_urls_that_lead_nowhere(target: str, advice: str) -> None:
    for call in (lambda: destination_for(target, "a"), lambda: destinations_below(target, [PurePath("a")])):
        with pytest.raises(ConfigurationError, match=advice) as caught:
            call()
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("https://host/a.png", "https:// needs another package: pip install aiohttp"),
        ("simplecache::S3://bucket/a", "S3:// needs another package: pip install s3fs"),
        ("wandb://host/a", "wandb:// needs another package: Install it"),
    ],
)
def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, url: str, advice: str) -> None:
    def missing(_: str) -> Any:
        raise ImportError("Install it")

    monkeypatch.setattr("fsspec.core.url_to_fs", missing)
    with pytest.raises(ConfigurationError) as caught:
        open_url(url)
    assert str(caught.value) == advice


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = builtins.__import__

    def without(name: str, *arguments: Any) -> Any:
        if name.partition(".")[0] == "fsspec":
            raise ImportError(name)
        return real(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without)
    for call in (lambda: destination_for("s3://bucket/a", "a"), lambda: open_url("s3://bucket/a")):
        with pytest.raises(ConfigurationError, match=r"pip install 'comfy-cloud\[fsspec\]'"):
            call()


def test_what_is_not_a_file_system() -> None:
    with pytest.raises(ConfigurationError, match=r"fsspec\.filesystem"):
        destination_for("a", "b", "memory")
    assert str(destination_for("", "a", fsspec.filesystem("memory"))) == "memory:///a"


def test_a_web_address_names_the_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    known = importlib.import_module("fsspec.registry")._registry
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.delitem(sys.modules, "fsspec.implementations.http", raising=False)
    for scheme in ("http", "https"):
        monkeypatch.delitem(known, scheme, raising=False)
        with pytest.raises(ConfigurationError, match=f"^{scheme}:// .*: pip install aiohttp$"):
            open_url(f"{scheme}://a.example/b.png")
