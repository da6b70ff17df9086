"""The texts in the metadata of an image: PNG, WebP, JPEG, GIF, TIFF and OpenEXR.

Pixels are skipped, and checksums are not verified. What a text means is decided in `media_files`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from .bounded_reader import Allowance, BrokenFile, MediaData, NamedText, decoded, exactly, number
from .exif import EXIF_MARK, exif_texts
from .metadata_blocks import block_texts, unpacked_profile

_TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt", b"comf")
_XMP_NAME = "XML:com.adobe.xmp"
_PROFILE_NAME = "raw profile type "
# The parts of a JPEG that hold metadata; APP2 has colour profiles.
_APPLICATION_PARTS = range(0xE1, 0xF0)
_COMMENT = 0xFE
_FULL_PART = 60_000  # bytes; a part that is shorter than the largest by far is not continued
_MORE_XMP = b"http://ns.adobe.com/xmp/extension/\0"
# What says which XMP it continues, how long that is, and where this part begins.
_MORE_XMP_HEAD = len(_MORE_XMP) + 32 + 4 + 4


def png_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The texts of a PNG by keyword, also those behind its end, and its EXIF and XMP.

    Animated PNGs of ComfyUI have their texts in chunks of the type `comf`.
    """
    damage: BrokenFile | None = None
    try:
        for kind, at, size in _png_chunks(data, allowance):
            try:
                if kind in _TEXT_CHUNKS:
                    yield from _png_texts(kind, allowance.take(data, at, size), allowance)
                elif kind == b"eXIf":
                    yield from block_texts(allowance.take(data, at, size), allowance)
            except BrokenFile as error:  # the next text may be whole
                damage = damage or error
    except BrokenFile as error:
        damage = damage or error
    if damage is not None:
        raise damage


def _png_chunks(data: MediaData, allowance: Allowance) -> Iterator[tuple[bytes, int, int]]:
    """The type of each chunk, and the offset and size of its content."""
    at, is_behind_end = 8, False
    while not is_behind_end or at + 12 <= len(data):
        allowance.count_part()
        size, kind = number(data, at, 4), exactly(data, at + 4, 4)
        if is_behind_end and (not kind.isalpha() or at + 12 + size > len(data)):
            return  # anything may follow the end
        is_behind_end = is_behind_end or kind == b"IEND"
        yield kind, at + 8, size
        at += 12 + size


def _png_texts(kind: bytes, content: bytes, allowance: Allowance) -> Iterator[NamedText]:
    keyword, _, rest = content.partition(b"\0")
    name, text = decoded(keyword), _png_text(kind, rest, allowance)
    if name == _XMP_NAME:
        yield from block_texts(text, allowance)
    elif name.lower().startswith(_PROFILE_NAME):
        yield from block_texts(unpacked_profile(text), allowance)
    else:
        yield name, decoded(text)


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
    """The EXIF and XMP texts of a WebP."""
    at = 12
    damage: BrokenFile | None = None
    while at < len(data):
        allowance.count_part()
        kind, size = exactly(data, at, 4), number(data, at + 4, 4, "little")
        try:
            if kind == b"EXIF":
                yield from exif_texts(allowance.take(data, at + 8, size), allowance)
            elif kind == b"XMP ":
                yield from block_texts(allowance.take(data, at + 8, size), allowance)
        except BrokenFile as error:
            damage = damage or error
        at += 8 + size
        # Some programs leave out the byte that makes a size even.
        at += size % 2 if data[at : at + 1] == b"\0" else 0
    if damage is not None:
        raise damage


def gif_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The comments of a GIF, and its XMP."""
    at = 13 + _palette_size(number(data, 10, 1))
    while (mark := number(data, at, 1)) != 0x3B:
        allowance.count_part()
        if mark == 0x2C:  # an image: its position, palette, and one byte before the pixels
            at = _behind_blocks(data, at + 11 + _palette_size(number(data, at + 9, 1)), allowance)
        elif mark == 0x21:
            end = _behind_blocks(data, at + 2, allowance)
            if exactly(data, at + 1, 2) == b"\xff\x0b" and data[at + 3 : at + 14] == b"XMP DataXMP":
                yield from block_texts(allowance.take(data, at + 14, end - at - 14), allowance)
            elif number(data, at + 1, 1) == 0xFE:
                yield "comment", decoded(_blocks(allowance.take(data, at + 2, end - at - 2)))
            at = end
        else:
            raise BrokenFile("a block in it is damaged")


def _palette_size(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _behind_blocks(data: MediaData, at: int, allowance: Allowance) -> int:
    while size := number(data, at, 1):
        allowance.count_part()
        at += 1 + size
    return at + 1


def _blocks(content: bytes) -> bytes:
    """The content of blocks of at most 255 bytes each."""
    found, at = bytearray(), 0
    while at < len(content) and content[at]:
        found += content[at + 1 : at + 1 + content[at]]
        at += 1 + content[at]
    return bytes(found)


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
    """The EXIF and XMP texts and the comments of a JPEG, and workflows in its other metadata."""
    blocks: list[tuple[bytes, bytearray]] = []
    latest: dict[bytes, bytearray] = {}
    damage: BrokenFile | None = None
    try:
        for kind, part in _jpeg_parts(data, allowance):
            _add_part(blocks, latest, kind, part)
    except BrokenFile as error:
        damage = error
    for name, block in blocks:
        try:
            if name == b"":
                yield "comment", decoded(bytes(block))
            else:
                yield from block_texts(bytes(block), allowance)
        except BrokenFile as error:
            damage = damage or error
    if damage is not None:
        raise damage


def _jpeg_parts(data: MediaData, allowance: Allowance) -> Iterator[tuple[int, bytes]]:
    """The parts that may hold texts, by marker."""
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
        if kind == _COMMENT or (kind in _APPLICATION_PARTS and kind != 0xE2):
            yield kind, allowance.take(data, at + 4, size - 2)
        at += 2 + size


def _add_part(
    blocks: list[tuple[bytes, bytearray]], latest: dict[bytes, bytearray], kind: int, part: bytes
) -> None:
    """Add a part of a JPEG to the block that it continues, or as a new one.

    What is longer than 64 KiB is in several parts of the same name. Comments have no name.
    `latest` has the last block of each name.
    """
    name = b"" if kind == _COMMENT else bytes([kind]) + part[: part.find(b"\0") + 1]
    head = len(name) - 1 if name else 0
    if part.startswith(_MORE_XMP):
        name, head = part[: _MORE_XMP_HEAD - 8], _MORE_XMP_HEAD
    elif part.startswith(EXIF_MARK):
        head = len(EXIF_MARK)
    known = latest.get(name)
    if known is not None and (part.startswith(_MORE_XMP) or _is_full(known)):
        known += part[head:]
    else:
        latest[name] = bytearray(part[head:] if part.startswith(_MORE_XMP) else part)
        blocks.append((name, latest[name]))


def _is_full(block: bytearray) -> bool:
    return len(block) >= _FULL_PART
