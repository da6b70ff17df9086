"""What a response contains of a file, and how to request the rest of it.

Bytes of two responses are only put together if both are certainly of the same content: a strong
validator says so (RFC 9110, 8.8.1), or a known hash of the whole file will prove it.

Pure: nothing here sends a request or writes a file. Retries are decided in `retry`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b

_CONTENT_RANGE = re.compile(r"\s*bytes\s+(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)\s*", re.IGNORECASE)
_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')
_LENGTH = re.compile(r"\s*(\d{1,18})\s*")

# A Last-Modified date is a strong validator if the response is this much younger, so that a second
# change within the same second, or clocks that differ, can be ruled out (RFC 9110, 8.8.2.2).
_SETTLED = timedelta(seconds=60)

# How storage responds to a signed URL that has expired.
EXPIRED_URL_STATUSES = frozenset((400, 401, 403, 410))


@dataclass(frozen=True, slots=True)
class ContentInfo:
    """What the headers of a response say about its content.

    `offset` is where its first byte belongs in the file. `size` is the length of the whole file in
    bytes, None if unknown. `validator` is a strong one: it changes whenever the content does; None
    if there is none. `etag` and `modified` are the headers as sent, also if they are weak.
    `media_type` is without parameters. Content that `is_encoded` has to be decoded, and cannot be
    continued from the middle. `has_ranges` says that the server offers parts of it.
    """

    offset: int
    size: int | None
    validator: str | None
    media_type: str | None
    is_encoded: bool = False
    etag: str | None = field(default=None, compare=False)
    modified: str | None = field(default=None, compare=False)
    has_ranges: bool = field(default=False, compare=False)

    def continues(self, earlier: ContentInfo) -> bool:
        """Whether this is certainly the same content as in an earlier response."""
        if self.size is None or self.validator is None:
            return False
        return self.validator == earlier.validator and self.has_size_of(earlier)

    def may_continue(self, earlier: ContentInfo) -> bool:
        """Whether no header says that this is other content than in an earlier response."""
        return (
            self.has_size_of(earlier)
            and (self.etag is None or earlier.etag in (None, self.etag))
            and (self.modified is None or earlier.modified in (None, self.modified))
        )

    def has_size_of(self, earlier: ContentInfo) -> bool:
        """Whether the whole file has the same length, as far as the lengths are known."""
        return self.size is None or earlier.size in (None, self.size)


def content_info(status: int, headers: Mapping[str, str], position: int) -> ContentInfo | None:
    """What a response with a status below 400 contains.

    Status 200 is the whole file, 206 a part of it, which has to begin where it was requested.
    Returns None if a download that already has `position` bytes cannot use the response.
    """
    encoding = headers.get("content-encoding", "identity").strip().lower()
    is_encoded = encoding not in ("", "identity")
    # The length and validator of an encoded body say nothing about the file.
    validator = None if is_encoded else _strong_validator(headers)
    etag = headers.get("etag", "").strip() or None
    modified = headers.get("last-modified", "").strip() or None
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower() or None
    if status == 200:
        length = _LENGTH.fullmatch(headers.get("content-length", ""))
        size = int(length[1]) if length and not is_encoded else None
        has_ranges = headers.get("accept-ranges", "").strip().lower() == "bytes" and not is_encoded
        return ContentInfo(0, size, validator, media_type, is_encoded, etag, modified, has_ranges)
    if status != 206 or is_encoded:
        return None
    found = _CONTENT_RANGE.fullmatch(headers.get("content-range", ""))
    if found is None or int(found[1]) != position or int(found[2]) < position:
        return None
    if found[3] == "*" and position == 0:  # nobody requested a part, and it may be cut off anywhere
        return None
    size = None if found[3] == "*" else int(found[3])
    return ContentInfo(position, size, validator, media_type, False, etag, modified, True)


def range_headers(
    position: int, content: ContentInfo | None, *, is_proved: bool = False, end: int | None = None
) -> list[tuple[bytes, bytes]]:
    """The headers that request what follows `position`, unless the file has changed.

    `content` is what the earlier response contained. Without a strong validator there are no
    headers, and the whole file is requested; unless it `is_proved`: its hash is compared at the
    end. With `end` only the bytes before it are requested.
    """
    if content is None or (position <= 0 and end is None):
        return []
    last = "" if end is None else end - 1
    headers = [(b"Range", f"bytes={position}-{last}".encode())]
    if content.validator is not None:
        return [*headers, (b"If-Range", content.validator.encode("latin-1"))]
    return headers if is_proved else []


class RangesRefused(Exception):
    """A part of a file cannot be had, or is of another version: the whole file must be requested.

    It never reaches a user.
    """


class PassedOn:
    """The bytes of a stream that were passed on, which a response from the start must repeat."""

    def __init__(self) -> None:
        self._length = 0
        self._digest = blake2b()
        self._repeated = blake2b()

    def feed(self, offset: int, chunk: bytes) -> bool:
        """Take the chunk at an offset; False if it differs from what was passed on before."""
        if offset == 0:
            self._repeated = blake2b()
        known = chunk[: max(0, self._length - offset)]
        if known:
            self._repeated.update(known)
            is_last = offset + len(known) == self._length
            if is_last and self._repeated.digest() != self._digest.digest():
                return False
        new = chunk[len(known) :]
        self._digest.update(new)
        self._length += len(new)
        return True


def _strong_validator(headers: Mapping[str, str]) -> str | None:
    """The validator for If-Range. A date is not used beside an ETag (RFC 9110, 13.1.5)."""
    etag = headers.get("etag", "").strip()
    if etag:  # a weak one may stay the same when bytes change
        return etag if _STRONG_ETAG.fullmatch(etag) else None
    modified = headers.get("last-modified", "").strip()
    try:
        age = parsedate_to_datetime(headers.get("date", "")) - parsedate_to_datetime(modified)
    except (TypeError, ValueError, OverflowError):
        return None
    return modified if modified.isascii() and age >= _SETTLED else None
