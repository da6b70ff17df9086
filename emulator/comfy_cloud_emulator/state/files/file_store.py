"""The content of files, addressed by its hash.

A file is stored under the blake3 digest of its content and an extension; the same content with the
same extension is stored once. Assets and routes decide who may see a file and what it is. Content
that a seeded history only names is made in `lookup`.
"""

from __future__ import annotations

import io
import itertools
import os
import re
import secrets
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final, Literal, NamedTuple

from blake3 import blake3

from comfy_cloud_emulator.state.database import Database

FileKind = Literal["input", "output", "temp"]

HEX: Final = re.compile(r"[0-9a-f]{64}")
MOST_IN_MEMORY: Final = 8 << 20
"""Largest file in bytes that is kept in memory; larger ones are always on disk."""
_PART: Final = ".part"
"""Suffix of files that are being written."""
_EXTENSION: Final = re.compile(r"(\.[a-z0-9]{1,12})?")
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS files (
    filename TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    size INTEGER NOT NULL,
    kind TEXT NOT NULL,
    display_name TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_by_digest ON files (digest);
"""
_INSERT: Final = (
    "INSERT OR IGNORE INTO files (filename, digest, size, kind, display_name) VALUES (?, ?, ?, ?, ?)"
)


class FileContent(NamedTuple):
    """A file with its stored name, "<64 hex digits>.<extension>", and its display name."""

    filename: str
    content: bytes
    display_name: str
    kind: FileKind


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A stored file: its stored name, size in bytes, kind, and display name."""

    filename: str
    size: int
    kind: FileKind
    display_name: str | None

    @property
    def digest(self) -> str:
        """The 64 hexadecimal digits of the blake3 digest."""
        return self.filename[:64]


class FileStore:
    """Content by stored name. Safe to use from any thread.

    `folder` is where the files are; None keeps them in memory, large ones in a temporary folder.
    """

    def __init__(self, folder: Path | None, database: Database) -> None:
        self._folder = folder
        self._database = database
        # Kept outside the database, so that opening a file copies nothing.
        self._contents: dict[str, bytes | Path] = {}
        self._temporary: TemporaryDirectory[str] | None = None
        self._lock = threading.Lock()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            # Left by a process that ended while it wrote.
            for part in folder.glob(f".*{_PART}"):
                part.unlink(missing_ok=True)
        database.create(_SCHEMA)

    def __len__(self) -> int:
        count: int = self._database.read("SELECT count(*) FROM files")[0][0]
        return count

    def put(
        self,
        content: bytes | Iterable[bytes],
        extension: str,
        display_name: str | None = None,
        kind: FileKind = "output",
        *,
        sync: bool = True,
    ) -> str:
        """Store content and return its name, "<64 hex digits>.<extension>".

        `extension` comes with or without its dot; empty text means none. Content that is stored
        already keeps its kind and display name. `sync` waits for the disk. Raises ValueError for an
        extension that is not valid.
        """
        extension = extension.lower()
        suffix = extension if not extension or extension.startswith(".") else f".{extension}"
        if not _EXTENSION.fullmatch(suffix):
            raise ValueError(f"extension: expected letters and digits such as 'png', got {extension!r}")
        chunks = [content] if isinstance(content, bytes) else content
        if self._folder is None:
            filename, size = self._keep_in_memory(chunks, suffix)
        else:
            filename, size = _write_file(self._folder, chunks, suffix, sync=sync)
        with self._database.write() as database:
            database.execute(_INSERT, (filename, filename[:64], size, kind, display_name))
        return filename

    def put_named(self, files: Iterable[FileContent]) -> None:
        """Store many small files whose names match their content, without waiting for the disk.

        For content that can be made again, such as seed data.
        """
        rows: list[tuple[object, ...]] = []
        for filename, content, display_name, kind in files:
            if self._folder is None:
                self._contents.setdefault(filename, content)
            else:
                _write_file(self._folder, [content], filename[64:], sync=False)
            rows.append((filename, filename[:64], len(content), kind, display_name))
        with self._database.write() as database:
            database.executemany(_INSERT, rows)

    def contents_in_memory(self) -> dict[str, bytes]:
        """The content by stored name, without the large files on disk."""
        return {name: content for name, content in self._contents.items() if isinstance(content, bytes)}

    def load_contents(self, contents: Mapping[str, bytes]) -> None:
        """Take content whose records are already in the database. Only for a store in memory."""
        self._contents.update(contents)

    def get(self, filename: str) -> bytes | None:
        """The whole content, or None when there is no such file."""
        held = self._contents.get(filename)
        if isinstance(held, bytes):
            return held
        opened = self.open(filename)
        if opened is None:
            return None
        with opened:
            return opened.read()

    def open(self, filename: str) -> BinaryIO | None:
        """The content as an open file, which the caller closes; None when there is no such file."""
        if self._folder is None:
            content = self._contents.get(filename)
            if isinstance(content, Path):
                return content.open("rb")
            return None if content is None else io.BytesIO(content)
        # Only stored names are opened, so none leads out of the folder.
        return (self._folder / filename).open("rb") if self.record(filename) is not None else None

    def close(self) -> None:
        """Delete the temporary folder."""
        with self._lock:
            if self._temporary is not None:
                self._temporary.cleanup()
                self._temporary = None

    def _keep_in_memory(self, chunks: Iterable[bytes], suffix: str) -> tuple[str, int]:
        """Keep content in memory, or in a temporary folder when it is large."""
        begin, size = list[bytes](), 0
        chunks = iter(chunks)
        for chunk in chunks:
            begin.append(chunk)
            size += len(chunk)
            if size > MOST_IN_MEMORY:
                filename, size = _write_file(
                    self._temporary_folder(), itertools.chain(begin, chunks), suffix, sync=False
                )
                self._contents.setdefault(filename, self._temporary_folder() / filename)
                return filename, size
        whole = b"".join(begin)
        filename = blake3(whole).hexdigest() + suffix
        self._contents.setdefault(filename, whole)
        return filename, size

    def _temporary_folder(self) -> Path:
        with self._lock:
            if self._temporary is None:
                self._temporary = TemporaryDirectory(
                    prefix="comfy-cloud-emulator-", ignore_cleanup_errors=True
                )
            return Path(self._temporary.name)

    def record(self, filename: str) -> StoredFile | None:
        """The stored file of this name, or None."""
        found = self._database.read(
            "SELECT filename, size, kind, display_name FROM files WHERE filename = ?", (filename,)
        )
        return StoredFile(*found[0]) if found else None

    def size(self, filename: str) -> int | None:
        """Size of a file in bytes, or None when there is no such file."""
        record = self.record(filename)
        return None if record is None else record.size

    def exists_hash(self, hex: str) -> bool:
        """Whether content with this blake3 digest (64 hexadecimal digits) is stored."""
        return self.by_hash(hex) is not None

    def by_hash(self, hex: str) -> StoredFile | None:
        """A file with this blake3 digest, or None."""
        found = self._database.read(
            "SELECT filename, size, kind, display_name FROM files WHERE digest = ? ORDER BY filename LIMIT 1",
            (hex,),
        )
        return StoredFile(*found[0]) if found else None


def _write_file(folder: Path, chunks: Iterable[bytes], suffix: str, *, sync: bool) -> tuple[str, int]:
    """Write to a temporary name, and rename once the digest is known: no name shows half a file."""
    part = folder / f".{secrets.token_hex(8)}{_PART}"
    digest, size = blake3(), 0
    try:
        with part.open("xb") as target:
            for chunk in chunks:
                digest.update(chunk)
                size += target.write(chunk)
            if sync:
                target.flush()
                os.fsync(target.fileno())
        filename = digest.hexdigest() + suffix
        part.replace(folder / filename)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return filename, size
