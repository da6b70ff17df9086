"""Looking for JSON with the shape of a workflow anywhere in a file.

The last resort for files whose metadata stands where no reader looks for it: behind the end, in a
part that a program added, in a part whose lengths are wrong, or in a format without a reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from .bounded_reader import MediaData, NamedText, decoded
from .embedded_json import SearchBudget, embedded_json

# Metadata stands at either end of a file. The middle of a video is gigabytes.
_SEARCHED = 16 * 1024 * 1024
# What a graph or a layout contains, with the quotation marks of JSON in JSON, XML and URLs.
_MARKS = re.compile(rb'class_type|(?:"|&quot;|%22)nodes(?:"|\\"|&quot;|%22)')
_WIDE = {
    encoding: re.compile(b"|".join(re.escape(mark.encode(encoding)) for mark in ("class_type", '"nodes"')))
    for encoding in ("utf-16-le", "utf-16-be")
}
_MOST_MARKS = 1000


def texts_anywhere(data: MediaData) -> Iterator[NamedText]:
    """JSON objects in the first and the last 16 MiB that begin as a workflow does."""
    size, budget = len(data), SearchBudget()
    parts = [(0, min(size, _SEARCHED))]
    if size > _SEARCHED:
        parts.append((max(_SEARCHED, size - _SEARCHED), size))
    for start, end in parts:
        yield from texts_in_bytes(data[start:end], budget)


def texts_in_bytes(part: bytes, budget: SearchBudget) -> Iterator[NamedText]:
    """JSON objects in bytes, which need not be text, that begin as a workflow does."""
    if _MARKS.search(part):
        for found in embedded_json(part.decode("utf-8", "surrogateescape"), budget, any_object=False):
            yield "", _as_latin_1(found.text)
    for encoding, marks in _WIDE.items():
        # Each text may begin at an even or at an odd offset.
        for start in sorted({match.start() % 2 for match in islice(marks.finditer(part), _MOST_MARKS)}):
            for found in embedded_json(part[start:].decode(encoding, "replace"), budget, any_object=False):
                yield "", found.text


def _as_latin_1(text: str) -> str:
    """Text whose bytes are not UTF-8, as Latin-1."""
    try:
        return text if text.isascii() else decoded(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # half a character, which JSON can escape
        return text
