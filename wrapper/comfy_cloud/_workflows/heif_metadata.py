"""The EXIF texts of AVIF and HEIF images. What a text means is decided in `media_files`."""

from __future__ import annotations

from collections.abc import Iterator

from .av_metadata import boxes
from .bounded_reader import Allowance, BrokenFile, MediaData, NamedText, exactly, number
from .exif import exif_texts


def heif_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The EXIF texts of an AVIF or HEIF image: ISO 23008-12, an item of the type Exif."""
    for kind, start, end in boxes(data, 0, len(data), allowance):
        if kind != b"meta":
            continue
        exif_ids: set[int] = set()
        places: dict[int, list[tuple[int, int]]] = {}
        for inner, at, stop in boxes(data, start + 4, end, allowance):
            if inner == b"iinf":
                exif_ids = _exif_items(data, at, stop, allowance)
            elif inner == b"iloc":
                places = _places(data, at, allowance)
        for item in sorted(exif_ids & places.keys()):
            block = b"".join(allowance.take(data, at, size) for at, size in places[item])
            # Four bytes say how much introduction precedes the EXIF block.
            yield from exif_texts(block[4 + number(block, 0, 4) :], allowance)


def _exif_items(data: MediaData, start: int, end: int, allowance: Allowance) -> set[int]:
    """The ids of the items of the type Exif."""
    first = start + (6 if number(data, start, 1) == 0 else 8)
    found = set()
    for kind, at, _ in boxes(data, first, end, allowance):
        version = number(data, at, 1)
        size = 4 if version > 2 else 2
        if kind == b"infe" and version >= 2 and exactly(data, at + 6 + size, 4) == b"Exif":
            found.add(number(data, at + 4, size))
    return found


def _places(data: MediaData, start: int, allowance: Allowance) -> dict[int, list[tuple[int, int]]]:
    """Offset and length of the parts of each item that is in the file itself."""
    version = number(data, start, 1)
    sizes = number(data, start + 4, 2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    if version == 0:
        index_size = 0
    wide = 4 if version == 2 else 2
    at = start + 6
    count, at = number(data, at, wide), at + wide
    places: dict[int, list[tuple[int, int]]] = {}
    for _ in range(count):
        allowance.count_part()
        item, at = number(data, at, wide), at + wide
        method = 0
        if version:
            method, at = number(data, at, 2) & 15, at + 2
        at += 2  # the number of the file, 0 for this one
        base, at = number(data, at, base_size), at + base_size
        extents, at = number(data, at, 2), at + 2
        parts = []
        for _ in range(extents):
            allowance.count_part()
            at += index_size
            offset, at = number(data, at, offset_size), at + offset_size
            length, at = number(data, at, length_size), at + length_size
            parts.append((base + offset, length))
        if item in places:
            raise BrokenFile("an item in it stands twice")
        if method == 0:
            places[item] = parts
    return places
