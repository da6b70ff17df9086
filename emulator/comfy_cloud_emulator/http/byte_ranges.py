"""Byte ranges of files: which one a request wants, entity tags, and reading a file in chunks.

Supports single ranges only, as players and resumed downloads send them; anything else gets the
whole file.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import BinaryIO, Final, NamedTuple

from starlette.datastructures import Headers

CHUNK: Final = 1 << 18
"""Bytes sent at a time."""
_RANGE: Final = re.compile(r"bytes=(?:([0-9]{1,19})-([0-9]{0,19})|-([0-9]{1,19}))")


class ByteRange(NamedTuple):
    """The first and last byte to send of a file of `size` bytes.

    `first` is greater than `last` when there is nothing to send.
    """

    first: int
    last: int
    size: int
    is_range: bool

    @property
    def is_beyond(self) -> bool:
        """Whether the requested range lies outside the file."""
        return self.is_range and self.first > self.last

    @property
    def length(self) -> int:
        """Number of bytes to send."""
        return self.last - self.first + 1

    @property
    def status(self) -> int:
        """200 for the whole file, 206 for a range."""
        return 206 if self.is_range else 200

    @property
    def headers(self) -> dict[str, str]:
        """Content-Length, and Content-Range for a range."""
        headers = {"content-length": str(self.length)}
        if self.is_range:
            headers["content-range"] = f"bytes {self.first}-{self.last}/{self.size}"
        return headers


def requested_range(request_headers: Headers, etag: str, size: int) -> ByteRange:
    """The range of a file that a request wants, by its Range and If-Range headers."""
    header = request_headers.get("range")
    # A range of another version of the file would not fit what the client has.
    return parse_range(header if request_headers.get("if-range", etag) == etag else None, size)


def parse_range(header: str | None, size: int) -> ByteRange:
    """The range that a Range header means."""
    span = None if header is None else _RANGE.fullmatch(header)
    if span is None:
        return ByteRange(0, size - 1, size, is_range=False)
    return ByteRange(*_bounds(span, size), size, is_range=True)


def matches_etag(header: str | None, etag: str) -> bool:
    """Whether an If-None-Match header matches an entity tag."""
    return header is not None and (
        header.strip() == "*" or etag in [part.strip() for part in header.split(",")]
    )


async def chunks(opened: BinaryIO, first: int, length: int) -> AsyncIterator[bytes]:
    """`length` bytes from `first` on. Closes the file at the end."""
    with opened:
        opened.seek(first)
        while length > 0 and (chunk := opened.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk


def _bounds(span: re.Match[str], size: int) -> tuple[int, int]:
    begin, end, suffix = span.groups()
    if suffix is not None:
        return (max(0, size - int(suffix)), size - 1) if int(suffix) else (size, size - 1)
    last = min(int(end), size - 1) if end else size - 1
    return (int(begin), last) if not end or int(begin) <= int(end) else (size, size - 1)
