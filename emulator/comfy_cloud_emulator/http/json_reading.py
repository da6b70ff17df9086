"""Reading JSON of clients, within bounds: whatever is read can be written again.

The decoder takes more levels than the encoder, so a document between the two would fail later, when
it is stored or shown. Empty arrays and objects take far more memory than text.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

MOST_CONTAINERS: Final = 1_000_000
"""Arrays and objects in one document."""
MOST_LEVELS: Final = 200
"""Arrays and objects around one value; what is stored gets some more around it."""
_ENCODED_LEVELS: Final = 254


class JsonRefused(ValueError):
    """The text is not JSON, or beyond the bounds. The message ends a sentence: "the body is"."""


def read_json(text: bytes | str) -> Any:
    """The value of a JSON text. Raises JsonRefused."""
    # Brackets inside strings count as well; no real document has a million of them.
    if isinstance(text, bytes):
        containers = text.count(b"[") + text.count(b"{")
    else:
        containers = text.count("[") + text.count("{")
    if containers > MOST_CONTAINERS:
        raise JsonRefused(f"JSON with more than {MOST_CONTAINERS} arrays and objects")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        is_deep = "depth" in str(error) or "ecursion" in str(error)
        raise JsonRefused(_TOO_DEEP if is_deep else "not JSON") from error
    if containers > MOST_LEVELS and not _can_be_encoded(value):
        raise JsonRefused(_TOO_DEEP)
    return value


_TOO_DEEP: Final = f"JSON that is nested too deeply; at most {MOST_LEVELS} levels"


def _can_be_encoded(value: Any) -> bool:
    """Whether the encoder takes the value with more levels around it."""
    for _ in range(_ENCODED_LEVELS - MOST_LEVELS):
        value = [value]
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return True
