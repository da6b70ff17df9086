"""The texts of EXIF metadata, which images of most formats contain, and those of TIFF images.

EXIF has no names for texts of its owner's choice, so programs write "prompt:" before the graph.
Programs that edit a file in place leave offsets that lead nowhere. A text with such a name is
therefore found by the name as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice

from .bounded_reader import Allowance, BrokenFile, ByteOrder, MediaData, NamedText, decoded, number
from .embedded_json import has_too_many_values
from .raw_search import texts_in_bytes
from .xml_texts import xml_texts

EXIF_MARK = b"Exif\0\0"
TIFF_MARKS = (b"II*\0", b"MM\0*")

# The types of text and bytes. Photoshop data and captions are bytes, which some write as integers.
_TEXT_TYPES = (1, 2, 7, 129)
_WIDTHS = {1: 1, 2: 1, 4: 4, 7: 1, 129: 1}
_XMP, _CAPTIONS, _PHOTOSHOP = 0x02BC, 0x83BB, 0x8649
# The pointers to further entries: EXIF, GPS, and parts of an image.
_POINTERS = (0x8769, 0x8825, 0xA005, 0x014A)
_USER_COMMENT = 0x9286  # it begins with the name of its encoding
_OF_WINDOWS = range(0x9C9B, 0x9CA0)  # title, comment, author, keywords and subject, in UTF-16
_ENCODINGS = (b"ASCII\0\0\0", b"UNICODE\0", b"Unicode\0", b"JIS\0\0\0\0\0", bytes(8))
_MOST_DIRECTORIES = 100

_NAMED = re.compile(rb"([Pp](?i:rompt)|[Ww](?i:orkflow))\s{0,20}:\s{0,20}(?=\{)")
_MOST_NAMED = 20


def exif_texts(block: bytes, allowance: Allowance) -> Iterator[NamedText]:
    """The texts of an EXIF block, with or without its six bytes of introduction."""
    yield from _named_texts(block)
    yield from tiff_texts(block.removeprefix(EXIF_MARK), allowance)


def tiff_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The texts of a TIFF image, or of an EXIF block, which has the same form.

    An entry that leads nowhere does not hide the others: BrokenFile is raised at the end.
    """
    if data[:4] not in TIFF_MARKS:
        raise BrokenFile("its EXIF data is damaged")
    order: ByteOrder = "little" if data[:2] == b"II" else "big"
    directories = [number(data, 4, 4, order)]
    damage: BrokenFile | None = None
    for start in directories:
        try:
            count = number(data, start, 2, order)
            for at in range(start + 2, start + 2 + 12 * count, 12):
                allowance.count_part()
                tag = number(data, at, 2, order)
                if tag in _POINTERS:
                    _add(directories, number(data, at + 8, 4, order))
                    continue
                try:
                    yield from _entry_texts(data, at, tag, order, allowance)
                except BrokenFile as error:
                    damage = error
            _add(directories, number(data, start + 2 + 12 * count, 4, order))
        except BrokenFile as error:
            damage = error
    if damage is not None:
        raise damage


def _add(directories: list[int], start: int) -> None:
    if start and start not in directories and len(directories) < _MOST_DIRECTORIES:
        directories.append(start)


def _entry_texts(
    data: MediaData, at: int, tag: int, order: ByteOrder, allowance: Allowance
) -> Iterator[NamedText]:
    kind, size = number(data, at + 2, 2, order), number(data, at + 4, 4, order)
    if kind not in _TEXT_TYPES and tag not in (_CAPTIONS, _PHOTOSHOP):
        return
    size *= _WIDTHS.get(kind, 1)
    text = allowance.take(data, at + 8 if size <= 4 else number(data, at + 8, 4, order), size)
    if tag == _XMP:
        yield from xml_texts(text, allowance)
    elif tag in (_CAPTIONS, _PHOTOSHOP):
        yield from texts_in_bytes(text, allowance.search)
    elif tag == _USER_COMMENT:
        yield "", _comment(text, order)
    elif tag in _OF_WINDOWS or _is_utf_16(text):
        yield "", _utf_16(text, "little")
    else:
        yield "", decoded(text)


def _comment(text: bytes, order: ByteOrder) -> str:
    # Some programs leave the name of the encoding out.
    rest = text[8:] if text[:8] in _ENCODINGS else text
    if _is_utf_16(rest):
        return _utf_16(rest, order)
    return decoded(rest)


def _is_utf_16(text: bytes) -> bool:
    """Whether it is UTF-16, whatever its encoding is called: its first character is ASCII."""
    if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    return len(text) > 3 and (text[0] == 0) != (text[1] == 0) and (text[2] == 0) != (text[3] == 0)


def _utf_16(text: bytes, order: ByteOrder) -> str:
    """UTF-16 text. Some programs use another byte order for it than for the rest."""
    if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return text.decode("utf-16", "replace")
    # What begins a workflow is ASCII: one byte of its first character is zero.
    if len(text) > 1 and (text[0] == 0) != (text[1] == 0):
        order = "big" if text[0] == 0 else "little"
    return text.decode("utf-16-le" if order == "little" else "utf-16-be", "replace")


def _named_texts(block: bytes) -> Iterator[NamedText]:
    """The texts that begin with a name and are JSON, wherever they are in the block."""
    for match in islice(_NAMED.finditer(block), _MOST_NAMED):
        before = block[max(0, match.start() - 20) : match.start()].rstrip()
        if before and before[-1:] != b"\0":
            continue
        end = block.find(b"\0", match.end())
        text = decoded(block[match.end() : end if end >= 0 else len(block)])
        if has_too_many_values(text):
            continue
        try:
            length = json.JSONDecoder().raw_decode(text)[1]
        except (ValueError, RecursionError):
            continue
        yield decoded(match[1]).lower(), text[:length]
