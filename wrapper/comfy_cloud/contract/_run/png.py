"""A PNG of a few pixels, written without an image library. Pure."""

from __future__ import annotations

import struct
import zlib
from typing import Final

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_WIDTH: Final = 16
_RGB: Final = 2
_RGBA: Final = 6


def noise_png(noise: bytes, *, alpha: bool = False) -> bytes:
    """A PNG of 16 by 1 pixels made of 16 bytes of `noise`, so that it equals no other."""
    pixels = b"\0" + (noise * 4)[: _WIDTH * (4 if alpha else 3)]
    header = struct.pack(">IIBBBBB", _WIDTH, 1, 8, _RGBA if alpha else _RGB, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")]
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
