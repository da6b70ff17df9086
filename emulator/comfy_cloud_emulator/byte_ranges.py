"""Parts of files over HTTP: which bytes a Range means, which names a validator has, and the bytes in pieces.

Values only; what is answered is decided in `storage` and in the dialect's `view`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import BinaryIO, Final

PIECE: Final = 1 << 18
"""Bytes sent at a time."""
RANGE: Final = re.compile(r"bytes=(?:([0-9]{1,19})-([0-9]{0,19})|-([0-9]{1,19}))")
"""A header that asks for one part."""


def names(header: str | None, etag: str) -> bool:
    """Whether an If-None-Match header names a validator."""
    return header is not None and (
        header.strip() == "*" or etag in [part.strip() for part in header.split(",")]
    )


def bounds(span: re.Match[str], size: int) -> tuple[int, int]:
    """First and last byte; a first beyond the last when nothing can be sent."""
    begin, end, suffix = span.groups()
    if suffix is not None:
        return (max(0, size - int(suffix)), size - 1) if int(suffix) else (size, size - 1)
    last = min(int(end), size - 1) if end else size - 1
    return (int(begin), last) if not end or int(begin) <= int(end) else (size, size - 1)


async def pieces(opened: BinaryIO, first: int, length: int) -> AsyncIterator[bytes]:
    """So many bytes of an open file from a place on; the file is closed in the end."""
    with opened:
        opened.seek(first)
        while length > 0 and (piece := opened.read(min(PIECE, length))):
            length -= len(piece)
            yield piece
