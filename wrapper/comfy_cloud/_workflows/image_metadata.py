"""The texts in the metadata of a picture: PNG text chunks, and EXIF in WebP and JPEG; and what reading may cost.

Every length in a file is a claim: it is checked against what is there, and against an allowance for the whole file. The pixels are
not looked at, and checksums are not verified. What a text means is decided in `graph_files`.
"""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Iterator
from typing import Literal, TypeAlias

Content: TypeAlias = "bytes | mmap.mmap"
# The name of a text, empty where the format has none, and the text.
Text: TypeAlias = "tuple[str, str]"

_Order: TypeAlias = Literal["big", "little"]

# EXIF: the types that hold text or bytes, the pointer to further entries, and the comment that begins with its encoding.
_TEXT_TYPES = (1, 2, 7)
_EXIF_POINTER = 0x8769
_USER_COMMENT = 0x9286


class BrokenFile(Exception):
    """A file is not what its beginning says; the message tells why, as a part of a sentence."""


class Allowance:
    """What reading one file may cost: so many parts looked at, and so many bytes of text in all."""

    def __init__(self, *, parts: int = 100_000, text: int = 32 * 1024 * 1024) -> None:
        self._parts = parts
        self.text = text

    def part(self) -> None:
        """Count a part. Raises BrokenFile when there are too many."""
        self._parts -= 1
        if self._parts < 0:
            raise BrokenFile("it has too many parts")

    def take(self, data: Content, at: int, size: int) -> bytes:
        """Copy text out of the file. Raises BrokenFile when it is not all there, or too much."""
        if at + size > len(data):
            raise BrokenFile("it breaks off")
        self.spend(size)
        return exactly(data, at, size)

    def spend(self, size: int) -> None:
        """Count bytes of text. Raises BrokenFile when there are too many."""
        if size > self.text:
            raise BrokenFile("its metadata is too large")
        self.text -= size


def exactly(data: Content, at: int, size: int) -> bytes:
    """`size` bytes at `at`. Raises BrokenFile when the file ends before."""
    if at < 0 or size < 0 or at + size > len(data):
        raise BrokenFile("it breaks off")
    return data[at : at + size]


def number(data: Content, at: int, size: int, order: _Order = "big") -> int:
    """The unsigned number in `size` bytes at `at`. Raises BrokenFile when the file ends before."""
    return int.from_bytes(exactly(data, at, size), order)


def decoded(content: bytes) -> str:
    """Text as UTF-8, else as Latin-1, which never fails: many programs write the former where the latter is the rule."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def png_texts(data: Content, allowance: Allowance) -> Iterator[Text]:
    """The tEXt, zTXt and iTXt chunks of a PNG, by keyword."""
    at = 8
    while True:
        allowance.part()
        size, kind = number(data, at, 4), exactly(data, at + 4, 4)
        if kind == b"IEND":
            return
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            name, _, rest = allowance.take(data, at + 8, size).partition(b"\0")
            yield decoded(name), decoded(_png_text(kind, rest, allowance))
        at += 12 + size


def _png_text(kind: bytes, rest: bytes, allowance: Allowance) -> bytes:
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt":
        return _inflated(rest[1:], allowance)
    # iTXt: compressed or not, how, language, translated keyword, text.
    _, _, after_language = rest[2:].partition(b"\0")
    text = after_language.partition(b"\0")[2]
    return _inflated(text, allowance) if rest[:1] == b"\1" else text


def _inflated(packed: bytes, allowance: Allowance) -> bytes:
    """The text that zlib packed. A few bytes can be made to unpack to gigabytes, so no more than allowed is unpacked."""
    try:
        text = zlib.decompressobj().decompress(packed, allowance.text + 1)
    except zlib.error:
        raise BrokenFile("a compressed text in it cannot be read") from None
    allowance.spend(len(text))
    return text


def webp_texts(data: Content, allowance: Allowance) -> Iterator[Text]:
    """The EXIF texts of a WebP."""
    at = 12
    while at < len(data):
        allowance.part()
        kind, size = exactly(data, at, 4), number(data, at + 4, 4, "little")
        if kind == b"EXIF":
            yield from _exif_texts(allowance.take(data, at + 8, size), allowance)
        at += 8 + size + size % 2


def jpeg_texts(data: Content, allowance: Allowance) -> Iterator[Text]:
    """The EXIF texts and the comments of a JPEG."""
    at = 2
    while True:
        allowance.part()
        mark, kind = exactly(data, at, 2)
        if mark != 0xFF:
            raise BrokenFile("a marker is missing")
        if kind == 0xFF:  # padding
            at += 1
            continue
        if kind in (0xD9, 0xDA):  # the end, or the beginning of the pixels
            return
        size = number(data, at + 2, 2)
        if kind == 0xE1 and exactly(data, at + 4, size - 2)[:4] == b"Exif":
            yield from _exif_texts(allowance.take(data, at + 4, size - 2), allowance)
        elif kind == 0xFE:
            yield "comment", decoded(allowance.take(data, at + 4, size - 2))
        at += 2 + size


def _exif_texts(block: bytes, allowance: Allowance) -> Iterator[Text]:
    tiff = block[6:] if block[:6] == b"Exif\0\0" else block
    order: _Order = "little" if tiff[:2] == b"II" else "big"
    if tiff[:2] not in (b"II", b"MM") or number(tiff, 2, 2, order) != 42:
        raise BrokenFile("its EXIF data is damaged")
    directories = [number(tiff, 4, 4, order)]
    for start in directories:
        for entry in range(number(tiff, start, 2, order)):
            allowance.part()
            at = start + 2 + 12 * entry
            tag, kind = number(tiff, at, 2, order), number(tiff, at + 2, 2, order)
            size = number(tiff, at + 4, 4, order)
            if tag == _EXIF_POINTER and len(directories) == 1:
                directories.append(number(tiff, at + 8, 4, order))
            elif kind in _TEXT_TYPES:
                place = at + 8 if size <= 4 else number(tiff, at + 8, 4, order)
                text = allowance.take(tiff, place, size)
                yield "", _comment(text, order) if tag == _USER_COMMENT else decoded(text)


def _comment(text: bytes, order: _Order) -> str:
    encoding, rest = text[:8], text[8:]
    if encoding == b"UNICODE\0":
        return rest.decode("utf-16-le" if order == "little" else "utf-16-be", "replace")
    return decoded(rest)
