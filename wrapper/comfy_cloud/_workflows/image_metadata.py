"""The texts in the metadata of an image: PNG chunks, and EXIF in WebP and JPEG.

Pixels are skipped, and checksums are not verified. What a text means is decided in `media_files`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from .bounded_reader import Allowance, BrokenFile, MediaData, NamedText, decoded, exactly, number
from .exif import exif_texts

_TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt", b"comf")


def png_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The tEXt, zTXt and iTXt chunks of a PNG, by keyword, also those behind its end.

    Animated PNGs of ComfyUI have their texts in chunks of the type `comf`.
    """
    at, is_behind_end = 8, False
    while not is_behind_end or at + 12 <= len(data):
        allowance.count_part()
        size, kind = number(data, at, 4), exactly(data, at + 4, 4)
        if is_behind_end and (not kind.isalpha() or at + 12 + size > len(data)):
            return  # anything may follow the end
        is_behind_end = is_behind_end or kind == b"IEND"
        if kind in _TEXT_CHUNKS:
            name, _, rest = allowance.take(data, at + 8, size).partition(b"\0")
            yield decoded(name), decoded(_png_text(kind, rest, allowance))
        at += 12 + size


def _png_text(kind: bytes, rest: bytes, allowance: Allowance) -> bytes:
    if kind in (b"tEXt", b"comf"):
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
            yield from exif_texts(allowance.take(data, at + 8, size), allowance)
        at += 8 + size + size % 2


def exr_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The attributes of an OpenEXR image that are text, by name."""
    at = 8
    while name := _until_zero(data, at):
        allowance.count_part()
        at += len(name) + 1
        kind = _until_zero(data, at)
        at += len(kind) + 1
        size = number(data, at, 4, "little")
        if kind == b"string":
            yield decoded(name), decoded(allowance.take(data, at + 4, size))
        at += 4 + size


def _until_zero(data: MediaData, at: int) -> bytes:
    """The bytes before the next zero byte. Names are at most 255 bytes long."""
    name, zero, _ = data[at : at + 256].partition(b"\0")
    if not zero:
        raise BrokenFile("it ends too early")
    return name


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
            yield from exif_texts(allowance.take(data, at + 4, size - 2), allowance)
        elif kind == 0xFE:
            yield "comment", decoded(allowance.take(data, at + 4, size - 2))
        at += 2 + size
