"""The texts in the metadata of video and audio files: MP4, WebM, FLAC, MP3 and Ogg.

The video and audio data is skipped, so the size of a file does not matter. What a text means is
decided in `media_files`.
"""

from __future__ import annotations

from collections.abc import Iterator

from .bounded_reader import Allowance, BrokenFile, MediaData, NamedText, decoded, exactly, number
from .metadata_blocks import block_texts

# Matroska: the elements that lead to a tag, the parts of a tag, and the title of the file.
_PARENTS = frozenset((0x18538067, 0x1254C367, 0x7373, 0x67C8, 0x1549A966))
_TAG_NAME, _TAG_TEXTS, _TITLE = 0x45A3, (0x4487, 0x4485), 0x7BA9

# MP4: the boxes that lead to texts, and the name of XMP in it.
_MOVIE_PARTS = (b"moov", b"udta", b"trak")
_MAX_DEPTH = 8
_XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")

_MOST_OGG_PAGES = 2_000
# What precedes the comments.
_OGG_COMMENTS = (b"OpusTags", b"\x03vorbis", b"\x81theora")


# MP4 and related formats: boxes in boxes


def mp4_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The texts of an MP4 or MOV file, by key; a comment without a key is called "comment"."""
    yield from _movie_texts(data, 0, len(data), allowance)


def _movie_texts(
    data: MediaData, start: int, end: int, allowance: Allowance, depth: int = 0
) -> Iterator[NamedText]:
    for kind, inner, after in boxes(data, start, end, allowance):
        if kind in _MOVIE_PARTS and depth < _MAX_DEPTH:
            yield from _movie_texts(data, inner, after, allowance, depth + 1)
        elif kind == b"meta":
            yield from _meta_texts(data, inner, after, allowance)
        elif kind == b"XMP_":
            yield from block_texts(allowance.take(data, inner, after - inner), allowance)
        elif kind == b"uuid" and after - inner > 16 and exactly(data, inner, 16) == _XMP_BOX:
            yield from block_texts(allowance.take(data, inner + 16, after - inner - 16), allowance)
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
            # The type of the text: 2 is UTF-16.
            yield (
                name,
                content[8:].decode("utf-16-be", "replace") if content[3:4] == b"\2" else decoded(content[8:]),
            )


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
        elif kind == _TITLE:
            yield "title", decoded(allowance.take(data, at, size))
        elif kind in _TAG_TEXTS:
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
    """The comments of the first Opus, Vorbis, FLAC or Theora stream, by name.

    They are in the first pages, perhaps across several, between those of other streams.
    """
    at = 0
    packets: dict[int, bytearray] = {}
    for _ in range(_MOST_OGG_PAGES):
        if at >= len(data):
            break
        allowance.count_part()
        if exactly(data, at, 4) != b"OggS":
            raise BrokenFile("a page is missing")
        packet = packets.setdefault(number(data, at + 14, 4), bytearray())
        lengths = exactly(data, at + 27, number(data, at + 26, 1))
        at += 27 + len(lengths)
        page, begins = allowance.take(data, at, sum(lengths)), 0
        at += len(page)
        for length in lengths:
            packet += page[begins : begins + length]
            begins += length
            if length < 255:  # the packet ends
                start = _comments_in(packet)
                if start:
                    yield from _vorbis_comments(bytes(packet[start:]), allowance)
                    return
                packet.clear()


def _comments_in(packet: bytearray) -> int:
    """Where the comments begin in a packet; 0 if it has none."""
    if (
        bytes(packet[:1]) in (b"\4", b"\x84") and number(bytes(packet[:4]).ljust(4), 1, 3) == len(packet) - 4
    ):  # of FLAC
        return 4
    return next((len(mark) for mark in _OGG_COMMENTS if packet.startswith(mark)), 0)


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
    """The texts of an ID3 tag, by description; a comment without one is called "comment"."""
    version, flags = number(data, 3, 1), number(data, 5, 1)
    if version not in (2, 3, 4):
        return
    tag = allowance.take(data, 10, _seven_bits(exactly(data, 6, 4)))
    if flags & 0x80:
        tag = tag.replace(b"\xff\0", b"\xff")
    at = 0
    if flags & 0x40 and version > 2:  # an extended header; since version 2.4 its length includes itself
        at = number(tag, 0, 4) + 4 if version == 3 else _seven_bits(exactly(tag, 0, 4))
    wide, header = (3, 6) if version == 2 else (4, 10)
    while at + header <= len(tag) and tag[at]:
        allowance.count_part()
        kind, length = tag[at : at + wide], tag[at + wide : at + 2 * wide]
        size = _seven_bits(length) if version == 4 else int.from_bytes(length, "big")
        yield from _id3_texts(kind, exactly(tag, at + header, size))
        at += header + size


def _id3_texts(kind: bytes, content: bytes) -> Iterator[NamedText]:
    if kind[:3] == b"TXX":
        name, _, text = _id3_text(content).partition("\0")
        yield name, text.lstrip("\ufeff")
    elif kind in (b"COM", b"COMM", b"ULT", b"USLT"):  # with a language of three letters
        name, _, text = _id3_text(content[:1] + content[4:]).partition("\0")
        yield name or "comment", text.lstrip("\ufeff")
    elif kind[:1] == b"T":
        yield decoded(kind), _id3_text(content)
    elif kind == b"PRIV":
        name, _, text = decoded(content).partition("\0")
        yield name, text


def _id3_text(content: bytes) -> str:
    encoding = {1: "utf-16", 2: "utf-16-be"}.get(content[0] if content else 0)
    return content[1:].decode(encoding, "replace") if encoding else decoded(content[1:])


def _seven_bits(four: bytes) -> int:
    return sum((byte & 127) << shift for byte, shift in zip(four, (21, 14, 7, 0), strict=True))
