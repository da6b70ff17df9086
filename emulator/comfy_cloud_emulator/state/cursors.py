"""The cursors of paged lists: JSON as URL-safe base64, opaque to clients."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import orjson


class BadCursor(ValueError):
    """The `after` text was not made by this server, or not for this order."""


UNREADABLE = "after: use the next_cursor of an earlier page, unchanged"


def encode_cursor(value: Any) -> str:
    """A JSON value as a cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


def decode_cursor(cursor: str) -> Any:
    """The JSON value in a cursor. Raises BadCursor."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeError, orjson.JSONDecodeError) as error:
        raise BadCursor(UNREADABLE) from error
