"""The size of a WebP's canvas, from the head of the file. Decodes nothing."""

from __future__ import annotations

from typing import BinaryIO

_HEAD = 30
_MASK = (1 << 14) - 1


def of(content: BinaryIO) -> tuple[int, int] | None:
    """Width and height in pixels, or None when the file is not a WebP. Rewinds the file."""
    content.seek(0)
    head = content.read(_HEAD)
    content.seek(0)
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP" or len(head) < _HEAD:
        return None
    match head[12:16]:
        case b"VP8X":  # the canvas of an extended file, each edge less one
            return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return 1 + (bits & _MASK), 1 + (bits >> 14 & _MASK)
        case b"VP8 ":
            edges = (int.from_bytes(head[start : start + 2], "little") for start in (26, 28))
            return next(edges) & _MASK, next(edges) & _MASK
        case _:
            return None
