"""The texts in the metadata of video and audio files: MP4, WebM, FLAC, MP3 and Ogg.

The video and audio data is skipped, so the size of a file does not matter. What a text means is
decided in `media_files`.
"""

from __future__ import annotations

from collections.abc import Iterator

from .bounded_reader import Allowance, BrokenFile, MediaData, NamedText, decoded, exactly, number

# Matroska: the elements that lead to a tag, and the two parts of a tag.
_PARENTS = frozenset((0x18538067, 0x1254C367, 0x7373, 0x67C8))
_TAG_NAME, _TAG_TEXT = 0x45A3, 0x4487

_MOST_OGG_PAGES = 2_000


# MP4 and related formats: boxes in boxes


def mp4_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The texts of an MP4 or MOV file, by key; a comment without a key is called "comment"."""
    for kind, start, end in boxes(data, 0, len(data), allowance):
        if kind == b"moov":
            yield from _movie_texts(data, start, end, allowance)


def _movie_texts(data: MediaData, start: int, end: int, allowance: Allowance) -> Iterator[NamedText]:
    for kind, inner, after in boxes(data, start, end, allowance):
        if kind == b"udta":
            yield from _movie_texts(data, inner, after, allowance)
        elif kind == b"meta":
            yield from _meta_texts(data, inner, after, allowance)
        elif kind[:1] == b"\xa9":  # QuickTime: length and language (two bytes each), then the text
            yield _key_of(kind), decoded(allowance.take(data, inner, after - inner)[4:])


def _meta_texts(data: MediaData, start: int, end: int, allowance: Allowance) -> Iterator[NamedText]:
    # MP4 has four version bytes before the boxes, QuickTime has none.
    if exactly(data, start, min(8, end - start))[4:] != b"hdlr":
        start += 4
    keys: list[str] = []
    for kind, inner, after in boxes(data, start, end, allowance):
        if kind == b"keys":
            keys = [
                decoded(allowance.take(data, at, stop - at))
                for _, at, stop in boxes(data, inner + 8, after, allowance)
            ]
        elif kind == b"ilst":
            for item, at, stop in boxes(data, inner, after, allowance):
                index = int.from_bytes(item, "big") - 1
                name = keys[index] if 0 <= index < len(keys) else _key_of(item)
                yield from _item_texts(data, at, stop, name, allowance)


def _item_texts(
    data: MediaData, start: int, end: int, name: str, allowance: Allowance
) -> Iterator[NamedText]:
    for kind, inner, after in boxes(data, start, end, allowance):
        content = allowance.take(data, inner, after - inner) if kind in (b"name", b"data") else b""
        if kind == b"name":
            name = decoded(content[4:])
        elif kind == b"data":
            yield name, decoded(content[8:])


def _key_of(kind: bytes) -> str:
    return "comment" if kind == b"\xa9cmt" else decoded(kind)


def boxes(data: MediaData, at: int, end: int, allowance: Allowance) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of the content of each box of a file in the manner of MP4."""
    while at + 8 <= end:
        allowance.count_part()
        size, kind, header = number(data, at, 4), exactly(data, at + 4, 4), 8
        if size == 1:
            size, header = number(data, at + 8, 8), 16
        elif size == 0:
            if kind == b"\0\0\0\0":  # four zero bytes may end a list
                return
            size = end - at
        if size < header or at + size > end:
            raise BrokenFile("it ends too early")
        yield kind, at + header, at + size
        at += size


# WebM and Matroska: elements in elements


def matroska_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The tags of a WebM or Matroska file, by name.

    Only elements that lead to a tag are entered. An element of unknown length, as in a live
    recording, is entered too: its children are skipped one by one.
    """
    at, name = 0, ""
    while at < len(data):
        allowance.count_part()
        kind, at = _element_number(data, at, is_kind=True)
        size, at = _element_number(data, at, is_kind=False)
        if kind in _PARENTS or size is None:
            name = "" if kind == 0x67C8 else name
            continue
        if kind == _TAG_NAME:
            name = decoded(allowance.take(data, at, size))
        elif kind == _TAG_TEXT:
            yield name, decoded(allowance.take(data, at, size))
        at += size
    if at > len(data):
        raise BrokenFile("it ends too early")


def _element_number(data: MediaData, at: int, *, is_kind: bool) -> tuple[int | None, int]:
    """A variable-length number, and the offset behind it; None for an unknown length."""
    first = number(data, at, 1)
    length = 9 - first.bit_length()
    if length > (4 if is_kind else 8):
        raise BrokenFile("an element in it is damaged")
    found = number(data, at, length)
    if is_kind:
        return found, at + length
    mask = (1 << 7 * length) - 1
    return None if found & mask == mask else found & mask, at + length


# Audio


def flac_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The comments of a FLAC file, by name."""
    at, is_last = 4, False
    while not is_last:
        allowance.count_part()
        head, size = number(data, at, 1), number(data, at + 1, 3)
        is_last = head >= 128
        if head & 127 == 4:
            yield from _vorbis_comments(allowance.take(data, at + 4, size), allowance)
        at += 4 + size


def ogg_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The comments of an Opus or Vorbis file, by name.

    They are in the first pages, perhaps across several.
    """
    at, joined = 0, bytearray()
    for _ in range(_MOST_OGG_PAGES):
        if at >= len(data):
            break
        allowance.count_part()
        if exactly(data, at, 4) != b"OggS":
            raise BrokenFile("a page is missing")
        lengths = exactly(data, at + 27, number(data, at + 26, 1))
        at += 27 + len(lengths)
        joined += allowance.take(data, at, sum(lengths))
        at += sum(lengths)
        # A packet ends with a page whose last segment is not full.
        if lengths[-1:] != b"\xff":
            for mark in (b"OpusTags", b"\x03vorbis"):
                if joined.startswith(mark):
                    yield from _vorbis_comments(bytes(joined[len(mark) :]), allowance)
                    return
            joined.clear()


def _vorbis_comments(block: bytes, allowance: Allowance) -> Iterator[NamedText]:
    at = 4 + number(block, 0, 4, "little")
    count = number(block, at, 4, "little")
    at += 4
    for _ in range(count):
        allowance.count_part()
        size = number(block, at, 4, "little")
        name, _, text = exactly(block, at + 4, size).partition(b"=")
        yield decoded(name), decoded(text)
        at += 4 + size


def mp3_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The user-defined texts of an ID3 tag of version 2.3 or 2.4, by description."""
    version, flags = number(data, 3, 1), number(data, 5, 1)
    if version not in (3, 4):
        return
    tag = allowance.take(data, 10, _seven_bits(exactly(data, 6, 4)))
    if flags & 0x80:
        tag = tag.replace(b"\xff\0", b"\xff")
    at = 0
    if flags & 0x40:  # an extended header; since version 2.4 its length includes itself
        at = number(tag, 0, 4) + 4 if version == 3 else _seven_bits(exactly(tag, 0, 4))
    while at + 10 <= len(tag) and tag[at]:
        allowance.count_part()
        kind, length = tag[at : at + 4], tag[at + 4 : at + 8]
        size = _seven_bits(length) if version == 4 else int.from_bytes(length, "big")
        content = exactly(tag, at + 10, size)
        if kind == b"TXXX":
            name, _, text = _id3_text(content).partition("\0")
            yield name, text.lstrip("\ufeff")
        at += 10 + size


def _id3_text(content: bytes) -> str:
    encoding = {1: "utf-16", 2: "utf-16-be"}.get(content[0] if content else 0)
    return content[1:].decode(encoding, "replace") if encoding else decoded(content[1:])


def _seven_bits(four: bytes) -> int:
    return sum((byte & 127) << shift for byte, shift in zip(four, (21, 14, 7, 0), strict=True))
