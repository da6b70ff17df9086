"""Which parts of an unfinished download are on the disk: a small file beside it. I/O.

The record `.comfy-XXXX.ranges` is named after the file that is to be saved. Its first line says
what is downloaded, and the temporary name of the file with the parts. Each further line is a part
that was written whole, with its hash. A line is added after its part was written; one that is cut
short counts for nothing; and a part counts only if it still has its hash. So a download that was
killed can be continued.

While a program uses a record it holds a lock on it. Another one that saves under the same name
works without a record meanwhile.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from .byte_ranges import ContentInfo
from .local_destination import is_partial_name

if TYPE_CHECKING:
    from .local_destination import LocalPartialFile

_FORMAT = 1
_LARGEST = 4 * 1024 * 1024


class RangeRecord:
    """The record of one download; see the module.

    Attributes:
        part_name: The temporary name of the file with the parts.
        content: What the server said about the file.
        whole: The parts that were written whole, each with its hash.
    """

    def __init__(self, path: Path, descriptor: int, part_name: str, content: ContentInfo) -> None:
        self._path = path
        self._descriptor: int | None = descriptor
        self._using = threading.Lock()  # nothing may be written to a descriptor that is used anew
        self.part_name = part_name
        self.content = content
        self.whole: list[tuple[int, int, str]] = []

    @classmethod
    def find(cls, target: Path, source: str) -> RangeRecord | None:
        """The record of an earlier download to `target`, if it was of the same source.

        That of another source is deleted, with its parts.
        """
        path = _record_path(target)
        descriptor = _locked(path, os.O_RDWR | os.O_APPEND)
        if descriptor is None:
            return None
        try:
            record = _read(path, descriptor, source)
        except BaseException:
            os.close(descriptor)
            raise
        return record

    @classmethod
    def new(cls, file: LocalPartialFile, source: str, content: ContentInfo) -> RangeRecord | None:
        """A record for a file that is received in parts; None if there can be none."""
        path = _record_path(file.path)
        descriptor = _locked(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
        if descriptor is None:
            return None
        record = cls(path, descriptor, file.part_name, content)
        described = {
            "size": content.size,
            "validator": content.validator,
            "etag": content.etag,
            "modified": content.modified,
            "media_type": content.media_type,
        }
        head = {"format": _FORMAT, "source": source, "part": file.part_name, "content": described}
        try:
            os.ftruncate(descriptor, 0)
            os.write(descriptor, orjson.dumps(head) + b"\n")
        except OSError:  # as a record it is of no use, but the download is
            record.close(keep=False)
            return None
        return record

    def add(self, start: int, end: int, digest: str) -> None:
        """Note that this part was written whole. A full disk is reported by the file itself."""
        line = orjson.dumps([start, end, digest]) + b"\n"
        with self._using:
            self.whole.append((start, end, digest))
            if self._descriptor is not None:
                with suppress(OSError):
                    os.write(self._descriptor, line)

    def close(self, *, keep: bool) -> None:
        """Leave the record for the next download, or delete it. May be called again."""
        with self._using:
            descriptor, self._descriptor = self._descriptor, None
            if descriptor is None:
                return
            if not keep:
                _delete(self._path)
            os.close(descriptor)


def verified_parts(
    record: RangeRecord, file: LocalPartialFile, check: Callable[[], object]
) -> list[tuple[int, int]]:
    """The parts of a record that still have their hashes. `check` may raise to stop."""
    whole = []
    for start, end, digest in record.whole:
        if part_hash(file, start, end, check) == digest:
            whole.append((start, end))
    return whole


def part_hash(file: LocalPartialFile, start: int, end: int, check: Callable[[], object] | None = None) -> str:
    """The BLAKE3 hash of a part as it is on the disk. `check` may raise an exception to stop."""
    from blake3 import blake3

    hasher = blake3(max_threads=blake3.AUTO)
    for block in file.blocks(start, end):
        if check is not None:
            check()
        hasher.update(block)
    return str(hasher.hexdigest())


def source_name(base_url: str, target: str, expected_hash: str | None) -> str:
    """A name for what is downloaded, by which a later call knows it again; it tells no more."""
    return hashlib.sha256(f"{base_url}\n{target}\n{expected_hash}".encode()).hexdigest()


def _record_path(target: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(target.name)).hexdigest()
    return target.parent / f".comfy-{digest[:12]}.ranges"


def _read(path: Path, descriptor: int, source: str) -> RangeRecord | None:
    lines = os.pread(descriptor, _LARGEST, 0) if hasattr(os, "pread") else os.read(descriptor, _LARGEST)
    first, *rest = lines.split(b"\n")
    part_name: object = None
    with suppress(orjson.JSONDecodeError, TypeError, KeyError, ValueError, AttributeError):
        head = orjson.loads(first)
        part_name = head["part"]
        if is_partial_name(part_name) and head["format"] == _FORMAT and head["source"] == source:
            record = RangeRecord(path, descriptor, str(part_name), _content(head["content"]))
            record.whole = _whole(rest, record.content.size or 0)
            if record.whole:
                return record
    if is_partial_name(part_name):
        _delete(path.with_name(str(part_name)))
    _delete(path)
    os.close(descriptor)
    return None


def _content(described: dict[str, object]) -> ContentInfo:
    size, validator = described["size"], described["validator"]
    etag, modified, media_type = (described[name] for name in ("etag", "modified", "media_type"))
    texts = (validator, etag, modified, media_type)
    if not isinstance(size, int) or not all(text is None or isinstance(text, str) for text in texts):
        raise ValueError("not a record")
    if validator is not None:
        str(validator).encode("latin-1")  # else it cannot be sent; what this raises is a ValueError
    return ContentInfo(
        0,
        size,
        None if validator is None else str(validator),
        None if media_type is None else str(media_type),
        etag=None if etag is None else str(etag),
        modified=None if modified is None else str(modified),
        has_ranges=True,
    )


def _whole(lines: list[bytes], size: int) -> list[tuple[int, int, str]]:
    found = []
    for line in lines[:-1]:  # after the last line break there is nothing, or a line that was cut short
        with suppress(orjson.JSONDecodeError, TypeError, ValueError):
            start, end, digest = orjson.loads(line)
            is_span = type(start) is int and type(end) is int and 0 <= start < end <= size
            if is_span and isinstance(digest, str):
                found.append((start, end, digest))
    return found


def _locked(path: Path, flags: int) -> int | None:
    """Open a record and lock it; None if it cannot be used."""
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError:
        return None
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found = os.fstat(descriptor)
        is_ours = not hasattr(os, "geteuid") or found.st_uid == os.geteuid()
        is_ours = is_ours and stat.S_ISREG(found.st_mode)
        # Another process may have deleted it between the opening and the lock.
        is_there = os.path.samestat(found, os.stat(path, follow_symlinks=False))
    except OSError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    if is_ours and is_there and found.st_nlink == 1:
        return descriptor
    os.close(descriptor)
    return None


def _delete(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
