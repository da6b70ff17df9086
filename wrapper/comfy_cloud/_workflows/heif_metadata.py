"""The EXIF and XMP texts of AVIF and HEIF images. What a text means is decided in `media_files`."""

from __future__ import annotations

from collections.abc import Iterator

from .av_metadata import boxes
from .bounded_reader import Allowance, BrokenFile, MediaData, NamedText, exactly, number
from .metadata_blocks import block_texts


def heif_texts(data: MediaData, allowance: Allowance) -> Iterator[NamedText]:
    """The EXIF and XMP texts of an AVIF or HEIF image: ISO 23008-12, items for metadata."""
    for kind, start, end in boxes(data, 0, len(data), allowance):
        if kind != b"meta":
            continue
        items: dict[int, bytes] = {}
        places: dict[int, list[tuple[int, int]]] = {}
        in_metadata = 0
        for inner, at, stop in boxes(data, start + 4, end, allowance):
            if inner == b"iinf":
                items = _metadata_items(data, at, stop, allowance)
            elif inner == b"iloc":
                places = _places(data, at, allowance)
            elif inner == b"idat":
                in_metadata = at
        for item in sorted(items.keys() & places.keys()):
            block = b"".join(
                allowance.take(data, at if at >= 0 else in_metadata - at - 1, size)
                for at, size in places[item]
            )
            # Four bytes say how much introduction precedes the EXIF block.
            skipped = 4 + number(block, 0, 4) if items[item] == b"Exif" else 0
            yield from block_texts(block[skipped:], allowance)


def _metadata_items(data: MediaData, start: int, end: int, allowance: Allowance) -> dict[int, bytes]:
    """The ids of the items that are EXIF, or of a media type, as XMP is; with their types."""
    first = start + (6 if number(data, start, 1) == 0 else 8)
    found = {}
    for kind, at, _ in boxes(data, first, end, allowance):
        version = number(data, at, 1)
        size = 4 if version > 2 else 2
        if kind == b"infe" and version >= 2:
            item_type = exactly(data, at + 6 + size, 4)
            if item_type in (b"Exif", b"mime"):
                found[number(data, at + 4, size)] = item_type
    return found


def _places(data: MediaData, start: int, allowance: Allowance) -> dict[int, list[tuple[int, int]]]:
    """Offset and length of the parts of each item that is in the file itself.

    An offset within the metadata's own data is -1 minus the offset.
    """
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
            parts.append((base + offset if method == 0 else -1 - base - offset, length))
        if item in places:
            raise BrokenFile("an item in it stands twice")
        if method in (0, 1):
            places[item] = parts
    return places
