"""Bodies until the file is written, in a temporary file that has no name.

Whatever ends the program, nothing of it stays on the disk. Safe to use from one thread at a time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from hashlib import sha256
from typing import Final, NamedTuple

CHUNK: Final = 1 << 18


class Piece(NamedTuple):
    """Where some bytes are in the temporary file."""

    offset: int
    size: int


class SpooledBody:
    """A body that is being received. Pieces of several bodies may alternate in the file."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._pieces: list[Piece] = []
        self._sha256 = sha256()
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Add bytes."""
        if chunk:
            self._pieces.append(self._spool.add(chunk))
            self._sha256.update(chunk)
            self.size += len(chunk)

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes so far."""
        return self._sha256.hexdigest()

    def read(self, most: int | None = None) -> bytes:
        """The bytes, at most so many."""
        found = bytearray()
        for chunk in self.chunks(0, self.size if most is None else min(most, self.size)):
            found += chunk
        return bytes(found)

    def chunks(self, first: int, length: int) -> Iterator[bytes]:
        """`length` bytes from `first` on."""
        for piece in self._pieces:
            if length <= 0:
                return
            if first >= piece.size:
                first -= piece.size
                continue
            while first < piece.size and length > 0:
                chunk = self._spool.at(piece.offset + first, min(CHUNK, piece.size - first, length))
                yield chunk
                first += len(chunk)
                length -= len(chunk)
            first = 0


class Spool:
    """The temporary file."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="comfy-cloud-")  # noqa: SIM115 - closed by close
        self._end = 0
        self.failure: OSError | None = None

    def add(self, content: bytes) -> Piece:
        """Append bytes."""
        try:
            self._file.seek(self._end)
            self._file.write(content)
        except OSError as error:  # such as a full disk
            self.failure = error
            raise
        piece = Piece(self._end, len(content))
        self._end += len(content)
        return piece

    def at(self, offset: int, size: int) -> bytes:
        """Bytes that were added."""
        self._file.seek(offset)
        found = self._file.read(size)
        if not found and size:
            raise OSError("the temporary file of the recording has become shorter")
        return found

    def close(self) -> None:
        """Remove it."""
        self._file.close()
