"""Writing in the background: small and large files, restarts, errors, closing early."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from comfy_cloud._files.background_writer import BackgroundWriter
from comfy_cloud._files.local_destination import LocalPartialFile
from comfy_cloud._http.concurrency import Halted
from comfy_cloud.hashing import hash_bytes

PIECE = 100_000
LARGE = os.urandom(45 * PIECE)


class Blocked(LocalPartialFile):
    """A slow disk: every write waits for `may_go_on`."""

    def __init__(self, target: Path, error: Exception | None = None) -> None:
        super().__init__(target, overwrite=False)
        self.may_go_on = threading.Event()
        self.writes = 0
        self._fails_with = error

    def write_at(self, offset: int, chunk: bytes) -> None:
        self.writes += 1
        assert self.may_go_on.wait(30)
        if self._fails_with is not None:
            raise self._fails_with
        super().write_at(offset, chunk)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def opened(target: Path, *, is_hashed: bool = True) -> BackgroundWriter:
    writer = BackgroundWriter(lambda: LocalPartialFile(target, overwrite=False), is_hashed=is_hashed)
    writer.open()
    return writer


def put_all(writer: BackgroundWriter, content: bytes, start: int = 0) -> None:
    for offset in range(start, max(len(content), 1), PIECE):
        if not writer.put(offset, content[offset : offset + PIECE]):
            writer.make_room()


@pytest.mark.parametrize("content", [b"", b"abc", LARGE[:1_000_000], LARGE])
@pytest.mark.parametrize("is_hashed", [True, False])
def test_what_is_put_is_written(tmp_path: Path, content: bytes, is_hashed: bool) -> None:
    writer = opened(tmp_path / "a", is_hashed=is_hashed)
    put_all(writer, content)
    assert writer.finish(hash_bytes(content) if is_hashed else None) == tmp_path / "a"
    assert writer.is_done
    assert (tmp_path / "a").read_bytes() == content
    assert names(tmp_path) == ["a"]


def test_a_small_file_needs_no_thread_and_a_large_one_gets_one(tmp_path: Path) -> None:
    for name, content, thread_count in (("small", LARGE[:1_000_000], 1), ("large", LARGE, 2)):
        threads: set[int] = set()

        class Traced(LocalPartialFile):
            def write_at(self, offset: int, chunk: bytes, threads: set[int] = threads) -> None:
                threads.add(threading.get_ident())
                super().write_at(offset, chunk)

            def publish(self, threads: set[int] = threads) -> Path:
                threads.add(threading.get_ident())
                return super().publish()

        disk = Traced(tmp_path / name, overwrite=False)
        writer = BackgroundWriter(lambda disk=disk: disk, is_hashed=True)
        writer.open()
        put_all(writer, content)
        writer.finish(None)
        assert len(threads) == thread_count
        assert threading.get_ident() in threads


@pytest.mark.parametrize("begun", [PIECE, 30 * PIECE])
@pytest.mark.parametrize("content", [b"", b"other", LARGE[::-1]])
def test_a_restart_reoffsets_what_was_written(tmp_path: Path, begun: int, content: bytes) -> None:
    writer = opened(tmp_path / "a")
    put_all(writer, LARGE[:begun])
    put_all(writer, content)
    assert writer.finish(hash_bytes(content)) is not None
    assert (tmp_path / "a").read_bytes() == content


@pytest.mark.parametrize("content", [b"abc", LARGE])
def test_another_hash_is_not_published(tmp_path: Path, content: bytes) -> None:
    writer = opened(tmp_path / "a")
    put_all(writer, content)
    assert writer.finish("0" * 64) is None
    assert not writer.is_done
    writer.close()
    assert names(tmp_path) == []


def test_the_queue_is_short(tmp_path: Path) -> None:
    """However slow the disk is, memory use is bounded: at most 6 MiB and some pieces are queued."""
    disk = Blocked(tmp_path / "a")
    writer = BackgroundWriter(lambda: disk, is_hashed=False)
    writer.open()
    taken = 0
    while writer.put(taken, LARGE[:PIECE]):
        taken += PIECE
    assert taken < 2 * 1024 * 1024 + 4 * (1024 * 1024 + PIECE)
    disk.may_go_on.set()
    writer.make_room()
    writer.finish(None)
    assert (tmp_path / "a").stat().st_size == taken + PIECE


def test_a_disk_error_is_raised_by_the_next_call(tmp_path: Path) -> None:
    disk = Blocked(tmp_path / "a", OSError("full"))
    disk.may_go_on.set()
    writer = BackgroundWriter(lambda: disk, is_hashed=False)
    writer.open()
    with pytest.raises(OSError, match="full"):
        put_all(writer, bytes(1000 * PIECE))
    with pytest.raises(OSError, match="full"):
        writer.finish(None)
    writer.close()
    assert names(tmp_path) == []


def test_closing_early_stops_writing(tmp_path: Path) -> None:
    disk = Blocked(tmp_path / "a")
    writer = BackgroundWriter(lambda: disk, is_hashed=False)
    writer.open()
    put_all(writer, LARGE[: 32 * PIECE])
    closing = threading.Thread(target=writer.close)
    closing.start()
    while not writer._is_stopped:
        pass
    disk.may_go_on.set()
    closing.join(30)
    assert disk.writes <= 1
    assert names(tmp_path) == []
    assert not closing.is_alive()
    assert writer._thread is not None
    assert writer._thread.is_over


def test_closing_a_writer_that_was_never_opened(tmp_path: Path) -> None:
    def nowhere() -> LocalPartialFile:
        raise PermissionError

    writer = BackgroundWriter(nowhere, is_hashed=False)
    with pytest.raises(PermissionError):
        writer.open()
    writer.close()


def test_nothing_is_published_that_is_not_wanted_any_more(tmp_path: Path) -> None:
    def check() -> None:
        raise LookupError("stopped")

    writer = BackgroundWriter(
        lambda: LocalPartialFile(tmp_path / "a", overwrite=False), is_hashed=False, check=check
    )
    writer.open()
    put_all(writer, LARGE)
    with pytest.raises(LookupError):
        writer.finish(None)
    writer.close()
    assert names(tmp_path) == []


@pytest.mark.parametrize("content", [b"abc", LARGE])
def test_nothing_is_published_after_a_stop(tmp_path: Path, content: bytes) -> None:
    writer = opened(tmp_path / "a", is_hashed=False)
    put_all(writer, content)
    writer.stop()
    with pytest.raises(Halted):
        writer.finish(None)
    writer.close()
    assert names(tmp_path) == []
