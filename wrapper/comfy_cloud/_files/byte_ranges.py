"""What a response contains of a file, and how to request the rest of it.

Pure: nothing here sends a request or writes a file. Retries are decided in `retry`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_CONTENT_RANGE = re.compile(r"\s*bytes\s+(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)\s*", re.IGNORECASE)
_LENGTH = re.compile(r"\s*(\d{1,18})\s*")

# How storage responds to a signed URL that has expired.
EXPIRED_URL_STATUSES = frozenset((400, 401, 403, 410))


@dataclass(frozen=True, slots=True)
class ContentInfo:
    """What the headers of a response say about its content.

    `offset` is where its first byte belongs in the file. `size` is the length of the whole file in
    bytes, None if unknown. `validator` changes whenever the content does, None if there is none.
    `media_type` is without parameters. Content that `is_encoded` has to be decoded, and cannot be
    continued from the middle.
    """

    offset: int
    size: int | None
    validator: str | None
    media_type: str | None
    is_encoded: bool = False

    def continues(self, earlier: ContentInfo) -> bool:
        """Whether this is certainly the same file as in an earlier response."""
        if self.size is None or self.size != earlier.size:
            return False
        return self.validator == earlier.validator


def content_info(status: int, headers: Mapping[str, str], position: int) -> ContentInfo | None:
    """What a response with a status below 400 contains.

    Status 200 is the whole file, 206 a part of it, which has to begin where it was requested.
    Returns None if a download that already has `position` bytes cannot use the response.
    """
    encoding = headers.get("content-encoding", "identity").strip().lower()
    is_encoded = encoding not in ("", "identity")
    # The length and validator of an encoded body say nothing about the file.
    validator = None if is_encoded else _validator(headers)
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower() or None
    if status == 200:
        length = _LENGTH.fullmatch(headers.get("content-length", ""))
        size = int(length[1]) if length and not is_encoded else None
        return ContentInfo(0, size, validator, media_type, is_encoded)
    if status != 206 or is_encoded:
        return None
    found = _CONTENT_RANGE.fullmatch(headers.get("content-range", ""))
    if found is None or int(found[1]) != position or int(found[2]) < position:
        return None
    return ContentInfo(position, None if found[3] == "*" else int(found[3]), validator, media_type)


def range_headers(position: int, content: ContentInfo | None) -> list[tuple[bytes, bytes]]:
    """The headers that request what follows `position`, unless the file has changed.

    `content` is what the earlier response contained, if there was one.
    """
    if position <= 0:
        return []
    headers = [(b"Range", f"bytes={position}-".encode())]
    if content is not None and content.validator is not None:
        headers.append((b"If-Range", content.validator.encode("latin-1", "ignore")))
    return headers


def _validator(headers: Mapping[str, str]) -> str | None:
    etag = headers.get("etag", "").strip()
    if etag and not etag.startswith("W/"):  # a weak ETag may stay the same when bytes change
        return etag
    return headers.get("last-modified", "").strip() or None
