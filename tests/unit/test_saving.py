"""Files that get their name only when they are whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from comfy_cloud.saving import PartialFile, refuse_existing, target_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_published(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.bin"
    with PartialFile(target, overwrite=False) as partial:
        partial.write_at(0, b"abcdef")
        assert not target.exists()
        assert partial.publish() == target
    assert target.read_bytes() == b"abcdef"
    assert names(target.parent) == ["a.bin"]


def test_what_lies_behind_a_place_is_dropped(tmp_path: Path) -> None:
    with PartialFile(tmp_path / "a", overwrite=False) as partial:
        partial.write_at(0, b"abcdef")
        partial.write_at(0, b"xy")
        partial.write_at(2, b"z")
        partial.publish()
    assert (tmp_path / "a").read_bytes() == b"xyz"


def test_nothing_is_left_without_publishing(tmp_path: Path) -> None:
    with PartialFile(tmp_path / "a", overwrite=False) as partial:
        partial.write_at(0, b"abc")
        assert len(names(tmp_path)) == 1
    assert names(tmp_path) == []


def test_what_is_there_stays(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        PartialFile(target, overwrite=False)
    with PartialFile(target, overwrite=True) as partial:
        partial.write_at(0, b"new")
        assert target.read_bytes() == b"mine"
        partial.publish()
    assert target.read_bytes() == b"new"
    assert names(tmp_path) == ["a"]


def test_what_appears_meanwhile_stays(tmp_path: Path) -> None:
    target = tmp_path / "a"
    with PartialFile(target, overwrite=False) as partial:
        target.write_bytes(b"mine")
        with pytest.raises(FileExistsError):
            partial.publish()
    assert target.read_bytes() == b"mine"
    assert names(tmp_path) == ["a"]


def test_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", no_links)
    target = tmp_path / "a"
    with PartialFile(target, overwrite=False) as partial:
        partial.write_at(0, b"abc")
        partial.publish()
    assert target.read_bytes() == b"abc"
    target.unlink()
    with PartialFile(target, overwrite=False) as partial:
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
    with PartialFile(link, overwrite=True) as partial:
        partial.write_at(0, b"new")
        partial.publish()
    assert outside.read_bytes() == b"untouched"
    assert not link.is_symlink()


def test_a_folder_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        PartialFile(tmp_path, overwrite=True)


def test_targets(tmp_path: Path) -> None:
    assert target_path(tmp_path, "a.png") == tmp_path / "a.png"
    assert target_path(f"{tmp_path}/new/", "a.png") == tmp_path / "new" / "a.png"
    assert target_path(tmp_path / "b.png", "a.png") == tmp_path / "b.png"
