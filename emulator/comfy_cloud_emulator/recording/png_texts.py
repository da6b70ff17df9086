"""The texts in a PNG that are compressed, and its checksums. Pure rules."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_LARGEST: Final = 1 << 24
"""Bytes of a text; what is larger is taken out, since it cannot be searched."""
_MOST: Final = 100
"""Compressed texts in one file that are searched; others are taken out."""


def with_clean_texts(content: bytes, clean: Callable[[bytes], bytes]) -> bytes:
    """A PNG whose compressed texts went through `clean`, with its checksums made again.

    Anything else stays as it is.
    """
    if not content.startswith(_PNG):
        return content
    made, position, left = [_PNG], len(_PNG), _MOST
    for kind, data in _chunks(content):
        position += 12 + len(data)
        head = _head_of_compressed(kind, data)
        if head is not None:
            left -= 1
            text = _decompressed(data[head:]) if left >= 0 else None
            cleaned = b"" if text is None else clean(text)
            if cleaned != text:
                data = data[:head] + zlib.compress(cleaned)
        made += [len(data).to_bytes(4, "big"), kind, data, zlib.crc32(kind + data).to_bytes(4, "big")]
    return b"".join(made) + content[position:]


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and data of the whole chunks."""
    position = len(_PNG)
    while position + 12 <= len(content):
        length = int.from_bytes(content[position : position + 4], "big")
        if position + 12 + length > len(content):
            return
        yield content[position + 4 : position + 8], content[position + 8 : position + 8 + length]
        position += 12 + length


def _head_of_compressed(kind: bytes, data: bytes) -> int | None:
    """How many bytes come before the compressed text of a chunk; None if it has none."""
    keyword = data.find(b"\0")
    if keyword < 0:
        return None
    if kind == b"zTXt":
        return keyword + 2
    if kind == b"iTXt" and data[keyword + 1 : keyword + 2] == b"\1":
        language = data.find(b"\0", keyword + 3)
        translated = data.find(b"\0", language + 1) if language >= 0 else -1
        return translated + 1 if translated >= 0 else None
    return None


def _decompressed(data: bytes) -> bytes | None:
    """The text; None if it is too large, or not compressed as it should be."""
    reader = zlib.decompressobj()
    try:
        text = reader.decompress(data, _LARGEST)
    except zlib.error:
        return None
    return text if reader.eof else None
