"""The texts in the metadata of an image: PNG text chunks, and EXIF in WebP and JPEG.

Pixels are skipped, and checksums are not verified. What a text means is decided in `media_files`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from .bounded_reader import Allowance, BrokenFile, ByteOrder, MediaData, NamedText, decoded, exactly, number

# EXIF: the types of text and bytes, the pointer to further entries, and the comment that begins
# with the name of its encoding.
_TEXT_TYPES = (1, 2, 7)
_EXIF_POINTER = 0x8769
_USER_COMMENT = 0x9286


def png_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The tEXt, zTXt and iTXt chunks of a PNG, by keyword."""
    at = 8
    while True:
        allowance.count_part()
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
    # iTXt: compression flag, compression method, language, translated keyword, text.
    _, _, after_language = rest[2:].partition(b"\0")
    text = after_language.partition(b"\0")[2]
    return _inflated(text, allowance) if rest[:1] == b"\1" else text


def _inflated(packed: bytes, allowance: Allowance) -> bytes:
    """The text compressed by zlib, up to the allowance: a few bytes can unpack to gigabytes."""
    try:
        text = zlib.decompressobj().decompress(packed, allowance.text + 1)
    except zlib.error:
        raise BrokenFile("a compressed text in it is damaged") from None
    allowance.count_text(len(text))
    return text


def webp_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The EXIF texts of a WebP."""
    at = 12
    while at < len(data):
        allowance.count_part()
        kind, size = exactly(data, at, 4), number(data, at + 4, 4, "little")
        if kind == b"EXIF":
            yield from _exif_texts(allowance.take(data, at + 8, size), allowance)
        at += 8 + size + size % 2


def jpeg_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The EXIF texts and the comments of a JPEG."""
    at = 2
    while True:
        allowance.count_part()
        mark, kind = exactly(data, at, 2)
        if mark != 0xFF:
            raise BrokenFile("a marker is missing")
        if kind == 0xFF:  # padding
            at += 1
            continue
        if kind in (0xD9, 0xDA):  # the end, or the start of the pixels
            return
        size = number(data, at + 2, 2)
        if kind == 0xE1 and exactly(data, at + 4, size - 2)[:4] == b"Exif":
            yield from _exif_texts(allowance.take(data, at + 4, size - 2), allowance)
        elif kind == 0xFE:
            yield "comment", decoded(allowance.take(data, at + 4, size - 2))
        at += 2 + size


def _exif_texts(block: bytes, allowance: Allowance) -> Iterator[NamedText]:
    tiff = block[6:] if block[:6] == b"Exif\0\0" else block
    order: ByteOrder = "little" if tiff[:2] == b"II" else "big"
    if tiff[:2] not in (b"II", b"MM") or number(tiff, 2, 2, order) != 42:
        raise BrokenFile("its EXIF data is damaged")
    directories = [number(tiff, 4, 4, order)]
    for start in directories:
        for entry in range(number(tiff, start, 2, order)):
            allowance.count_part()
            at = start + 2 + 12 * entry
            tag, kind = number(tiff, at, 2, order), number(tiff, at + 2, 2, order)
            size = number(tiff, at + 4, 4, order)
            if tag == _EXIF_POINTER and len(directories) == 1:
                directories.append(number(tiff, at + 8, 4, order))
            elif kind in _TEXT_TYPES:
                start_of_text = at + 8 if size <= 4 else number(tiff, at + 8, 4, order)
                text = allowance.take(tiff, start_of_text, size)
                yield "", _comment(text, order) if tag == _USER_COMMENT else decoded(text)


def _comment(text: bytes, order: ByteOrder) -> str:
    encoding, rest = text[:8], text[8:]
    if encoding == b"UNICODE\0":
        return rest.decode("utf-16-le" if order == "little" else "utf-16-be", "replace")
    return decoded(rest)
