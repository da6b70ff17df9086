"""The journal of `cloud.map`: an append-only file of JSON lines, from which a map goes on after its process has died.

Each variant has up to three lines: that it is about to be sent, with its nonce, written and synced before anything is sent;
the job that it became; and its end. The first line says which workflow and server they are about. Nothing secret enters it:
no inputs, no graph, no key, only digests, ids, drawn seeds and instants.

A last line that was cut off is taken away: what it would have said is found out again. The file is locked as long as it is
open, and the lock dies with the process. What to do about the attempts found here is decided in `_async/mapping.py`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

from ..errors import ConfigurationError
from ..times import parse_instant

VERSION = 1
# Every journal begins with these characters, so that no other file is ever taken for a torn one, and cut.
_BEGINNING = b'{"comfy_cloud_map":'
_MOST_JOBS_TOLD = 1000
# Where the lock lies on Windows, which locks bytes and keeps others from reading them.
_LOCKED_BYTE = 2**62

# How an attempt ended. "refused": no job came of it. "gone": the job is not there any more. "left": cancelled by the map
# itself, as it was left early.
End = Literal["completed", "failed", "cancelled", "gone", "refused", "left"]
_ENDS = frozenset(("completed", "failed", "cancelled", "gone", "refused", "left"))


@dataclass(slots=True)
class Attempt:
    """The latest submission of one variant, as far as it is known.

    `begun_at` is when it was first about to be sent, `graph` the digest of the graph that was, and `seeds` are those drawn
    for it. Without `job_id` it is open whether it was sent, unless there is an `end`.
    """

    nonce: str
    begun_at: datetime
    graph: str
    seeds: Mapping[str, int] = field(default_factory=dict)
    job_id: str | None = None
    end: End | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Which variant of a map: the digest of its filled-in workflow, and how many like it came before."""

    variant: str
    occurrence: int


class Journal:
    """An open journal, locked for this process. Use `Journal.open`; close it."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._size = 0
        self._attempts: dict[Place, Attempt] = {}
        self._seen: dict[str, int] = {}
        self.healed = 0

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, workflow: str, server: str, now: datetime) -> Self:
        """Open a journal, or begin one. `workflow` is the digest of what is mapped, `server` its base URL.

        Raises:
            ConfigurationError: It cannot be opened or is in use, is no journal, is damaged, or belongs to another workflow
                or server; the message says what to do.
        """
        target = Path(os.fspath(path)).expanduser()
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
            descriptor = os.open(target, flags, 0o600)
        except OSError as error:
            raise ConfigurationError(
                f"The journal {target} cannot be opened: {error.strerror or error}. Give the path of a file in a folder "
                "that is there and can be written to"
            ) from error
        journal = cls(target, descriptor)
        try:
            journal._lock()
            journal._load(workflow, server, now)
        except BaseException:
            journal.close()
            raise
        return journal

    def take(self, variant: str) -> tuple[Place, Attempt | None]:
        """The place of the next variant with this digest, and what was done about it so far."""
        place = Place(variant, self._seen.get(variant, 0))
        self._seen[variant] = place.occurrence + 1
        return place, self._attempts.pop(place, None)

    def known_jobs(self) -> list[tuple[str, str]]:
        """The ids and nonces of the latest jobs in it."""
        found = [(each.job_id, each.nonce) for each in self._attempts.values() if each.job_id is not None]
        return found[-_MOST_JOBS_TOLD:]

    def begin(self, place: Place, index: int, attempt: Attempt) -> None:
        """Write that a variant is about to be sent, before it is. Raises ConfigurationError when that cannot be written."""
        self._write(
            {
                "begin": attempt.nonce,
                "variant": place.variant,
                "occurrence": place.occurrence,
                "index": index,
                "graph": attempt.graph,
                "seeds": dict(attempt.seeds),
                "at": attempt.begun_at.isoformat(),
            }
        )

    def accepted(self, nonce: str, job_id: str) -> None:
        """Write which job it became. Raises ConfigurationError."""
        self._write({"job": job_id, "of": nonce})

    def ended(self, nonce: str, end: End) -> None:
        """Write how it ended. Raises ConfigurationError."""
        self._write({"end": end, "of": nonce})

    def close(self) -> None:
        """Close the file, and with it give up the lock."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    # The file

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
                f"The journal {self.path} is in use: another map goes on with it. Wait for its end, or give another path"
            ) from None
        except OSError as error:
            raise ConfigurationError(
                f"The journal {self.path} cannot be locked: {error.strerror or error}. Give the path of a file on a local disk"
            ) from error

    def _load(self, workflow: str, server: str, now: datetime) -> None:
        start = self._read(0, len(_BEGINNING))
        if not (start.startswith(_BEGINNING) or _BEGINNING.startswith(start)):
            raise ConfigurationError(
                f"{self.path} is no journal of a map, and is left as it is. Give the path of a file that is not there yet"
            )
        content = self._read(0, os.fstat(self._descriptor).st_size)
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.ftruncate(self._descriptor, whole)
            self.healed = len(content) - whole
        self._size = whole
        lines = content[:whole].splitlines()
        if not lines:
            self._write(
                {"comfy_cloud_map": VERSION, "workflow": workflow, "server": server, "at": now.isoformat()}
            )
            self._sync_folder()
            return
        self._check_header(self._line(1, lines[0]), workflow, server)
        self._attempts = _folded(self._line(number, line) for number, line in enumerate(lines[1:], 2))

    def _read(self, offset: int, size: int) -> bytes:
        parts: list[bytes] = []
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        while size > 0 and (part := os.read(self._descriptor, size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _write(self, record: Mapping[str, Any]) -> None:
        line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
        try:
            left = memoryview(line)
            while left:
                left = left[os.write(self._descriptor, left) :]
            os.fsync(self._descriptor)
        except OSError as error:
            self._take_back()
            raise ConfigurationError(
                f"The journal {self.path} cannot be written: {error.strerror or error}. Nothing more is submitted. Mend that, "
                "and call map() again in the same way"
            ) from error
        self._size += len(line)

    def _take_back(self) -> None:
        """Take away what was written of a line, if that is possible; else the next to open it does."""
        try:
            os.ftruncate(self._descriptor, self._size)
        except OSError:
            return

    def _sync_folder(self) -> None:
        """Let the name of a new file outlive a loss of power, where folders can be synced."""
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

    # What it says

    def _line(self, number: int, line: bytes) -> _Line:
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            raise self._damaged(number)
        return _Line(self, number, record)

    def _damaged(self, number: int) -> ConfigurationError:
        return ConfigurationError(
            f"Line {number} of the journal {self.path} is damaged, so it does not tell for sure what was submitted. Restore "
            "it from a copy; or look at cloud.jobs.list() for what ran, and give a new path to run every variant anew"
        )

    def _check_header(self, line: _Line, workflow: str, server: str) -> None:
        version = line.record.get("comfy_cloud_map")
        if version != VERSION:
            raise ConfigurationError(
                f"The journal {self.path} has version {version!r}, and this release reads version {VERSION}: go on with the "
                "release that began it, or give a new path"
            )
        if line.text("workflow") != workflow:
            raise ConfigurationError(
                f"The journal {self.path} belongs to another workflow, or to other options of it. Pass what it was begun with, "
                "or give a new path"
            )
        if line.text("server") != server:
            raise ConfigurationError(
                f"The journal {self.path} belongs to {line.text('server')}, and this client to {server}. Use a client for the "
                "same server, or give a new path"
            )


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a journal, read with care."""

    journal: Journal
    number: int
    record: Mapping[str, Any]

    def text(self, name: str) -> str:
        found = self.record.get(name)
        if not isinstance(found, str) or not found:
            raise self.damaged()
        return found

    def damaged(self) -> ConfigurationError:
        return self.journal._damaged(self.number)

    def attempt(self) -> tuple[Place, Attempt]:
        begun = parse_instant(self.text("at"))
        occurrence, seeds = self.record.get("occurrence"), self.record.get("seeds")
        if begun is None or type(occurrence) is not int or not isinstance(seeds, dict):
            raise self.damaged()
        if not all(type(seed) is int for seed in seeds.values()):
            raise self.damaged()
        place = Place(self.text("variant"), occurrence)
        return place, Attempt(self.text("begin"), begun.astimezone(UTC), self.text("graph"), seeds)


def _folded(lines: Iterator[_Line]) -> dict[Place, Attempt]:
    """The latest attempt of each variant, in the order of the file. Raises ConfigurationError for lines that make no sense."""
    attempts: dict[Place, Attempt] = {}
    by_nonce: dict[str, Attempt] = {}
    for line in lines:
        record = line.record
        if "begin" in record:
            place, attempt = line.attempt()
            earlier = by_nonce.get(attempt.nonce)
            if earlier is not None:
                # It was proved absent, and is sent again: a job may be as old as the first time.
                attempt.begun_at = min(earlier.begun_at, attempt.begun_at)
            attempts[place] = by_nonce[attempt.nonce] = attempt
            continue
        known = by_nonce.get(line.text("of"))
        if known is None:
            raise line.damaged()
        if "job" in record:
            known.job_id = line.text("job")
        elif record.get("end") in _ENDS:
            known.end = record["end"]
        else:
            raise line.damaged()
    return attempts
