"""The texts of EXIF metadata, which WebP, JPEG and AVIF images contain.

EXIF has no names for texts of its owner's choice, so programs write "prompt:" before the graph.
Programs that edit a file in place leave offsets that lead nowhere. A text with such a name is
therefore found by the name as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from .bounded_reader import Allowance, BrokenFile, ByteOrder, NamedText, decoded, number

# The types of text and bytes, the pointer to further entries, and the comment that begins with the
# name of its encoding.
_TEXT_TYPES = (1, 2, 7)
_EXIF_POINTER = 0x8769
_USER_COMMENT = 0x9286
_XP_COMMENT = 0x9C9C  # of Windows, in UTF-16

_NAMED = re.compile(rb"(?:^|\0)\s*(prompt|workflow)\s*:\s*(?=\{)", re.IGNORECASE)
_MOST_NAMED = 20


def exif_texts(block: bytes, allowance: Allowance) -> Iterator[NamedText]:
    """The texts of an EXIF block, with or without its six bytes of introduction."""
    yield from _named_texts(block)
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
                if tag == _XP_COMMENT:
                    yield "", _utf_16(text, "little")
                else:
                    yield "", _comment(text, order) if tag == _USER_COMMENT else decoded(text)


def _comment(text: bytes, order: ByteOrder) -> str:
    encoding, rest = text[:8], text[8:]
    if encoding == b"UNICODE\0":
        return _utf_16(rest, order)
    return decoded(rest)


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
    for count, match in enumerate(_NAMED.finditer(block)):
        if count == _MOST_NAMED:
            return
        end = block.find(b"\0", match.end())
        text = decoded(block[match.end() : end if end >= 0 else len(block)])
        try:
            _, length = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            continue
        yield decoded(match[1]).lower(), text[:length]
