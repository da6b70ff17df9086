"""Writing and hashing a download in the background: a thread and a short queue.

The caller hands over pieces as they arrive. Writing them, to disk or to another file system, and
hashing them happens in the thread, on another core, while the next pieces arrive. The queue is
short, so memory use stays flat if the disk is slower than the network. A small file is written
without a thread.

A large file may be handed over to be written in parts, which `parts_writer` does.

This module does not know where the pieces come from. It blocks rather than await: methods that may
take long say so.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from .._errors.file_errors import file_error, file_errors
from .._http.concurrency import Halted
from .._http.thread_steps import ThreadStep
from .destinations import PartialFile
from .download_options import SavedPath
from .local_destination import LocalPartialFile
from .range_record import RangeRecord, part_hash

if TYPE_CHECKING:
    from blake3 import blake3

# Pieces are handed over in batches of this many bytes.
_BATCH_SIZE = 1024 * 1024
# A file up to this size is written without a thread.
_SMALL_FILE = 2 * 1024 * 1024
_MAX_QUEUED_BATCHES = 2


class BackgroundWriter:
    """Writes one file. `is_hashed` says whether `finish` will compare the content with a hash.

    `check` is called before the file is published, and may raise an exception to prevent that.

    `open`, `make_room`, `finish` and `close` may take long; `put` does not. Only `stop` may be
    called while another of them runs. `close` may be called after an interruption at any moment.
    """

    def __init__(
        self,
        new_file: Callable[[], PartialFile],
        *,
        is_hashed: bool,
        check: Callable[[], object] | None = None,
    ) -> None:
        self._new_file = new_file
        self._check = check
        self._file: PartialFile | None = None
        self._hasher: blake3 | None = None
        self._is_hashed = is_hashed
        self._offset = 0  # of the first piece in the batch
        self._batch: list[bytes] = []
        self._batch_size = 0
        # Unlike `Queue`, a `SimpleQueue` is not damaged when Ctrl-C interrupts it.
        self._queue: SimpleQueue[tuple[int, list[bytes]] | None] = SimpleQueue()
        self._room: SimpleQueue[None] = SimpleQueue()  # has one entry for each batch to come
        self._thread: ThreadStep[None] | None = None
        self._error: BaseException | None = None
        self._is_stopped = False
        self.is_done = False  # the file is published, and nothing is left to close

    def open(self, source: str | None = None) -> RangeRecord | None:
        """Create the file. Raises what creating it raises.

        If an earlier download of `source` left parts of it on this machine's disk, it continues
        with their file, and returns their record.
        """
        with file_errors():
            file = self._file = self._new_file()
            local = file.local if source is not None else None
            if local is not None and source is not None:
                record = RangeRecord.find(local.path, source)
                if record is not None:
                    if local.resume(record.part_name):
                        return record
                    record.close(keep=False)
            file.create()
        return None

    @property
    def local_file(self) -> LocalPartialFile | None:
        """The file, if it is on this machine's disk and can be written in parts."""
        return self._file.local if self._file is not None else None

    def put(self, offset: int, piece: bytes) -> bool:
        """Take the piece at an offset; offset 0 starts the file again.

        Returns False if `make_room` has to be called before the next piece. Raises the error of an
        earlier piece.
        """
        if self._error is not None:
            raise self._error
        if offset != self._offset + self._batch_size:
            # This batch is obsolete. What the thread already has is overwritten by what follows.
            self._batch, self._batch_size, self._offset = [], 0, offset
        self._batch.append(piece)
        self._batch_size += len(piece)
        if self._batch_size < (_BATCH_SIZE if self._thread is not None else _SMALL_FILE):
            return True
        if self._thread is None:
            for _ in range(_MAX_QUEUED_BATCHES):
                self._room.put(None)
            self._thread = ThreadStep(self._work, ())
            self._thread.start()
        try:
            self._room.get_nowait()
        except Empty:
            return False
        self._queue.put((self._offset, self._batch))
        self._next_batch()
        return True

    def make_room(self) -> None:
        """Wait until the thread has taken a batch from the queue, and hand over the next one."""
        self._room.get()
        self._queue.put((self._offset, self._batch))
        self._next_batch()

    def finish(self, expected: str | None) -> SavedPath | None:
        """Write the rest and publish the file; returns its path or URL.

        Returns None, and publishes nothing, if `expected` is given and the content has another
        hash. Raises the error of any piece, and Halted after `stop`.
        """
        self.write_rest()
        if expected is not None and self._digest() != expected:
            return None
        return self._publish()

    def write_rest(self) -> int:
        """Write what was put, and end the thread; returns the size of the file so far."""
        if self._thread is not None:
            self._queue.put((self._offset, self._batch))
            self._queue.put(None)
            self._thread.wait()
        else:
            with file_errors():
                self._write(self._offset, self._batch)
        self._next_batch()
        if self._error is not None:
            raise self._error
        self._refuse_if_stopped()
        return self._offset

    def finish_parts(self, size: int, expected: str | None) -> SavedPath | None:
        """Publish a file of so many bytes, whose parts were all written elsewhere.

        Otherwise as `finish`.
        """
        file = self.local_file
        assert file is not None  # noqa: S101 - only such a file has parts
        with file_errors():
            file.cut_to(size)
            if expected is not None and part_hash(file, 0, size, self._refuse_if_stopped) != expected:
                return None
        self._refuse_if_stopped()
        return self._publish()

    def _publish(self) -> SavedPath:
        if self._check is not None:
            self._check()
        assert self._file is not None  # noqa: S101 - set by open()
        with file_errors():
            saved = self._file.publish()
            self._file.discard()  # after a hard link the temporary name still exists
        self.is_done = True
        return saved

    def _refuse_if_stopped(self) -> None:
        if self._is_stopped:  # pieces may have been left out
            raise Halted

    def stop(self) -> None:
        """Write nothing more, so that whatever runs ends soon; nothing is published after this."""
        self._is_stopped = True

    def close(self, *, keep: bool = False) -> None:
        """Stop the thread, and delete what was not published. Never raises an OSError.

        With `keep` the partial file stays, for a later download to continue with.
        """
        self.stop()
        if self._thread is not None:
            self._queue.put(None)
            self._thread.abandon()
        if self._file is not None:
            local = self._file.local if keep else None
            with suppress(OSError):  # would replace the error or the cancellation that led here
                (local.keep if local is not None else self._file.discard)()

    def _next_batch(self) -> None:
        self._offset += self._batch_size
        self._batch, self._batch_size = [], 0

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            self._room.put(None)
            if self._error is None and not self._is_stopped:
                try:
                    self._write(*item)
                except BaseException as error:  # noqa: BLE001 - raised in the caller's thread
                    self._error = file_error(error) if isinstance(error, OSError) else error

    def _write(self, offset: int, pieces: list[bytes]) -> None:
        content = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        assert self._file is not None  # noqa: S101 - set by open()
        self._file.write_at(offset, content)
        if self._is_hashed:
            hasher = self._hasher if offset else None
            self._hasher = hasher or _new_hasher()
            self._hasher.update(content)

    def _digest(self) -> str:
        assert self._hasher is not None  # noqa: S101 - finish() always calls _write, even for an empty file
        return self._hasher.hexdigest()


def _new_hasher() -> blake3:
    from blake3 import blake3

    return blake3()  # one thread: the download uses the other core
