"""Reading a recording that anybody may have made: within bounds, and without writing anything.

Names in it are compared, never used as paths. Bodies are read from the file piece by piece.
"""

from __future__ import annotations

import re
import threading
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from comfy_cloud_emulator.http.json_reading import JsonRefused, read_json
from comfy_cloud_emulator.state.json_values import Json, is_object

from .file_writing import BODIES, HEAD, RECORDS
from .records import FORMAT, VERSION, Body, Exchange, Message, Record, Upgrade, WrongRecord, record_of
from .spool import CHUNK

MOST_MEMBERS: Final = 200_000
LARGEST_HEAD: Final = 1 << 16
LARGEST_LINE: Final = 1 << 20
LARGEST_RECORDS: Final = 1 << 28
"""Bytes of all lines together."""
MOST_VALUES: Final = 4_000_000
"""Arrays and objects in all lines and in the JSON of all requests: each takes memory."""
LARGEST_LOADED: Final = 1 << 26
"""Bytes of a body that is read as a whole: JSON, a text with addresses, a message."""
_BODY_NAME: Final = re.compile(rf"{BODIES}[0-9a-f]{{64}}")
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_IS_ENCRYPTED: Final = 1
_BROKEN: Final = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
    UnicodeError, ValueError,
)  # fmt: skip


class RecordingRefused(ValueError):
    """The file is not a recording, or not one that this version reads."""


class RecordingFile:
    """An open recording. `about` is what it says of itself, `records` its records in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._values = self._request_bytes = 0
        try:
            self._archive = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise
        except _BROKEN as error:
            raise RecordingRefused(f"{path} is not a recording: it is not a ZIP file") from error
        try:
            self._sizes = self._checked_members()
            self.about = self._read_head()
            self.records = list(self._read_records())
        except BaseException:
            self._archive.close()
            raise

    def content(self, body: Body) -> bytes:
        """A whole body. Raises RecordingRefused if it is too large for that."""
        if body.inline is not None or body.file is None:
            return body.inline or b""
        if body.size > LARGEST_LOADED:
            raise self._refused(f"a body of {body.size} bytes is too large to be read as a whole")
        return b"".join(self.chunks(body, 0, body.size))

    def request_content(self, body: Body) -> bytes:
        """The body of a request, which counts with those of all others.

        Raises RecordingRefused where they are too large together.
        """
        if body.file is None:
            return self.content(body)  # it was counted with its line
        self._request_bytes += body.size
        if self._request_bytes > LARGEST_RECORDS:
            raise self._refused(f"its requests have more than {LARGEST_RECORDS} bytes of JSON")
        content = self.content(body)
        self._count_values(content)
        return content

    def chunks(self, body: Body, first: int, length: int) -> Iterator[bytes]:
        """`length` bytes of a body from `first` on."""
        if body.inline is not None:
            yield body.inline[first : first + length]
        elif body.file is not None:
            with self._open(f"{BODIES}{body.file}") as member:
                self._skip(member, first)
                while length > 0:
                    chunk = self._read(member, min(CHUNK, length))
                    if not chunk:
                        raise self._refused("a body is shorter than it says")
                    length -= len(chunk)
                    yield chunk

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _checked_members(self) -> dict[str, int]:
        found: dict[str, int] = {}
        members = self._archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise self._refused(f"it has more than {MOST_MEMBERS} files")
        for member in members:
            name = member.filename
            if name not in (HEAD, RECORDS) and _BODY_NAME.fullmatch(name) is None:
                raise self._refused(f"it contains {name[:80]!r}, which no recording has")
            if name in found:
                raise self._refused(f"it contains {name} twice")
            if member.compress_type not in _METHODS or member.flag_bits & _IS_ENCRYPTED:
                raise self._refused(f"{name} is encrypted, or compressed in an unusual way")
            found[name] = member.file_size
        for name in (HEAD, RECORDS):
            if name not in found:
                raise self._refused(f"it has no {name}")
        return found

    def _read_head(self) -> Json:
        head = self._json(self._whole(HEAD, LARGEST_HEAD), HEAD)
        if not is_object(head) or head.get("format") != FORMAT:
            raise self._refused(f"{HEAD} does not say that it is one")
        version = head.get("version")
        if type(version) is not int or version != VERSION:
            shown = version if type(version) is int else "unknown"
            raise RecordingRefused(
                f"{self.path} is a recording of version {shown}, and this program reads version {VERSION}; "
                "update comfy-cloud, or record again"
            )
        return head

    def _read_records(self) -> Iterator[Record]:
        if self._sizes[RECORDS] > LARGEST_RECORDS:
            raise self._refused(f"{RECORDS} has more than {LARGEST_RECORDS} bytes")
        with self._open(RECORDS) as member:
            number = 0
            while line := self._line(member):
                number += 1
                if len(line) > LARGEST_LINE:
                    raise self._refused(f"line {number} of {RECORDS} is longer than {LARGEST_LINE} bytes")
                self._count_values(line)
                try:
                    record = record_of(self._json(line, f"line {number} of {RECORDS}"))
                except WrongRecord as error:
                    raise self._refused(f"line {number} of {RECORDS} {error}") from error
                for body in _bodies_of(record):
                    self._check_body(body)
                yield record

    def _count_values(self, text: bytes) -> None:
        self._values += text.count(b"[") + text.count(b"{")
        if self._values > MOST_VALUES:
            raise self._refused(f"it has more than {MOST_VALUES} arrays and objects")

    def _check_body(self, body: Body) -> None:
        if body.file is None:
            return
        size = self._sizes.get(f"{BODIES}{body.file}")
        if size is None:
            raise self._refused(f"the body {body.file} is missing")
        if size != body.size:
            raise self._refused(f"the body {body.file} does not have the size that its line says")

    def _whole(self, name: str, most: int) -> bytes:
        if self._sizes[name] > most:
            raise self._refused(f"{name} has more than {most} bytes")
        with self._open(name) as member:
            return self._read(member, most)

    def _json(self, text: bytes, what: str) -> Any:
        try:
            return read_json(text)
        except JsonRefused as error:
            raise self._refused(f"{what} is {error}") from error

    def _open(self, name: str) -> IO[bytes]:
        try:
            with self._lock:
                return self._archive.open(name)
        except _BROKEN as error:
            raise self._refused(f"{name} is damaged") from error

    def _read(self, member: IO[bytes], most: int) -> bytes:
        try:
            return member.read(most)
        except _BROKEN as error:
            raise self._refused(f"{member.name} is damaged") from error

    def _line(self, member: IO[bytes]) -> bytes:
        try:
            return member.readline(LARGEST_LINE + 1)
        except _BROKEN as error:
            raise self._refused(f"{member.name} is damaged") from error

    def _skip(self, member: IO[bytes], count: int) -> None:
        while count > 0 and (chunk := self._read(member, min(CHUNK, count))):
            count -= len(chunk)

    def _refused(self, reason: str) -> RecordingRefused:
        return RecordingRefused(f"{self.path} is not a recording that can be played: {reason}")


def _bodies_of(record: Record) -> list[Body]:
    match record:
        case Exchange():
            return [record.request, record.response]
        case Upgrade():
            return [record.response]
        case Message():
            return [record.content]
        case _:
            return []
