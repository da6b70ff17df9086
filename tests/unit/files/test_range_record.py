"""The record of a download in parts: who may use it, and what counts of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from comfy_cloud._files.byte_ranges import ContentInfo
from comfy_cloud._files.local_destination import LocalPartialFile
from comfy_cloud._files.range_record import RangeRecord, part_hash, verified_parts

CONTENT = ContentInfo(0, 10, '"a"', "video/mp4", etag='"a"', modified=None, has_ranges=True)


def begun(target: Path, source: str = "source") -> tuple[LocalPartialFile, RangeRecord]:
    file = LocalPartialFile(target, overwrite=False)
    file.create()
    record = RangeRecord.new(file, source, CONTENT)
    assert record is not None
    return file, record


def killed(target: Path) -> None:
    """What a program leaves that ends after one part."""
    file, record = begun(target)
    file.write_part(4, [b"abc", b"def"])
    record.add(4, 10, part_hash(file, 4, 10))
    file.keep()
    record.close(keep=True)


def test_a_record_is_found_again(tmp_path: Path) -> None:
    killed(tmp_path / "a")
    record = RangeRecord.find(tmp_path / "a", "source")
    assert record is not None
    assert record.content == CONTENT
    file = LocalPartialFile(tmp_path / "a", overwrite=False)
    assert file.resume(record.part_name)
    assert verified_parts(record, file, lambda: None) == [(4, 10)]
    file.write_part(4, [b"x"])
    assert verified_parts(record, file, lambda: None) == []
    file.discard()
    record.close(keep=False)
    assert list(tmp_path.iterdir()) == []


def test_only_one_program_uses_a_record(tmp_path: Path) -> None:
    file, record = begun(tmp_path / "a")
    assert RangeRecord.find(tmp_path / "a", "source") is None
    other = LocalPartialFile(tmp_path / "a", overwrite=False)
    other.create()
    assert RangeRecord.new(other, "source", CONTENT) is None
    record.close(keep=False)
    record.close(keep=True)  # nothing more happens
    record.add(0, 4, "after the end")
    file.discard()
    other.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_record_of_another_source_is_deleted_with_its_parts(tmp_path: Path) -> None:
    killed(tmp_path / "a")
    assert RangeRecord.find(tmp_path / "a", "another") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="the system has no symbolic links")
def test_links_are_neither_read_nor_written(tmp_path: Path) -> None:
    killed(tmp_path / "a")
    (record,) = tmp_path.glob("*.ranges")
    (part,) = tmp_path.glob("*.part")
    mine = tmp_path / "mine"
    part.rename(mine)
    part.symlink_to(mine)
    file = LocalPartialFile(tmp_path / "a", overwrite=False)
    assert not file.resume(part.name)
    os.unlink(part)
    os.link(mine, part)  # writing to it would change the other name as well
    assert not file.resume(part.name)
    record.rename(tmp_path / "moved")
    record.symlink_to(tmp_path / "moved")
    assert RangeRecord.find(tmp_path / "a", "source") is None
    assert (tmp_path / "moved").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_what_is_no_file_is_no_record(tmp_path: Path) -> None:
    killed(tmp_path / "a")
    (record,) = tmp_path.glob("*.ranges")
    record.unlink()
    os.mkfifo(record)
    assert RangeRecord.find(tmp_path / "a", "source") is None
    assert record.is_fifo()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"[4,10,", b"[4.0,10.5,"),
        (b"[4,10,", b"[false,10,"),
        (b"[4,10,", b"[4,10000000000000000000,"),
        (b'"validator":"\\"a\\""', '"validator":"\\"\u1234\\""'.encode()),
    ],
)
def test_records_with_odd_values_count_for_nothing(tmp_path: Path, old: bytes, new: bytes) -> None:
    killed(tmp_path / "a")
    (record,) = tmp_path.glob("*.ranges")
    content = record.read_bytes()
    assert old in content
    record.write_bytes(content.replace(old, new))
    assert RangeRecord.find(tmp_path / "a", "source") is None
    assert list(tmp_path.iterdir()) == []
