"""Writing and hashing what a download brings, beside the download: a thread of its own and a short queue.

The caller puts pieces as they come; what goes to the disk, to another file system and through BLAKE3 happens in the thread, on
another core, while the next pieces arrive. The queue is short, so memory stays flat when the disk is the slower one. A small file
needs no thread. Nothing here knows where the pieces come from, and nothing waits in an event loop: what may take long says so.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from .destinations import Partial, Saved

if TYPE_CHECKING:
    from blake3 import blake3

# Pieces are handed over together once they have so many bytes; the thread is begun when there are more than a small file has.
_BATCH = 1024 * 1024
_SMALL = 2 * 1024 * 1024
_WAITING = 2


class Writer:
    """One file on its way to a place. `is_hashed` says whether `finish` compares the content.

    `open`, `make_room`, `finish` and `close` may take long; `put` does not.
    """

    def __init__(self, partial: Callable[[], Partial], *, is_hashed: bool) -> None:
        self._make = partial
        self._partial: Partial | None = None
        self._hasher: blake3 | None = None
        self._is_hashed = is_hashed
        self._place = 0  # of the first piece that waits here
        self._pieces: list[bytes] = []
        self._size = 0
        self._queue: queue.Queue[tuple[int, list[bytes]] | None] = queue.Queue(_WAITING)
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._is_over = False
        self.is_done = False  # published, and nothing to be closed

    def open(self) -> None:
        """Make the file. Raises what it raises."""
        self._partial = self._make()

    def put(self, place: int, piece: bytes) -> bool:
        """Take a piece that belongs at a place; place 0 begins anew. False when `make_room` is to be called before the next.

        Raises the error of an earlier piece.
        """
        if self._error is not None:
            raise self._error
        if place != self._place + self._size:
            # What waits here is of no use any more; what the thread has is overwritten by what follows.
            self._pieces, self._size, self._place = [], 0, place
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size < (_BATCH if self._thread is not None else _SMALL):
            return True
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="comfy_cloud:write", daemon=True)
            self._thread.start()
        try:
            self._queue.put_nowait((self._place, self._pieces))
        except queue.Full:
            return False
        self._taken()
        return True

    def make_room(self) -> None:
        """Wait until the thread has taken what waits here."""
        self._queue.put((self._place, self._pieces))
        self._taken()

    def finish(self, expected: str | None) -> Saved | None:
        """Write the rest and give the file its name; None when its hash is not the expected one. Raises what went wrong."""
        if self._thread is not None:
            self._queue.put((self._place, self._pieces))
            self._queue.put(None)
            self._thread.join()
            self._thread = None
        else:
            self._write(self._place, self._pieces)
        self._taken()
        if self._error is not None:
            raise self._error
        if expected is not None and self._digest() != expected:
            return None
        assert self._partial is not None  # noqa: S101 - open() made it
        saved = self._partial.publish()
        self._partial.discard()  # of a hard link, there are two names until then
        self.is_done = True
        return saved

    def close(self) -> None:
        """End the thread, and take away what was not published."""
        self._is_over = True
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None
        if self._partial is not None:
            self._partial.discard()

    def _taken(self) -> None:
        self._place += self._size
        self._pieces, self._size = [], 0

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            if self._error is None and not self._is_over:
                try:
                    self._write(*item)
                except BaseException as error:  # noqa: BLE001 - raised where the caller waits
                    self._error = error

    def _write(self, place: int, pieces: list[bytes]) -> None:
        content = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        assert self._partial is not None  # noqa: S101 - open() made it
        self._partial.write_at(place, content)
        if self._is_hashed:
            hasher = self._hasher if place else None
            self._hasher = hasher or _new_hasher()
            self._hasher.update(content)

    def _digest(self) -> str:
        assert self._hasher is not None  # noqa: S101 - finish() has written something, if only nothing
        return self._hasher.hexdigest()


def _new_hasher() -> blake3:
    from blake3 import blake3

    return blake3()  # one thread: the download is using the other core
