"""What an answer with a file's content means, for a download that may have begun before: pure decisions.

Nothing here sends anything or touches the disk. Retrying is decided in `retry`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_CONTENT_RANGE = re.compile(r"\s*bytes\s+(\d+)-(\d+)/(\d+|\*)\s*", re.IGNORECASE)
_LENGTH = re.compile(r"\s*(\d+)\s*")

# What a storage answers to an address whose signature no longer holds.
REFUSALS = frozenset((400, 401, 403, 410))


@dataclass(frozen=True, slots=True)
class Content:
    """What an answer says of the content that it carries.

    `offset` is the place of its first byte in the file, `size` that of the whole file in bytes (None when unknown).
    `validator` changes whenever the content does (None when there is none). `media_type` is without parameters. What
    `is_encoded` has to be decoded, and cannot be continued in the middle.
    """

    offset: int
    size: int | None
    validator: str | None
    media_type: str | None
    is_encoded: bool = False

    def continues(self, earlier: Content) -> bool:
        """Whether this is surely the same file as in an earlier answer."""
        if self.size is None or self.size != earlier.size:
            return False
        return self.validator == earlier.validator


def read_content(status: int, headers: Mapping[str, str], position: int) -> Content | None:
    """What an answer below 400 carries; None when it is of no use to a download that has `position` bytes.

    200 is the whole file, 206 a part of it, which must begin where it was asked to.
    """
    encoding = headers.get("content-encoding", "identity").strip().lower()
    is_encoded = encoding not in ("", "identity")
    # The length and validator of an encoded body say nothing about the file.
    validator = None if is_encoded else _validator(headers)
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower() or None
    if status == 200:
        length = _LENGTH.fullmatch(headers.get("content-length", ""))
        size = int(length[1]) if length and not is_encoded else None
        return Content(0, size, validator, media_type, is_encoded)
    if status != 206 or is_encoded:
        return None
    found = _CONTENT_RANGE.fullmatch(headers.get("content-range", ""))
    if found is None or int(found[1]) != position or int(found[2]) < position:
        return None
    return Content(position, None if found[3] == "*" else int(found[3]), validator, media_type)


def range_headers(position: int, content: Content | None) -> list[tuple[bytes, bytes]]:
    """The headers that ask for what follows `position`, if the file is still the one that was begun."""
    if position <= 0:
        return []
    headers = [(b"Range", f"bytes={position}-".encode())]
    if content is not None and content.validator is not None:
        headers.append((b"If-Range", content.validator.encode("latin-1", "ignore")))
    return headers


def _validator(headers: Mapping[str, str]) -> str | None:
    etag = headers.get("etag", "").strip()
    if etag and not etag.startswith("W/"):  # a weak one may stay the same when bytes change
        return etag
    return headers.get("last-modified", "").strip() or None
