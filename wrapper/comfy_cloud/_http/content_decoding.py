"""Decode a response body in steps of bounded size, and count its bytes. Pure rules.

httpx decodes each piece from the network as a whole: 256 KiB of gzip can hold 256 MiB, the same
amount of zstd 8 GiB. Here a step yields at most a few MiB, whatever was sent. Only encodings for
which that is possible are requested from servers; Brotli is not one of them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any, Protocol

# The most that one step of gzip or deflate yields.
_STEP = 1024 * 1024
# zstd cannot be told where to stop. A block of four bytes can hold 128 KiB, so this much of it
# yields at most 16 MiB.
_ZSTD_SLICE = 512
# What RFC 9659 allows a server to use.
_ZSTD_WINDOW = 8 * 2**20
_MOST_ENCODINGS = 3
# A body of so many pieces may not consist of a few bytes each: they cost more time than bytes.
_MANY_PIECES = 200_000
_SMALLEST_PIECES = 32

# Known encodings that cannot be decoded here. Other names are not encodings, and are ignored.
_UNSUPPORTED = frozenset(("br", "zstd", "compress", "x-compress", "dcb", "dcz", "bzip2", "xz", "lzma"))


class BodyTooLarge(Exception):
    """A body has more bytes than it may have. It never reaches a user.

    `rest` is what would still be allowed of the piece that was too much.
    """

    def __init__(self, rest: bytes = b"") -> None:
        super().__init__()
        self.rest = rest


class DamagedBody(Exception):
    """A body cannot be decoded. It never reaches a user."""


class BodyRefused(Exception):
    """A body is sent in a way that nothing here reads. It never reaches a user."""


class _Decoder(Protocol):
    def decode(self, data: bytes) -> Iterator[bytes]:
        """The content of some more bytes, in pieces of bounded size."""
        raise NotImplementedError

    def finish(self) -> None:
        """Raise DamagedBody if the end is missing and that matters."""


class _Zlib:
    """gzip or deflate."""

    def __init__(self, window_bits: int) -> None:
        self._decompressor = zlib.decompressobj(window_bits)
        self._can_be_raw = window_bits == zlib.MAX_WBITS

    def decode(self, data: bytes) -> Iterator[bytes]:
        while not self._decompressor.eof:
            try:
                piece = self._decompressor.decompress(data, _STEP)
            except zlib.error as error:
                if not self._can_be_raw:
                    raise DamagedBody(str(error)) from None
                # Some servers send deflate without the header that it should have.
                self._can_be_raw = False
                self._decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
                continue
            self._can_be_raw = False
            data = self._decompressor.unconsumed_tail
            if piece:
                yield piece
            if not data and len(piece) < _STEP:
                return

    def finish(self) -> None:
        pass


class _Zstd:
    def __init__(self) -> None:
        self._decompressor = self._new()
        self._is_empty = True

    def decode(self, data: bytes) -> Iterator[bytes]:
        from zstandard import ZstdError

        for start in range(0, len(data), _ZSTD_SLICE):
            rest = data[start : start + _ZSTD_SLICE]
            while rest:
                if self._decompressor.eof:
                    self._decompressor = self._new()  # another frame
                self._is_empty = False
                try:
                    piece = self._decompressor.decompress(rest)
                except ZstdError as error:
                    raise DamagedBody(str(error)) from None
                rest = self._decompressor.unused_data if self._decompressor.eof else b""
                if piece:
                    yield piece

    def finish(self) -> None:
        if not self._is_empty and not self._decompressor.eof:
            raise DamagedBody("zstd data is incomplete")

    @staticmethod
    def _new() -> Any:
        from zstandard import ZstdDecompressor

        return ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()


class BodyDecoder:
    """Decodes one body of at most `limit` bytes (None: no limit), as sent and as decoded.

    `encodings` is the header Content-Encoding. Raises BodyRefused.
    """

    def __init__(self, encodings: str, limit: int | None) -> None:
        names = [name for text in encodings.split(",") if (name := text.strip().lower())]
        self._decoders = [found for name in reversed(names) if (found := _decoder(name)) is not None]
        if len(self._decoders) > _MOST_ENCODINGS:
            raise BodyRefused(f"its body is encoded {len(self._decoders)} times")
        self._limit = limit
        # Content that does not shrink grows a little when it is encoded.
        self._limit_as_sent = None if limit is None else limit + limit // 8 + 64 * 1024
        self._pieces = 0
        self._counts = [0] * (len(self._decoders) + 1)

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to decode."""
        return bool(self._decoders)

    def decode(self, data: bytes) -> Iterator[bytes]:
        """The content of the next bytes of the body, in pieces of bounded size.

        Raises BodyTooLarge, BodyRefused, and DamagedBody for damaged data.
        """
        self._pieces += 1
        if self._pieces > _MANY_PIECES and self._counts[0] < _SMALLEST_PIECES * self._pieces:
            raise BodyRefused(f"its body comes in more than {_MANY_PIECES} pieces of a few bytes")
        return self._from_stage(0, data)

    def finish(self) -> None:
        """Call this at the end of the body. Raises DamagedBody if it is incomplete."""
        for decoder in self._decoders:
            decoder.finish()

    def _from_stage(self, stage: int, data: bytes) -> Iterator[bytes]:
        self._counts[stage] += len(data)
        is_decoded = stage == len(self._decoders)
        limit = self._limit if is_decoded else self._limit_as_sent
        if limit is not None and self._counts[stage] > limit:
            raise BodyTooLarge(data[: max(0, limit + len(data) - self._counts[stage])] if is_decoded else b"")
        if is_decoded:
            yield data
            return
        for piece in self._decoders[stage].decode(data):
            yield from self._from_stage(stage + 1, piece)


def _decoder(name: str) -> _Decoder | None:
    if name in ("gzip", "x-gzip"):
        return _Zlib(zlib.MAX_WBITS | 16)
    if name == "deflate":
        return _Zlib(zlib.MAX_WBITS)
    if name == "zstd" and has_zstd():
        return _Zstd()
    if name in _UNSUPPORTED:
        raise BodyRefused(f"its body is encoded as {name}, which was not requested")
    return None


@cache
def has_zstd() -> bool:
    """Whether zstd can be decoded: the package zstandard is installed."""
    return find_spec("zstandard") is not None


def accepted_encodings() -> str:
    """The header Accept-Encoding: what can be decoded in bounded steps."""
    return "gzip, deflate, zstd" if has_zstd() else "gzip, deflate"


def only_accepted(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of a client, where Accept-Encoding names only what can be decoded here."""
    known = {*accepted_encodings().split(", "), "identity", ""}
    return [
        (name, accepted_encodings().encode())
        if name.lower() == b"accept-encoding"
        and not {text.partition(";")[0].strip() for text in value.decode("latin-1").lower().split(",")}
        <= known
        else (name, value)
        for name, value in headers
    ]
