"""The texts in a block of metadata, whose kind its beginning shows: EXIF, XMP, or something else.

Image formats differ in where they keep such blocks, and share what is in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .bounded_reader import Allowance, NamedText
from .exif import EXIF_MARK, TIFF_MARKS, exif_texts
from .raw_search import texts_in_bytes
from .xml_texts import xml_texts

XMP_MARK = b"http://ns.adobe.com/xap/1.0/\0"
# Byte order marks and white space, in UTF-8 or UTF-16.
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe\0 \t\n\r\v\f"


def block_texts(block: bytes, allowance: Allowance) -> Iterator[NamedText]:
    """The texts of EXIF by their prefix, of XMP by property; of other blocks, the workflows."""
    block = block.removeprefix(XMP_MARK)
    if block.startswith((EXIF_MARK, *TIFF_MARKS)):
        yield from exif_texts(block, allowance)
    elif block.lstrip(_BEFORE_XML)[:1] == b"<":
        yield from xml_texts(block, allowance)
    else:
        yield from texts_in_bytes(block, allowance.search)


def unpacked_profile(text: bytes) -> bytes:
    """The block in a PNG text called "Raw profile type ...": its length, then hexadecimal digits.

    ImageMagick and ExifTool write EXIF and XMP so.
    """
    # Possessive: a text of line breaks would take quadratic time.
    head = re.match(rb"\s*+[^\n]*+\n\s*+\d++\s", text)
    try:
        return bytes.fromhex(text[head.end() :].decode("ascii")) if head else b""
    except ValueError:
        return b""
