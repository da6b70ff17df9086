"""Looking for JSON with the shape of a workflow anywhere in a file.

The last resort for files whose metadata stands where no reader looks for it: behind the end, in a
part that a program added, or in a part whose lengths are wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from .bounded_reader import MediaData, NamedText, decoded

# A graph begins with a node, and a layout with one of the editor's own keys.
_BEGINNING = re.compile(
    rb'\{\s*"[^"{}\\]{1,80}"\s*:\s*\{\s*"(?:class_type|inputs|_meta|is_changed)"'
    rb'|\{\s*"(?:id|revision|last_node_id|last_link_id|nodes|prompt|workflow)"\s*:'
)
# Metadata stands at either end of a file. The middle of a video is gigabytes.
_SEARCHED = 16 * 1024 * 1024
_MOST_TRIES = 50
# All tries together parse so many bytes at most.
_MOST_PARSED = 32 * 1024 * 1024


def texts_anywhere(data: MediaData) -> Iterator[NamedText]:
    """JSON objects in the first and the last 16 MiB that begin as a workflow does."""
    size = len(data)
    parts = [(0, min(size, _SEARCHED))]
    if size > _SEARCHED:
        parts.append((max(_SEARCHED, size - _SEARCHED), size))
    tries, left = 0, _MOST_PARSED
    for start, end in parts:
        part, at = data[start:end], 0
        while tries < _MOST_TRIES and left > 0 and (match := _BEGINNING.search(part, at)):
            tries += 1
            text, at, parsed = _object_at(part, match.start(), left)
            left -= parsed
            if text:
                yield "", text


def _object_at(part: bytes, start: int, most: int) -> tuple[str, int, int]:
    """The JSON object that begins here, empty if there is none; where to go on; bytes parsed."""
    end = part.find(b"\0", start, start + most)
    content = part[start : end if end >= 0 else start + most]
    text = decoded(content)
    try:
        _, length = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return "", start + 1, len(content)
    return text[:length], start + len(text[:length].encode()), len(content)
