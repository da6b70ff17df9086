# Made from wrapper/comfy_cloud/_async/_files/ranged_download.py by `make unasync`. Do not edit.
"""Receive a large file in parts, several at the same time, and write each where it belongs.

A storage gives each connection a share of its bandwidth, so several connections get more. What may
be split, and into what, `_files.range_plan` decides; which parts are on the disk already,
`_files.range_record` knows. Every part is requested on condition that the file is the same, so
parts of two versions are never mixed: the whole file is then requested anew.
"""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING

from comfy_cloud_api.types import Request

from ..._errors.file_errors import file_errors
from ..._files.byte_ranges import ContentInfo
from ..._files.local_destination import LocalPartialFile
from ..._files.progress import ProgressCallback
from ..._files.range_plan import RangePlan
from ..._files.range_record import RangeRecord
from ..._http.concurrency import Halt, in_thread, run_concurrently
from ..._jobs.polling import is_outage
from ...errors import ComfyCloudError
from .._http.session import Session
from .transfer import FileOrigin, Transfer

if TYPE_CHECKING:
    from blake3 import blake3

# What a connection has received is written in batches of this many bytes.
_BATCH_SIZE = 1024 * 1024


class RangedDownload:
    """One file that is received in parts.

    Args:
        session: The session of the client.
        request: The request to the API for the whole file.
        content: What is known of the file.
        origin: Where the file is, as far as that is known.
        plan: The parts that are missing.
        file: The file to write.
        record: Notes which parts have been written, if there can be a record.
        progress: Called with the bytes of all parts together.
        is_proved: Whether the caller compares the content with a known hash.
    """

    def __init__(
        self,
        session: Session,
        request: Request,
        content: ContentInfo,
        origin: FileOrigin,
        plan: RangePlan,
        file: LocalPartialFile,
        record: RangeRecord | None,
        progress: ProgressCallback | None,
        *,
        is_proved: bool,
    ) -> None:
        self._session = session
        self._request = request
        self._content = content
        self._origin = origin
        self._plan = plan
        self._file = file
        self._record = record
        self._progress = progress
        self._is_proved = is_proved
        self._working = 0
        self._counting = threading.Lock()

    def run(self, connections: int) -> None:
        """Receive every part over so many connections.

        Raises RangesRefused if the whole file must be requested instead, and the errors of the
        storage, the network and the disk. What was written by then is recorded.
        """
        if self._progress is not None:
            self._progress(self._plan.received, self._plan.size)
        self._working = max(1, min(connections, self._plan.count))
        run_concurrently([self._work] * self._working, self._working)

    def _work(self, halt: Halt) -> None:
        while (part := self._next()) is not None:
            halt.check()
            try:
                self._fetch(*part, halt)
            except ComfyCloudError as error:
                # A storage may allow fewer connections: then those that it serves do the rest.
                if not is_outage(error) or not self._leave():
                    raise
                return

    def _fetch(self, start: int, end: int, halt: Halt) -> None:
        """Receive a part. If that fails, what is missing of it is given back."""
        transfer = Transfer(
            self._session,
            self._request,
            is_proved=self._is_proved,
            part=(start, end),
            content=self._content,
            origin=self._origin,
        )
        writing = _PartWriter(self._file, self._record, start)
        try:
            with closing(transfer.chunks()) as chunks:
                for _, chunk in chunks:
                    halt.check()
                    self._count(len(chunk))
                    if writing.put(chunk):
                        in_thread(writing.write)
        except BaseException:
            self._count(-writing.unwritten)
            self._plan.give_back(writing.position, end)
            writing.note()
            raise
        in_thread(writing.write)
        writing.note()

    def _next(self) -> tuple[int, int] | None:
        """The next part; None ends this connection's work."""
        with self._counting:
            part = self._plan.take()
            if part is None:
                self._working -= 1
            return part

    def _leave(self) -> bool:
        """Leave the rest to the other connections; False if this is the last one."""
        with self._counting:
            if self._working == 1:
                return False
            self._working -= 1
            return True

    def _count(self, received: int) -> None:
        with self._counting:
            self._plan.received += received
            if self._progress is not None and received > 0:
                self._progress(self._plan.received, self._plan.size)


class _PartWriter:
    """Writes one part, and hashes it for the record."""

    def __init__(self, file: LocalPartialFile, record: RangeRecord | None, start: int) -> None:
        self._file = file
        self._record = record
        self._start = self.position = start
        self._batch: list[bytes] = []
        self.unwritten = 0
        self._hasher: blake3 | None = None
        if record is not None:
            from blake3 import blake3

            self._hasher = blake3()

    def put(self, chunk: bytes) -> bool:
        """Take a chunk; True if `write` has to be called before the next one."""
        self._batch.append(chunk)
        self.unwritten += len(chunk)
        return self.unwritten >= _BATCH_SIZE

    def write(self) -> None:
        """Write what was put."""
        if not self._batch:
            return
        with file_errors():
            self._file.write_part(self.position, self._batch)
        if self._hasher is not None:
            for chunk in self._batch:
                self._hasher.update(chunk)
        self.position += self.unwritten
        self._batch, self.unwritten = [], 0

    def note(self) -> None:
        """Record what has been written."""
        if self._record is not None and self._hasher is not None and self.position > self._start:
            self._record.add(self._start, self.position, self._hasher.hexdigest())
