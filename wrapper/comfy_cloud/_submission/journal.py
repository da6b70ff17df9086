"""The journal of `cloud.map`: an append-only file of JSON lines, from which a map can be resumed.

A line is written and synced to disk before anything is sent, so that a program that dies at any
moment leaves a record of what it may have submitted. A last line that is incomplete is removed:
what it would have recorded is found out from the server. The file is locked as long as it is open,
and the lock ends with the process.

What the lines contain is in `journal_records`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from .._settings.document_bounds import MOST_JOURNAL_BYTES, BoundExceeded, check_bytes
from .._settings.private_files import refuse_foreign_file, refuse_open_folder
from ..errors import ConfigurationError
from .journal_records import (
    BEGINNING,
    Attempt,
    End,
    VariantKey,
    attempts_in,
    begin_record,
    encoded,
    end_record,
    header,
    job_record,
)

_MAX_KNOWN_JOBS = 1000
# The byte to lock on Windows, where a locked byte cannot be read by others: far behind the content.
_LOCKED_BYTE = 2**62


class Journal:
    """An open journal, locked for this process. Use `Journal.open`, and close it.

    `removed_bytes` is the length of an incomplete last line that was removed on opening.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.removed_bytes = 0
        self._descriptor = descriptor
        self._size = 0
        self._attempts: dict[VariantKey, Attempt] = {}
        self._occurrences: dict[str, int] = {}

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, workflow: str, server: str, now: datetime) -> Self:
        """Open a journal, or create one.

        `workflow` is the digest of the workflow, `server` its base URL.

        Raises:
            ConfigurationError: The file cannot be opened, is in use, is not a journal, is damaged,
                or belongs to another workflow or server; or another user could have written it.
                The message says what to do.
        """
        file = Path(os.fspath(path)).expanduser()
        try:
            refuse_open_folder(file)
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
            descriptor = os.open(file, flags, 0o600)
        except OSError as error:
            raise ConfigurationError(
                f"Cannot open the journal {file}: {error.strerror or error}. Give the path of a file in an "
                "existing folder that you can write to"
            ) from error
        journal = cls(file, descriptor)
        try:
            refuse_foreign_file(file, descriptor)
            journal._lock()
            journal._load(workflow, server, now)
        except BaseException:
            journal.close()
            raise
        return journal

    def take(self, variant: str) -> tuple[VariantKey, Attempt | None]:
        """The key of the next variant with this digest, and the latest attempt at it, if any."""
        key = VariantKey(variant, self._occurrences.get(variant, 0))
        self._occurrences[variant] = key.occurrence + 1
        return key, self._attempts.pop(key, None)

    def known_jobs(self) -> list[tuple[str, str]]:
        """The ids and nonces of the last jobs in the journal, at most 1,000."""
        found = [(each.job_id, each.nonce) for each in self._attempts.values() if each.job_id is not None]
        return found[-_MAX_KNOWN_JOBS:]

    def begin(self, key: VariantKey, index: int, attempt: Attempt) -> None:
        """Record that a variant is about to be sent.

        Raises ConfigurationError if that cannot be written.
        """
        self._write(begin_record(key, index, attempt))

    def accepted(self, nonce: str, job_id: str) -> None:
        """Record the job that a submission became. Raises ConfigurationError."""
        self._write(job_record(nonce, job_id))

    def ended(self, nonce: str, end: End) -> None:
        """Record how a submission ended. Raises ConfigurationError."""
        self._write(end_record(nonce, end))

    def close(self) -> None:
        """Close the file, which releases the lock. May be called again."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _lock(self) -> None:
        try:
            if sys.platform == "win32":
                import msvcrt

                os.lseek(self._descriptor, _LOCKED_BYTE, os.SEEK_SET)
                msvcrt.locking(self._descriptor, msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            raise ConfigurationError(
                f"The journal {self.path} is in use by another map. Wait until that ends, or give another "
                "path"
            ) from None
        except OSError as error:
            raise ConfigurationError(
                f"Cannot lock the journal {self.path}: {error.strerror or error}. Give the path of a file "
                "on a "
                "local disk"
            ) from error

    def _load(self, workflow: str, server: str, now: datetime) -> None:
        start = self._read(0, len(BEGINNING))
        if not (start.startswith(BEGINNING) or BEGINNING.startswith(start)):
            raise ConfigurationError(
                f"{self.path} is not the journal of a map; it was not changed. Give the path of a journal, "
                "or of "
                "a file that does not exist yet"
            )
        size = os.fstat(self._descriptor).st_size
        try:
            check_bytes(size, MOST_JOURNAL_BYTES)
        except BoundExceeded as error:
            raise ConfigurationError(
                f"The journal {self.path} is not read: {error}. Give a new path for the rest of the inputs"
            ) from None
        content = self._read(0, size)
        complete = content.rfind(b"\n") + 1
        if complete < len(content):
            os.ftruncate(self._descriptor, complete)
            self.removed_bytes = len(content) - complete
        self._size = complete
        lines = content[:complete].splitlines()
        if lines:
            self._attempts = attempts_in(lines, path=self.path, workflow=workflow, server=server)
        else:
            self._write(header(workflow, server, now))
            self._sync_folder()

    def _read(self, offset: int, size: int) -> bytes:
        parts: list[bytes] = []
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        while size > 0 and (part := os.read(self._descriptor, size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _write(self, record: Mapping[str, Any]) -> None:
        """Append a line, or leave the file as it was.

        An earlier line that Ctrl-C interrupted was never acknowledged, so it is removed first.
        """
        line = encoded(record)
        try:
            self._remove_unfinished_line()
            left = memoryview(line)
            while left:
                left = left[os.write(self._descriptor, left) :]
            os.fsync(self._descriptor)
            self._size += len(line)
        except OSError as error:
            with suppress(OSError):  # if that fails, it is removed when the file is opened again
                self._remove_unfinished_line()
            raise ConfigurationError(
                f"Cannot write to the journal {self.path}: {error.strerror or error}. Nothing more is "
                "submitted. Correct that, and call map() again with the same arguments"
            ) from error

    def _remove_unfinished_line(self) -> None:
        if os.fstat(self._descriptor).st_size != self._size:
            os.ftruncate(self._descriptor, self._size)

    def _sync_folder(self) -> None:
        """Make a new file survive a loss of power, on systems that can sync a folder."""
        try:
            folder = os.open(self.path.absolute().parent, os.O_RDONLY)
        except OSError:
            return
        try:
            os.fsync(folder)
        except OSError:
            return
        finally:
            os.close(folder)
